//! From text to types: each setting read, defaulted and checked; what does not hold becomes one line.
//! It must not know how text becomes a value (`values`) nor where it came from (`layers`).

use super::{
    Cap, Config, DatabaseUrl, Error, FlushWindow, ForwardedHeader, HEARTBEAT, HOST_AWAY_MAX, Limits,
    LogFormat, Notice, PICTURE_ALONE_MAX, Purpose, Registration, SecretKey, SecretOrigin, StreamsBy,
    layers::{Found, Layers, limit_key, one_line},
    ownership,
    secret::{self, Weakness},
    values::{self, Read},
};
use log::Level;
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// The embedded database, in the data directory.
pub(super) const DATABASE_FILE: &str = "livehouse.db";
/// Where pictures are, for want of another word.
const MEDIA_PORT: u16 = 8082;
/// That of RTMP everywhere.
const RTMP_PORT: u16 = 1935;
const WORKERS_MAX: u64 = 1024;
const DRAIN_MAX_S: u64 = 3600;
const BYTES_MAX: u64 = 1 << 30;
const KEY_HINT: &str = "at least 32 random bytes in LIVEHOUSE_SECRET_KEY_FILE or LIVEHOUSE_SECRET_KEY, \
    such as `openssl rand -base64 48` prints";

pub(super) fn resolve(layers: &Layers, purpose: Purpose) -> Result<Config, Error> {
    let reader = Reader(layers);
    let mut notices = Vec::from_iter(of_kubernetes(&layers.of_kubernetes));
    let data_dir = reader.read("data_dir", values::path)?.unwrap_or_else(|| PathBuf::from("./data"));
    let production = reader.read("production", values::switch)?.unwrap_or(false);
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    refuse_redis(layers)?;
    let listen = reader.read("listen", values::listen)?.unwrap_or(loopback(8080));
    let config = Config {
        listen,
        media_listen: SocketAddr::new(listen.ip(), MEDIA_PORT),
        media_addresses: Vec::new(),
        rtmp_listen: Some(SocketAddr::new(listen.ip(), RTMP_PORT)),
        turn: None,
        picture_alone_max: PICTURE_ALONE_MAX,
        ops_listen: reader.read("ops_listen", values::listen)?.unwrap_or(loopback(8081)),
        database_url: database_url(layers, &data_dir, &mut notices)?,
        redis_url: None,
        workers: reader.number("workers", 1..=WORKERS_MAX)?.map_or_else(cores, |count| count as usize),
        public_url: reader.read("public_url", values::public_url)?,
        allowed_origins: reader.read("allowed_origins", values::origins)?.unwrap_or_default(),
        trusted_proxies: reader.read("trusted_proxies", values::networks)?.unwrap_or_default(),
        forwarded_header: reader
            .read("forwarded_header", values::forwarded_header)?
            .unwrap_or(ForwardedHeader::XForwardedFor),
        registration: reader
            .read("registration", |text| values::word(text, &["open", "closed"]))?
            .unwrap_or(Registration::Open),
        streams_by: reader
            .read("streams_by", |text| values::word(text, &["everyone", "granted"]))?
            .unwrap_or(StreamsBy::Everyone),
        flush_window: reader.read("flush_window_ms", values::flush_window)?.unwrap_or(FlushWindow::Auto),
        heartbeat: HEARTBEAT,
        host_away_max: HOST_AWAY_MAX,
        drain: Duration::from_secs(reader.number("drain_s", 0..=DRAIN_MAX_S)?.unwrap_or(5)),
        production,
        log: reader.read("log", values::log_filter)?.unwrap_or_else(|| "info".to_owned()),
        log_format: reader
            .read("log_format", |text| values::word(text, &["text", "json"]))?
            .unwrap_or(LogFormat::Text),
        limits: limits(&reader)?,
        secret_key_previous: previous_key(layers, production, purpose)?,
        // Last, for it may write: a configuration with a mistake in it leaves nothing behind.
        secret_key: secret_key(layers, &data_dir, production, purpose, &mut notices)?,
        data_dir,
        notices: Vec::new(),
    };
    Ok(Config { notices, ..config })
}

fn of_kubernetes(variables: &[String]) -> Option<Notice> {
    let names = variables.join(", ");
    let text = format!("ignored, for Kubernetes sets them for a service of the name livehouse: {names}");
    (!variables.is_empty()).then_some(Notice { level: Level::Info, text })
}

struct Reader<'a>(&'a Layers);

impl Reader<'_> {
    fn read<T>(&self, key: &str, read: impl FnOnce(&str) -> Read<T>) -> Result<Option<T>, Error> {
        let Some(found) = self.0.find(key) else { return Ok(None) };
        let text = found.value.trim();
        let value = values::plain(text).and_then(read);
        value.map(Some).map_err(|allowed| Error {
            key: found.key,
            found: format!("{:?}", values::mask_credentials(found.value)),
            allowed,
        })
    }

    fn number(&self, key: &str, range: std::ops::RangeInclusive<u64>) -> Result<Option<u64>, Error> {
        self.read(key, |text| values::number(text, range))
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, |count| count.get())
}

fn limits(reader: &Reader<'_>) -> Result<Limits, Error> {
    let count = |name: &str, default: Cap| {
        let count = reader.number(&limit_key(name), 0..=u64::from(u32::MAX))?;
        Ok(count.map_or(default, |count| Cap::new(count as u32)))
    };
    let bytes = |name: &str, default: usize| {
        Ok(reader.number(&limit_key(name), 1..=BYTES_MAX)?.map_or(default, |bytes| bytes as usize))
    };
    let limits = Limits::read(count, bytes)?;
    let on = reader.read("limits", values::switch)?.unwrap_or(true);
    Ok(if on { limits } else { limits.lift() })
}

