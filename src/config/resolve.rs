//! From text to types: each setting read, defaulted and checked; what does not hold becomes one line.
//! It must not know how text becomes a value (`values`) nor where it came from (`layers`).

use super::{
    Cap, Config, DatabaseUrl, Error, Limits, Notice, Purpose, RtmpListen, SecretKey, SecretOrigin,
    layers::{Found, Layers},
    limits::limit_key,
    media_servers, nodes, one_line, ownership,
    secret::{self, Weakness},
    values,
};
use log::Level;
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs,
    path::{Path, PathBuf},
};

const BYTES_MAX: usize = 1 << 30;
const KEY_HINT: &str = "at least 32 random bytes in LIVEHOUSE_SECRET_KEY_FILE or LIVEHOUSE_SECRET_KEY, \
    such as `openssl rand -base64 48` prints";

pub(super) fn resolve(layers: &Layers, purpose: Purpose) -> Result<Config, Error> {
    let data_dir = layers.read("data_dir", values::path)?.unwrap_or_else(|| PathBuf::from("./data"));
    let mut config = Config::of_defaults(&data_dir);
    config.notices.extend(of_kubernetes(&layers.of_kubernetes));
    config.set(|key, read| layers.read(key, read).map(drop))?;
    // Pictures are where the site is, unless somebody says otherwise.
    let host = config.listen.ip();
    if layers.find("media_listen").is_none() {
        config.media_listen.set_ip(host);
    }
    if let (RtmpListen::At(address), None) = (&mut config.rtmp_listen, layers.find("rtmp_listen")) {
        address.set_ip(host);
    }
    config.limits = limits(layers)?;
    set_turn_secret(&mut config, layers, purpose)?;
    set_media_servers(&mut config, layers, purpose)?;
    set_database_url(&mut config, layers)?;
    set_redis_url(&mut config, layers, purpose)?;
    if purpose != Purpose::Operate {
        let previous = layers.find_secret("secret_key_previous")?;
        let previous = previous.map(|found| given_key(found, config.production)).transpose()?;
        config.secret_key_previous = previous.map(|(key, _)| key);
        // Last, for it may write: a configuration with a mistake in it leaves nothing behind.
        config.secret_key = secret_key(&mut config, layers, purpose)?;
    }
    Ok(config)
}

fn of_kubernetes(variables: &[String]) -> Option<Notice> {
    let names = variables.join(", ");
    let text = format!("ignored, for Kubernetes sets them for a service of the name livehouse: {names}");
    (!variables.is_empty()).then_some(Notice { level: Level::Info, text })
}

fn limits(layers: &Layers) -> Result<Limits, Error> {
    let count = |name: &str, default| {
        let count = layers.read(&limit_key(name), values::number(0..=u32::MAX))?;
        Ok(count.map_or(default, Cap::new))
    };
    let bytes = |name: &str, default| {
        Ok(layers.read(&limit_key(name), values::number(1..=BYTES_MAX))?.unwrap_or(default))
    };
    let limits = Limits::read(count, bytes)?;
    let on = layers.read("limits", values::switch)?.unwrap_or(true);
    Ok(if on { limits } else { limits.lift() })
}

/// A relay and its secret are of no use without each other.
fn set_turn_secret(config: &mut Config, layers: &Layers, purpose: Purpose) -> Result<(), Error> {
    if purpose == Purpose::Operate {
        return Ok(());
    }
    let secret = layers.find_secret("turn_secret")?.filter(|found| !found.value.expose_secret().is_empty());
    let error = |key: &str, found: &str, allowed: &str| Error {
        key: key.to_owned(),
        found: found.to_owned(),
        allowed: allowed.to_owned(),
    };
    match (&config.turn_url, &secret) {
        (Some(_), None) => Err(error(
            "LIVEHOUSE_TURN_SECRET",
            "none, though there is a turn_url",
            "the static-auth-secret of that server, in LIVEHOUSE_TURN_SECRET_FILE or LIVEHOUSE_TURN_SECRET",
        )),
        (None, Some(found)) => Err(error(&found.key, "a secret of no relay", "one beside a turn_url")),
        _ => {
            config.turn_secret = secret.map(|found| found.value);
            Ok(())
        }
    }
}

