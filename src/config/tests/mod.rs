//! Whole configurations, from what an operator writes to what the server gets.

mod names;
mod secrets;
mod table;

use super::*;
use std::{fs, path::PathBuf};

/// A directory that is gone at the end of its test.
struct Dir(PathBuf);

impl Dir {
    fn new() -> Dir {
        let path = std::env::temp_dir().join(format!("livehouse-config-{}", uuid::Uuid::now_v7()));
        fs::create_dir(&path).unwrap();
        Dir(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// What an operator gives, in any of the three places.
#[derive(Default)]
struct Given {
    flags: Flags,
    environment: Vec<(OsString, OsString)>,
}

impl Given {
    fn env(mut self, name: &str, value: &str) -> Given {
        self.environment.push((name.into(), value.into()));
        self
    }

    fn file(mut self, dir: &Dir, text: &str) -> Given {
        self.flags.config = Some(dir.write("livehouse.toml", text).into());
        self
    }

    fn flag(mut self, set: impl FnOnce(&mut Flags)) -> Given {
        set(&mut self.flags);
        self
    }

    fn load(self) -> Result<Config, Error> {
        Config::load(&self.flags, self.environment, Purpose::Inspect)
    }

    fn refused(self) -> Error {
        let error = self.load().expect_err("this should be refused");
        assert!(!error.to_string().contains(['\n', '\r', '\u{1b}']), "{error} is more than one line");
        error
    }
}

fn given() -> Given {
    Given::default()
}

#[test]
fn without_anything_the_defaults_of_the_contract_hold() {
    let config = given().load().unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.ops_listen.to_string(), "127.0.0.1:8081");
    assert_eq!(config.data_dir, Path::new("./data"));
    assert!(matches!(&config.database_url, DatabaseUrl::Sqlite(path) if path.starts_with("./data")));
    assert_eq!(config.workers, std::thread::available_parallelism().unwrap().get());
    assert_eq!(config.registration, None);
    assert_eq!(config.streams_by, None);
    assert_eq!(config.flush_window, FlushWindow::Auto);
    assert_eq!(config.drain, Duration::from_secs(5));
    assert_eq!((config.log.as_str(), config.log_format), ("info", LogFormat::Text));
    assert!(!config.production && config.public_url.is_none() && config.redis_url.is_none());
    assert_eq!(config.limits, Limits::default());
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file() {
    let dir = Dir::new();
    let file = "workers = 3\ndrain_s = 3\nlog = \"warn\"";
    let with_file = || given().file(&dir, file);
    let with_both = || with_file().env("LIVEHOUSE_WORKERS", "4").env("LIVEHOUSE_DRAIN_S", "4");
    let config = with_both().flag(|flags| flags.workers = Some("5".into())).load().unwrap();
    assert_eq!((config.workers, config.drain.as_secs(), config.log.as_str()), (5, 4, "warn"));
}

#[test]
fn every_key_can_be_set_in_the_file_and_is_read_back_from_print() {
    let dir = Dir::new();
    let text = r#"
        listen = "[::1]:0"
        ops_listen = "127.0.0.1:1"
        data_dir = "/srv/livehouse"
        database_url = "sqlite:/srv/other.db"
        database_connections = 20
        node = "live1.example:8080"
        workers = 7
        public_url = "https://live.example:8443"
        allowed_origins = ["https://a.example", "http://b.example:81"]
        trusted_proxies = ["10.0.0.0/8", "::1/128"]
        forwarded_header = "x-real-ip"
        registration = "closed"
        streams_by = "granted"
        flush_window_ms = 20
        drain_s = 9
        production = false
        log = "warn,crate::room=debug"
        log_format = "json"
        limits = "on"
        limits_comments_per_user = 0
        limits_frame_bytes = 99
    "#;
    let printed = given().file(&dir, text).load().unwrap().to_toml();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(printed.lines().any(|found| found == line), "{line} is not in {printed}");
    }
    let again = given().file(&dir, &printed).load().unwrap();
    assert_eq!(again.to_toml(), printed);
}

#[test]
fn every_limit_of_the_contract_can_be_set_and_lifted_by_its_name() {
    for (name, default) in Limits::default().listed() {
        let variable = format!("LIVEHOUSE_LIMITS_{}", name.to_uppercase());
        let with = |value: &str| given().env(&variable, value);
        let listed = |given: Given| {
            let limits = given.load().unwrap().limits;
            limits.listed().into_iter().find(|&(found, _)| found == name).unwrap().1
        };
        assert_eq!(listed(given()), default);
        assert_eq!(listed(with("7")), 7);
        if name.ends_with("_bytes") {
            assert!(with("0").refused().to_string().contains("from 1 to"), "{name}");
        } else {
            assert_eq!(listed(with("0")), 0);
        }
    }
}

#[test]
fn limits_off_lifts_all_but_the_byte_limits_also_those_that_are_set() {
    let limits = given()
        .env("LIVEHOUSE_LIMITS", "off")
        .env("LIVEHOUSE_LIMITS_CONNECTIONS", "3")
        .env("LIVEHOUSE_LIMITS_BODY_BYTES", "512")
        .load()
        .unwrap()
        .limits;
    assert!(limits.lifted);
    assert_eq!(limits.connections, Cap::LIFTED);
    assert_eq!((limits.body_bytes, limits.outbox_bytes), (512, 1_048_576));
}

#[test]
fn each_bad_value_is_named_with_its_place_and_what_would_do() {
    let bad = [
        ("LISTEN", "8080", "HOST:PORT"),
        ("LISTEN", "127.0.0.1:65536", "HOST:PORT"),
        ("OPS_LISTEN", "host.invalid:1", "HOST:PORT"),
        ("WORKERS", "0", "from 1 to 1024"),
        ("WORKERS", "two", "from 1 to 1024"),
        ("WORKERS", "+2", "from 1 to 1024"),
        ("WORKERS", "99999999999999999999", "from 1 to 1024"),
        ("PUBLIC_URL", "live.example", "https://live.example"),
        ("PUBLIC_URL", "ftp://live.example", "https://live.example"),
        ("PUBLIC_URL", "https://live.example/path", "https://live.example"),
        ("ALLOWED_ORIGINS", "*", "https://live.example"),
        ("ALLOWED_ORIGINS", "null", "https://live.example"),
        ("ALLOWED_ORIGINS", "https://*.example", "https://live.example"),
        ("ALLOWED_ORIGINS", "https://a.example, b.example", "https://live.example"),
        ("ALLOWED_ORIGINS", "https://a.example/", "https://live.example"),
        ("TRUSTED_PROXIES", "10.0.0.0/33", "10.0.0.0/8"),
        ("TRUSTED_PROXIES", "proxy.example", "10.0.0.0/8"),
        ("REGISTRATION", "maybe", "open or invite or approval or closed"),
        ("STREAMS_BY", "Everyone", "everyone or granted"),
        ("FLUSH_WINDOW_MS", "-1", "auto, or a whole number"),
        ("FLUSH_WINDOW_MS", "1.5", "auto, or a whole number"),
        ("DRAIN_S", "5s", "from 0 to 3600"),
        ("PRODUCTION", "perhaps", "on or off"),
        ("LOG", "info,livehouse=loud", "env_logger"),
        ("LOG", "debgu", "env_logger"),
        ("LOG_FORMAT", "xml", "text or json"),
        ("LIMITS", "none", "on or off"),
        ("LIMITS_CONNECTIONS", "-1", "from 0 to"),
        ("LIMITS_CONNECTIONS", "4294967296", "from 0 to"),
        ("DATABASE_URL", "data/livehouse.db", "sqlite:FILE"),
        ("DATABASE_URL", "mysql://localhost/x", "sqlite:FILE or postgres://"),
        ("DATABASE_URL", "postgres:localhost", "sqlite:FILE or postgres://"),
        ("DATABASE_URL", "sqlite:", "sqlite:FILE"),
        ("DATABASE_URL", "sqlite::memory:", "sqlite:FILE"),
        ("REDIS_URL", "http://localhost", "redis://USER"),
        ("REDIS_URL", "redis://localhost", "a database_url with postgres://"),
        ("NODE", "two words", "such as node-1"),
        ("DATABASE_CONNECTIONS", "1", "from 2 to 1000"),
        ("LOG", "info,=warn", "env_logger"),
        ("LOG", "in\nfo", "without control characters"),
        ("DATABASE_URL", "sqlite:a\u{1b}[2J.db", "without control characters"),
        ("DATABASE_URL", "postgres://ana:***@db.example/live", "not as it is shown"),
        ("FORWARDED_HEADER", "via", "x-forwarded-for or forwarded or x-real-ip"),
    ];
    for (key, value, allowed) in bad {
        let name = format!("LIVEHOUSE_{key}");
        let error = given().env(&name, value).refused();
        assert_eq!(error.key, name);
        assert!(error.allowed.contains(allowed), "{name}={value}: {error}");
        assert!(
            key.ends_with("_URL") || error.found.contains(&format!("{value:?}")),
            "{name}={value}: {error}"
        );
    }
}

#[test]
fn good_values_of_every_shape_are_taken() {
    let load = |key: &str, value: &str| {
        given().env(&format!("LIVEHOUSE_{key}"), value).load().unwrap_or_else(|error| panic!("{error}"))
    };
    assert_eq!(load("LISTEN", "localhost:0").listen.port(), 0);
    assert!(load("LISTEN", "localhost:0").listen.ip().is_loopback());
    assert_eq!(load("LISTEN", "0.0.0.0:80").listen.to_string(), "0.0.0.0:80");
    assert_eq!(load("FLUSH_WINDOW_MS", "0").flush_window, FlushWindow::Fixed(Duration::ZERO));
    assert!(load("LOG", "off").log == "off" && load("LOG", "actix_web=warn,info/foo").log.ends_with("foo"));
    let proxies = load("TRUSTED_PROXIES", "10.1.2.3/8, 192.0.2.1,2001:db8::/32").trusted_proxies;
    let proxies: Vec<_> = proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]);
    let mapped = load("TRUSTED_PROXIES", "::ffff:127.0.0.1,::ffff:10.1.2.3/104,::/0").trusted_proxies;
    let mapped: Vec<_> = mapped.iter().map(ToString::to_string).collect();
    assert_eq!(mapped, ["127.0.0.1/32", "10.0.0.0/8", "::/0"], "as peers are written");
    assert_eq!(load("FORWARDED_HEADER", "X-Real-IP").forwarded_header, ForwardedHeader::XRealIp);
    let origins = load("ALLOWED_ORIGINS", "HTTPS://Live.Example:443,http://[::1]:81").allowed_origins;
    let origins: Vec<_> = origins.iter().map(Origin::as_str).collect();
    assert_eq!(origins, ["https://live.example", "http://[::1]:81"], "as browsers write them");
    for (url, path) in
        [("sqlite:a/b.db", "a/b.db"), ("sqlite:///a/b.db", "/a/b.db"), ("sqlite://a.db", "a.db")]
    {
        let database = load("DATABASE_URL", url).database_url;
        assert!(matches!(&database, DatabaseUrl::Sqlite(found) if found == Path::new(path)), "{database:?}");
    }
}

