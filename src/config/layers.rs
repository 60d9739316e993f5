//! Where settings come from: flags over environment over file, each a map from key to text.
//! It must not know what a value means; it knows which keys exist.

use super::{Error, Flags, Limits};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt, fs,
    io::Read,
    path::{Path, PathBuf},
};

/// Keys of flag (`--ops-listen`), environment (`LIVEHOUSE_OPS_LISTEN`) and file (`ops_listen`); limits aside.
const KEYS: &[&str] = &[
    "listen",
    "ops_listen",
    "data_dir",
    "database_url",
    "database_url_file",
    "redis_url",
    "redis_url_file",
    "workers",
    "public_url",
    "allowed_origins",
    "trusted_proxies",
    "registration",
    "streams_by",
    "flush_window_ms",
    "drain_s",
    "production",
    "secret_key",
    "secret_key_file",
    "secret_key_previous",
    "secret_key_previous_file",
    "log",
    "log_format",
    "limits",
];

/// Variables that begin like ours and are not: switches of the test suite, and what Kubernetes sets for a
/// service of the name "livehouse".
const FOREIGN: &[&str] = &["REQUIRE_", "TEST_", "AXE", "SERVICE_", "PORT"];

const PREFIX: &str = "LIVEHOUSE_";
const LIMIT_PREFIX: &str = "limits_";
/// A configuration is a page of text; what is larger is another file.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// All layers, the strongest first.
pub(super) struct Layers(Vec<Layer>);

struct Layer {
    place: Place,
    values: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
enum Place {
    Flag,
    Environment,
    File(PathBuf),
}

/// One value and where it was set.
pub(super) struct Found<T> {
    pub value: T,
    /// The key as it was written there, for messages.
    pub key: String,
    /// Whether it came from the command line, where others can see it.
    pub by_flag: bool,
}

impl<T> Found<T> {
    fn map<U>(self, f: impl FnOnce(T) -> U) -> Found<U> {
        Found { value: f(self.value), key: self.key, by_flag: self.by_flag }
    }
}

impl Layers {
    /// Reads flags, environment and the file that they name.
    pub fn gather(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Layers, Error> {
        let given = flags.given().into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut environment = from_environment(environment)?;
        let file = flags.config.clone().or_else(|| environment.remove("config").map(PathBuf::from));
        let mut layers = vec![
            Layer { place: Place::Flag, values: given },
            Layer { place: Place::Environment, values: environment },
        ];
        if let Some(path) = file {
            let values = from_file(&path)?;
            layers.push(Layer { place: Place::File(path), values });
        }
        Ok(Layers(layers))
    }

    /// The strongest value of a key.
    pub fn find(&self, key: &str) -> Option<Found<&str>> {
        self.0.iter().find_map(|layer| layer.find(key))
    }

    /// The strongest value of a key that may also be given as the name of a file that holds it.
    pub fn find_secret(&self, key: &str) -> Result<Option<Found<SecretString>>, Error> {
        let file_key = format!("{key}_file");
        for layer in &self.0 {
            match (layer.find(key), layer.find(&file_key)) {
                (None, None) => continue,
                (Some(found), None) => return Ok(Some(found.map(SecretString::from))),
                (None, Some(file)) => return read_secret(file).map(Some),
                (Some(found), Some(file)) => {
                    let allowed = format!("one of {} and {}", found.key, file.key);
                    return Err(Error { key: found.key, found: "both".to_owned(), allowed });
                }
            }
        }
        Ok(None)
    }
}

impl Layer {
    fn find(&self, key: &str) -> Option<Found<&str>> {
        let value = self.values.get(key)?;
        let by_flag = matches!(self.place, Place::Flag);
        Some(Found { value, key: self.place.name_of(key), by_flag })
    }
}

impl Place {
    fn name_of(&self, key: &str) -> String {
        match self {
            Place::Flag => format!("--{}", key.replace('_', "-")),
            Place::Environment => format!("{PREFIX}{}", key.to_ascii_uppercase()),
            Place::File(path) => format!("{key} in {}", path.display()),
        }
    }
}

fn is_known(key: &str) -> bool {
    let limit = key.strip_prefix(LIMIT_PREFIX).is_some_and(|name| Limits::NAMES.contains(&name));
    limit || KEYS.contains(&key)
}

/// An unset variable and an empty one are the same: that is how compose files leave one out.
fn from_environment(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, Error> {
    let mut values = BTreeMap::new();
    for (name, value) in variables {
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        if FOREIGN.iter().any(|foreign| rest.starts_with(foreign)) || value.is_empty() {
            continue;
        }
        let name = format!("{PREFIX}{rest}");
        let key = rest.to_ascii_lowercase();
        if rest.bytes().any(|byte| byte.is_ascii_lowercase()) || !(is_known(&key) || key == "config") {
            return Err(unknown(name, |key| Place::Environment.name_of(key)));
        }
        let Some(value) = value.to_str() else {
            let found = "bytes that are not UTF-8".to_owned();
            return Err(Error { key: name, found, allowed: "UTF-8 text".to_owned() });
        };
        values.insert(key, value.to_owned());
    }
    Ok(values)
}

fn from_file(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    let name = format!("--config {}", path.display());
    let fail = |found: String| Error { key: name.clone(), found, allowed: "a readable TOML file".to_owned() };
    let text = read_text(path).map_err(fail)?;
    let table: toml::Table = text.parse().map_err(|error| fail(describe(&error, &text)))?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        if !is_known(&key) {
            let place = Place::File(path.to_path_buf());
            return Err(unknown(place.name_of(&key.escape_debug().to_string()), str::to_owned));
        }
        let text = flatten(&value).ok_or_else(|| Error {
            key: Place::File(path.to_path_buf()).name_of(&key),
            found: format!("a TOML {}", value.type_str()),
            allowed: "text, a whole number, true or false, or a list of text".to_owned(),
        })?;
        values.insert(key, text);
    }
    Ok(values)
}

/// The same text that flag and environment would have.
fn flatten(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(toml::Value::as_str).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        _ => None,
    }
}

fn describe(error: &toml::de::Error, text: &str) -> String {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..start].iter().filter(|&&byte| byte == b'\n').count() + 1;
    format!("a mistake in line {line} ({})", error.message().replace('\n', ", "))
}

fn unknown(key: String, name: impl Fn(&str) -> String) -> Error {
    let limits = Limits::NAMES.iter().map(|limit| format!("{LIMIT_PREFIX}{limit}"));
    let names: Vec<_> =
        KEYS.iter().map(|key| (*key).to_owned()).chain(limits).map(|key| name(&key)).collect();
    Error { key, found: "an unknown key".to_owned(), allowed: names.join(", ") }
}

fn read_secret(file: Found<&str>) -> Result<Found<SecretString>, Error> {
    match read_text(Path::new(file.value)) {
        Ok(text) => Ok(file.map(|_| SecretString::from(text.trim_end_matches(['\r', '\n'])))),
        Err(found) => Err(Error {
            found: format!("{:?}, {found}", file.value),
            allowed: "a readable text file".into(),
            key: file.key,
        }),
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| one_line(&error))?;
    file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| one_line(&error))?;
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("more than {FILE_BYTES_MAX} bytes"));
    }
    Ok(text)
}

/// An error of the system in one line.
pub(super) fn one_line(error: &dyn fmt::Display) -> String {
    error.to_string().escape_debug().to_string()
}

/// The key of a limit.
pub(super) fn limit_key(name: &str) -> String {
    format!("{LIMIT_PREFIX}{name}")
}