fn database_url(layers: &Layers, data_dir: &Path, notices: &mut Vec<Notice>) -> Result<DatabaseUrl, Error> {
    let Some(found) = layers.find_secret("database_url")? else {
        return Ok(DatabaseUrl::Sqlite(data_dir.join(DATABASE_FILE)));
    };
    let text = found.value.expose_secret().trim();
    let url = values::plain(text).and_then(values::database_url).map_err(|allowed| Error {
        key: found.key.clone(),
        found: format!("{:?}", values::mask_url(found.value.expose_secret())),
        allowed,
    })?;
    if found.by_flag && matches!(url, DatabaseUrl::Postgres(_)) {
        let text = "a database URL on the command line can be read by every process of this machine: \
            better LIVEHOUSE_DATABASE_URL_FILE";
        notices.push(Notice { level: Level::Warn, text: text.to_owned() });
    }
    Ok(url)
}

/// One node for now; a node that thinks it is alone beside others would lose their comments.
fn refuse_redis(layers: &Layers) -> Result<(), Error> {
    let Some(found) = layers.find_secret("redis_url")? else { return Ok(()) };
    let allowed = "nothing: several nodes are not supported by this version, which serves one".to_owned();
    Err(Error {
        key: found.key,
        found: format!("{:?}", values::mask_url(found.value.expose_secret())),
        allowed,
    })
}

fn previous_key(layers: &Layers, production: bool, purpose: Purpose) -> Result<Option<SecretKey>, Error> {
    if purpose == Purpose::Operate {
        return Ok(None);
    }
    let found = layers.find_secret("secret_key_previous")?;
    found.map(|found| given_key(found, production).map(|(key, _)| key)).transpose()
}

/// A secret of the operator. A short or known one protects nobody and is refused; a doubtful one, where it is in earnest.
fn given_key(found: Found<SecretString>, production: bool) -> Result<(SecretKey, Option<Notice>), Error> {
    let key = SecretKey::given(found.value);
    match key.weakness() {
        Some(Weakness::Refused(weakness)) => {
            Err(Error { key: found.key, found: weakness, allowed: KEY_HINT.to_owned() })
        }
        Some(Weakness::Doubtful(weakness)) if production => {
            Err(Error { key: found.key, found: weakness, allowed: KEY_HINT.to_owned() })
        }
        Some(Weakness::Doubtful(weakness)) => {
            let text = format!("{}: {weakness} protects nobody; --production refuses it", found.key);
            Ok((key, Some(Notice { level: Level::Warn, text })))
        }
        None => Ok((key, None)),
    }
}

fn secret_key(
    layers: &Layers,
    data_dir: &Path,
    production: bool,
    purpose: Purpose,
    notices: &mut Vec<Notice>,
) -> Result<SecretKey, Error> {
    if purpose == Purpose::Operate {
        return Ok(SecretKey::missing());
    }
    if let Some(found) = layers.find_secret("secret_key")? {
        let (key, notice) = given_key(found, production)?;
        notices.extend(notice);
        make_data_dir(data_dir, purpose)?;
        return Ok(key);
    }
    if production {
        let found = "none, so that one would be generated, which --production refuses".to_owned();
        return Err(Error { key: "LIVEHOUSE_SECRET_KEY".to_owned(), found, allowed: KEY_HINT.to_owned() });
    }
    make_data_dir(data_dir, purpose)?;
    own_key(data_dir, purpose, notices)
}

/// The owner's alone where it is made here: it will hold password hashes.
fn make_data_dir(data_dir: &Path, purpose: Purpose) -> Result<(), Error> {
    if purpose != Purpose::Serve {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(data_dir).map_err(|error| bad_data_dir(format!("{data_dir:?} ({})", one_line(&error))))
}

fn bad_data_dir(found: String) -> Error {
    Error {
        key: "data_dir".to_owned(),
        found,
        allowed: "a directory that can be made and written to".to_owned(),
    }
}

fn own_key(data_dir: &Path, purpose: Purpose, notices: &mut Vec<Notice>) -> Result<SecretKey, Error> {
    let path = secret::path_in(data_dir);
    // Where nothing can be read or made, the key is not to blame.
    let fail = |found: String| match ownership::may_write_in(data_dir) {
        true => Error {
            key: "secret_key".to_owned(),
            found: format!("{found} in {path:?}"),
            allowed: KEY_HINT.to_owned(),
        },
        false => bad_data_dir(ownership::described(data_dir)),
    };
    let (key, is_new) = match purpose {
        Purpose::Serve => SecretKey::load_or_generate(data_dir).map_err(fail)?,
        Purpose::Inspect | Purpose::Operate => {
            (SecretKey::load(data_dir).map_err(fail)?.unwrap_or_else(SecretKey::missing), false)
        }
    };
    if is_new {
        let text = format!("no secret key is given: generated one in {}", path.display());
        notices.push(Notice { level: Level::Info, text });
    }
    if key.origin() == SecretOrigin::Generated && secret::is_open_to_others(&path) {
        let text = format!("{} can be read by others: chmod 600 it", path.display());
        notices.push(Notice { level: Level::Warn, text });
    }
    Ok(key)
}
