//! Where settings come from: flags over environment over file, each a map from key to text.
//! It must not know what a value means; it knows which keys exist.

mod kubernetes;

use super::{
    Error, Flags, Limits,
    limits::{LIMIT_PREFIX, limit_key},
    one_line,
    settings::KEYS,
    values::{self, Read},
};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

/// Switches of the test suite (ARCHITECTURE.md), without the prefix; a shell that runs tests may run the server, too.
const OF_THE_TESTS: &[&str] = &[
    "TEST_AIORTC",
    "TEST_BINARY",
    "TEST_FAKETIME",
    "TEST_KILLS",
    "TEST_NODES",
    "TEST_NODES_SEED",
    "TEST_OLD_BINARY",
    "TEST_POSTGRES_URL",
    "TEST_REDIS_URL",
    "REQUIRE_BROWSER",
    "REQUIRE_FAKETIME",
    "REQUIRE_PICTURE",
    "REQUIRE_POSTGRES",
    "REQUIRE_PROMTOOL",
    "REQUIRE_REDIS",
    "AXE",
    "MODEL_ACTS",
    "MODEL_SEED",
    "MODEL_SEEDS",
    "RACES",
];

/// Words of other programs, and ours.
const MEANT: &[(&str, &str)] = &[
    ("port", "listen"),
    ("host", "listen"),
    ("bind", "listen"),
    ("address", "listen"),
    ("base", "public"),
    ("db", "database"),
    ("threads", "workers"),
];

const PREFIX: &str = "LIVEHOUSE_";
/// A configuration is a page of text; what is larger is another file.
const FILE_BYTES_MAX: u64 = 1 << 20;

pub(super) struct Layers {
    /// The strongest first.
    layers: Vec<Layer>,
    /// Variables of Kubernetes that begin like ours.
    pub of_kubernetes: Vec<String>,
}