/// Media servers of other projects: what they show when they call, and where they are called.
fn set_media_servers(config: &mut Config, layers: &Layers, purpose: Purpose) -> Result<(), Error> {
    if purpose == Purpose::Operate {
        return Ok(());
    }
    if let Some(found) = layers.find_secret("media_hook_secret")? {
        media_servers::hook_secret(found.value.expose_secret()).map_err(|allowed| Error {
            key: found.key,
            found: "another text".to_owned(),
            allowed,
        })?;
        config.media_hook_secret = Some(found.value);
    }
    if let Some(found) = layers.find_secret("media_server_api")? {
        let text = found.value.expose_secret().trim();
        let api = values::plain(text).and_then(media_servers::media_server_api).map_err(|allowed| Error {
            key: found.key.clone(),
            found: format!("{:?}", values::mask_url(found.value.expose_secret())),
            allowed,
        })?;
        if found.by_flag && api.is_secret() {
            config
                .notices
                .push(on_the_command_line("a media server's password", "LIVEHOUSE_MEDIA_SERVER_API_FILE"));
        }
        config.media_server_api = Some(api);
    }
    Ok(())
}

fn set_database_url(config: &mut Config, layers: &Layers) -> Result<(), Error> {
    let Some(found) = layers.find_secret("database_url")? else { return Ok(()) };
    let text = found.value.expose_secret().trim();
    let url = values::plain(text).and_then(values::database_url).map_err(|allowed| Error {
        key: found.key.clone(),
        found: format!("{:?}", values::mask_url(found.value.expose_secret())),
        allowed,
    })?;
    if found.by_flag && matches!(url, DatabaseUrl::Postgres(_)) {
        config.notices.push(on_the_command_line("a database URL", "LIVEHOUSE_DATABASE_URL_FILE"));
    }
    config.database_url = url;
    Ok(())
}

/// Several nodes share a database, and trust each other's tokens.
fn set_redis_url(config: &mut Config, layers: &Layers, purpose: Purpose) -> Result<(), Error> {
    if purpose == Purpose::Operate {
        return Ok(());
    }
    let Some(found) = layers.find_secret("redis_url")? else { return Ok(()) };
    let text = found.value.expose_secret().trim();
    let read = values::plain(text).and_then(nodes::redis_url);
    let error = |found: Found<SecretString>, beside: &str, allowed: String| Error {
        key: found.key,
        found: format!("{:?}{beside}", values::mask_url(found.value.expose_secret())),
        allowed,
    };
    let url = match read {
        Ok(url) => url,
        Err(allowed) => return Err(error(found, "", allowed)),
    };
    if matches!(config.database_url, DatabaseUrl::Sqlite(_)) {
        let allowed = "nothing, or a database_url with postgres://, which several nodes can share".to_owned();
        return Err(error(found, " beside an SQLite database", allowed));
    }
    if layers.find_secret("secret_key")?.is_none() {
        let allowed = format!("one key for all nodes: {KEY_HINT}");
        return Err(error(found, " without a secret key", allowed));
    }
    if found.by_flag {
        config.notices.push(on_the_command_line("a Redis URL", "LIVEHOUSE_REDIS_URL_FILE"));
    }
    config.redis_url = Some(url);
    Ok(())
}

fn on_the_command_line(what: &str, better: &str) -> Notice {
    let text =
        format!("{what} on the command line can be read by every process of this machine: better {better}");
    Notice { level: Level::Warn, text }
}

/// A secret of the operator. A short or known one protects nobody and is refused; a doubtful one, where it is in earnest.
fn given_key(found: Found<SecretString>, production: bool) -> Result<(SecretKey, Option<Notice>), Error> {
    let key = SecretKey::given(found.value);
    match key.weakness() {
        Some(Weakness::Doubtful(weakness)) if !production => {
            let text = format!("{}: {weakness} protects nobody; --production refuses it", found.key);
            Ok((key, Some(Notice { level: Level::Warn, text })))
        }
        Some(Weakness::Refused(weakness) | Weakness::Doubtful(weakness)) => {
            Err(Error { key: found.key, found: weakness, allowed: KEY_HINT.to_owned() })
        }
        None => Ok((key, None)),
    }
}

fn secret_key(config: &mut Config, layers: &Layers, purpose: Purpose) -> Result<SecretKey, Error> {
    let given = layers.find_secret("secret_key")?;
    let given = given.map(|found| given_key(found, config.production)).transpose()?;
    if given.is_none() && config.production {
        let found = "none, so that one would be generated, which --production refuses".to_owned();
        return Err(Error { key: "LIVEHOUSE_SECRET_KEY".to_owned(), found, allowed: KEY_HINT.to_owned() });
    }
    make_data_dir(&config.data_dir, purpose)?;
    let Some((key, notice)) = given else { return own_key(&config.data_dir, purpose, &mut config.notices) };
    config.notices.extend(notice);
    Ok(key)
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