#[test]
fn an_empty_variable_counts_as_unset_and_lets_the_file_speak() {
    let dir = Dir::new();
    let config = given().file(&dir, "workers = 3").env("LIVEHOUSE_WORKERS", "").load().unwrap();
    assert_eq!(config.workers, 3);
}

#[test]
fn a_file_that_is_missing_broken_or_of_odd_values_is_one_line() {
    let dir = Dir::new();
    let mut missing = given();
    missing.flags.config = Some(dir.0.join("missing.toml"));
    assert!(missing.refused().found.contains("No such file"));
    let broken = given().file(&dir, "workers = 1\nlisten = \"127.0.0.1:1").refused();
    assert!(broken.found.contains("line 2"), "{broken}");
    assert!(given().file(&dir, "workers = 1.5").refused().found.contains("float"));
    assert!(given().file(&dir, "workers = 1\nworkers = 2").refused().found.contains("line 2"));
    let mut directory = given();
    directory.flags.config = Some(dir.0.clone());
    directory.refused();
}

#[test]
fn the_environment_can_name_the_file() {
    let dir = Dir::new();
    let path = dir.write("other.toml", "workers = 3");
    assert_eq!(given().env("LIVEHOUSE_CONFIG", &path).load().unwrap().workers, 3);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let mut odd = given();
    odd.environment.push(("LIVEHOUSE_LOG".into(), OsString::from_vec(vec![0xff])));
    assert_eq!(odd.refused().key, "LIVEHOUSE_LOG");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_file_is_a_panic_or_more_than_a_line(text in "[\\PC\n]{0,80}|((listen|log|limits|x) = [\\PC]{0,20}\n){0,4}") {
        let dir = Dir::new();
        if let Err(error) = given().file(&dir, &text).load() {
            proptest::prop_assert!(!error.to_string().contains(['\n', '\r', '\u{1b}']), "{:?}", error.to_string());
        }
    }
}