struct Layer {
    source: Source,
    values: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
enum Source {
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
    pub(super) fn gather(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Layers, Error> {
        let Environment { mut values, of_kubernetes } = from_environment(environment)?;
        let file = flags.config.clone().or_else(|| values.remove("config").map(PathBuf::from));
        let mut layers = vec![
            Layer { source: Source::Flag, values: flags.given() },
            Layer { source: Source::Environment, values },
        ];
        if let Some(path) = file {
            let values = from_file(&path)?;
            layers.push(Layer { source: Source::File(path), values });
        }
        Ok(Layers { layers, of_kubernetes })
    }

    pub(super) fn find(&self, key: &str) -> Option<Found<&str>> {
        self.layers.iter().find_map(|layer| layer.find(key))
    }

    /// The strongest value of a key, read from its text.
    pub(super) fn read<T>(&self, key: &str, read: impl FnOnce(&str) -> Read<T>) -> Result<Option<T>, Error> {
        let Some(found) = self.find(key) else { return Ok(None) };
        let value = values::plain(found.value.trim()).and_then(read);
        value.map(Some).map_err(|allowed| Error {
            key: found.key,
            found: format!("{:?}", values::mask_credentials(found.value)),
            allowed,
        })
    }

    /// The strongest value of a key that may also be given as the name of a file that holds it.
    pub(super) fn find_secret(&self, key: &str) -> Result<Option<Found<SecretString>>, Error> {
        let file_key = format!("{key}_file");
        for layer in &self.layers {
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
    pub(super) fn find(&self, key: &str) -> Option<Found<&str>> {
        let value = self.values.get(key)?;
        let by_flag = matches!(self.source, Source::Flag);
        Some(Found { value, key: self.source.name_of(key), by_flag })
    }
}

impl Source {
    fn name_of(&self, key: &str) -> String {
        match self {
            Source::Flag => format!("--{}", key.replace('_', "-")),
            Source::Environment => format!("{PREFIX}{}", key.to_ascii_uppercase()),
            Source::File(path) => format!("{key} in {}", path.display()),
        }
    }
}

fn is_known(key: &str) -> bool {
    let limit = key.strip_prefix(LIMIT_PREFIX).is_some_and(|name| Limits::NAMES.contains(&name));
    limit || KEYS.contains(&key)
}

struct Environment {
    values: BTreeMap<String, String>,
    of_kubernetes: Vec<String>,
}

/// An unset variable and an empty one are the same: that is how compose files leave one out.
fn from_environment(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Environment, Error> {
    let (mut values, mut of_kubernetes) = (BTreeMap::new(), Vec::new());
    for (name, value) in variables {
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        if value.is_empty() || OF_THE_TESTS.contains(&rest) {
            continue;
        }
        let name = format!("{PREFIX}{rest}");
        if kubernetes::sets(rest, &value) {
            of_kubernetes.push(name);
            continue;
        }
        let key = rest.to_ascii_lowercase();
        if rest.bytes().any(|byte| byte.is_ascii_lowercase()) || !(is_known(&key) || key == "config") {
            return Err(unknown(name, &key, |key| Source::Environment.name_of(key)));
        }
        let Some(value) = value.to_str() else {
            let found = "bytes that are not UTF-8".to_owned();
            return Err(Error { key: name, found, allowed: "UTF-8 text".to_owned() });
        };
        values.insert(key, value.to_owned());
    }
    Ok(Environment { values, of_kubernetes })
}

fn from_file(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    let name = format!("--config {}", path.display());
    let fail = |found: String| Error { key: name.clone(), found, allowed: "a readable TOML file".to_owned() };
    let text = read_text(path).map_err(fail)?;
    let table: toml::Table = text.parse().map_err(|error| fail(describe(&error, &text)))?;
    let source = Source::File(path.to_path_buf());
    let mut values = BTreeMap::new();
    for (key, value) in table {
        match value {
            toml::Value::Table(limits) if key == "limits" => {
                for (name, value) in limits {
                    let written = source.name_of(&format!("limits.{}", name.escape_debug()));
                    insert(&mut values, limit_key(&name), &value, written)?;
                }
            }
            value => {
                let written = source.name_of(&key.escape_debug().to_string());
                insert(&mut values, key, &value, written)?;
            }
        }
    }
    Ok(values)
}

/// Takes one value of a file; `written` is its key as it stands there.
fn insert(
    values: &mut BTreeMap<String, String>,
    key: String,
    value: &toml::Value,
    written: String,
) -> Result<(), Error> {
    if !is_known(&key) {
        return Err(unknown(written, &key, str::to_owned));
    }
    let Some(text) = flatten(value) else {
        let found = format!("a TOML {}", value.type_str());
        let allowed = format!("{key} = …: text, a whole number, true or false, or a list of text");
        return Err(Error { key: written, found, allowed });
    };
    if values.contains_key(&key) {
        return Err(Error {
            key: written,
            found: "a second value".to_owned(),
            allowed: format!("one {key}"),
        });
    }
    values.insert(key, text);
    Ok(())
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

/// `asked` is the key as it would be in a file.
fn unknown(written: String, asked: &str, name: impl Fn(&str) -> String) -> Error {
    let limits = Limits::NAMES.iter().map(|limit| limit_key(limit));
    let keys: Vec<String> = KEYS.iter().map(|key| (*key).to_owned()).chain(limits).collect();
    let nearest = nearest(asked, &keys);
    let others: Vec<String> = keys.iter().filter(|key| *key != nearest).map(|key| name(key)).collect();
    let allowed = format!("{}, most likely; or {}", name(nearest), others.join(", "));
    Error { key: written, found: "an unknown key".to_owned(), allowed }
}

/// Our word for one of another program.
fn ours(word: &str) -> &str {
    MEANT.iter().find(|(theirs, _)| *theirs == word).map_or(word, |(_, ours)| *ours)
}

/// The key that somebody meant who wrote `asked`.
fn nearest<'a>(asked: &str, keys: &'a [String]) -> &'a str {
    let asked = asked.to_ascii_lowercase();
    let meant = asked.split('_').map(ours).collect::<Vec<_>>().join("_");
    // A limit may be asked for without its prefix.
    let likeness = |key: &str| match key.strip_prefix(LIMIT_PREFIX) {
        Some(limit) if limit == meant => 1.0,
        _ => strsim::normalized_damerau_levenshtein(&meant, key),
    };
    let nearest = keys.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.map_or("listen", String::as_str)
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
