//! Secrets: where they come from, which are refused, and that they show nowhere.

use super::*;

/// 48 random bytes in base64, made for this test.
const GOOD: &str = "k2Vq9XwT0bLr5uJc8HnYd3Pz7sGfA1mEoQ4tWxRi6vKjSyBhUaNpZlDgMeCfIrOq";

fn serve(dir: &Dir, given: Given) -> Result<Config, Error> {
    let data_dir = dir.0.join("data");
    let flags = given.flag(|flags| flags.data_dir = Some(data_dir.to_str().unwrap().to_owned()));
    Config::load(&flags.flags, flags.environment, Purpose::Serve)
}

#[test]
fn a_server_without_a_key_makes_one_says_so_and_keeps_it() {
    let dir = Dir::new();
    let first = serve(&dir, given()).unwrap();
    assert_eq!(first.secret_key.origin(), SecretOrigin::Generated);
    assert!(first.secret_key.expose_bytes().len() >= secret::SECRET_BYTES_MIN);
    assert!(
        first.notices.iter().any(|notice| notice.text.contains("generated one in")),
        "{:?}",
        first.notices
    );
    let second = serve(&dir, given()).unwrap();
    assert_eq!(second.secret_key.expose_bytes(), first.secret_key.expose_bytes());
    assert!(second.notices.is_empty(), "{:?}", second.notices);
    let other = serve(&Dir::new(), given()).unwrap();
    assert_ne!(other.secret_key.expose_bytes(), first.secret_key.expose_bytes());
}

#[cfg(unix)]
#[test]
fn the_generated_key_is_the_owners_alone_and_an_open_one_is_noticed() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new();
    serve(&dir, given()).unwrap();
    assert_eq!(dir.0.join("data").metadata().unwrap().permissions().mode() & 0o777, 0o700);
    let path = dir.0.join("data/secret.key");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let config = serve(&dir, given()).unwrap();
    assert!(config.notices.iter().any(|notice| notice.level == log::Level::Warn), "{:?}", config.notices);
}

#[cfg(unix)]
#[test]
fn a_key_is_never_written_through_a_link_nor_over_a_file() {
    let dir = Dir::new();
    fs::create_dir(dir.0.join("data")).unwrap();
    let target = dir.0.join("elsewhere");
    std::os::unix::fs::symlink(&target, dir.0.join("data/secret.key")).unwrap();
    assert!(serve(&dir, given()).is_err());
    assert!(!target.exists());
    fs::remove_file(dir.0.join("data/secret.key")).unwrap();
    dir.write("data/secret.key", "cut off");
    let error = serve(&dir, given()).unwrap_err();
    assert!(error.found.contains("7 bytes in") && error.found.contains("secret.key"), "{error}");
    assert_eq!(fs::read_to_string(dir.0.join("data/secret.key")).unwrap(), "cut off");
}

#[test]
fn looking_at_a_configuration_writes_nothing() {
    let dir = Dir::new();
    let data_dir = dir.0.join("data").to_str().unwrap().to_owned();
    let config = given().env("LIVEHOUSE_DATA_DIR", &data_dir).load().unwrap();
    assert_eq!(config.secret_key.origin(), SecretOrigin::Missing);
    assert!(!dir.0.join("data").exists());
}

#[test]
fn a_configuration_with_a_mistake_leaves_nothing_behind() {
    let dir = Dir::new();
    serve(&dir, given().env("LIVEHOUSE_LIMITS_CONNECTIONS", "many")).unwrap_err();
    assert!(!dir.0.join("data").exists());
}

#[test]
fn a_data_directory_that_cannot_be_is_a_mistake_in_the_configuration() {
    let dir = Dir::new();
    dir.write("data", "a file");
    let error = serve(&dir, given()).unwrap_err();
    assert_eq!(error.key, "data_dir");
    assert!(error.found.contains("data"), "{error}");
}

#[test]
fn production_refuses_generated_empty_short_and_sample_secrets() {
    let dir = Dir::new();
    serve(&dir, given()).expect("one is generated");
    let production = || given().env("LIVEHOUSE_PRODUCTION", "on");
    let none = serve(&dir, production()).unwrap_err();
    assert!(none.key.contains("SECRET_KEY") && none.allowed.contains("openssl rand"), "{none}");
    let weak = [
        "changeme-changeme-changeme-changeme",
        "please-replace-this-example-by-random-bytes",
        "this is my secret and it is long enough",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "0123456789012345678901234567890123456789",
        "abababababababababababababababababababababab",
    ];
    for weak in weak {
        for variable in ["LIVEHOUSE_SECRET_KEY", "LIVEHOUSE_SECRET_KEY_PREVIOUS"] {
            let good = if variable.ends_with("PREVIOUS") { GOOD } else { "" };
            let error =
                serve(&dir, production().env("LIVEHOUSE_SECRET_KEY", good).env(variable, weak)).unwrap_err();
            assert!(error.key.starts_with(variable) && error.allowed.contains("32 random bytes"), "{error}");
            assert!(!error.to_string().contains(weak), "{error}");
        }
    }
    let empty = dir.write("empty", "\n");
    assert!(serve(&dir, production().env("LIVEHOUSE_SECRET_KEY_FILE", &empty)).is_err());
    let config = serve(&dir, production().env("LIVEHOUSE_SECRET_KEY", GOOD)).unwrap();
    assert_eq!(config.secret_key.origin(), SecretOrigin::Given);
    let hexadecimal = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    serve(&dir, production().env("LIVEHOUSE_SECRET_KEY", hexadecimal)).unwrap();
}

#[test]
fn a_short_masked_or_known_secret_is_refused_everywhere_and_a_doubtful_one_is_warned_of() {
    let dir = Dir::new();
    for bad in [
        "short",
        &GOOD[..31],
        "*** (generated)",
        "*** (given) and made longer than thirty-two bytes",
        "changeme-changeme-changeme-changeme",
        "SecretSecretSecretSecretSecretSecret",
        "12345678 12345678 12345678 12345678",
        secret::OF_TESTS,
    ] {
        for variable in ["LIVEHOUSE_SECRET_KEY", "LIVEHOUSE_SECRET_KEY_PREVIOUS"] {
            let error =
                serve(&dir, given().env("LIVEHOUSE_SECRET_KEY", GOOD).env(variable, bad)).unwrap_err();
            assert!(error.key == variable && error.allowed.contains("32 random bytes"), "{bad}: {error}");
        }
    }
    let doubtful = "this is my secret and it is long enough";
    let config = serve(&dir, given().env("LIVEHOUSE_SECRET_KEY", doubtful)).unwrap();
    assert!(
        config.notices.iter().any(|notice| notice.text.contains("a sample secret")),
        "{:?}",
        config.notices
    );
    let empty = dir.write("empty", "");
    let error = serve(&dir, given().env("LIVEHOUSE_SECRET_KEY_FILE", &empty)).unwrap_err();
    assert!(error.found.contains("empty"), "{error}");
}

#[test]
fn what_is_printed_is_no_secret_to_start_on() {
    let dir = Dir::new();
    let printed = serve(&dir, given()).unwrap().to_toml();
    assert!(printed.contains("# secret_key = \"*** (generated, in the data directory)\"\n"), "{printed}");
    let first = serve(&dir, given().file(&dir, &printed)).unwrap();
    assert_eq!(first.secret_key.origin(), SecretOrigin::Generated);
    let uncommented = printed.replace(
        "# secret_key = \"*** (generated, in the data directory)\"",
        "secret_key = \"*** (generated)\"",
    );
    let error = serve(&dir, given().file(&dir, &uncommented)).unwrap_err();
    assert!(error.key.starts_with("secret_key in ") && error.found.contains("masked"), "{error}");
}

#[test]
fn every_secret_can_be_read_from_a_file_without_its_last_newline() {
    let dir = Dir::new();
    let key = dir.write("key", &format!("{GOOD}\r\n"));
    let url = dir.write("url", "sqlite:elsewhere.db\n");
    let config = serve(
        &dir,
        given()
            .env("LIVEHOUSE_SECRET_KEY_FILE", &key)
            .env("LIVEHOUSE_SECRET_KEY_PREVIOUS_FILE", &key)
            .env("LIVEHOUSE_DATABASE_URL_FILE", &url),
    )
    .unwrap();
    assert_eq!(config.secret_key.expose_bytes(), GOOD.as_bytes());
    assert_eq!(config.secret_key_previous.unwrap().expose_bytes(), GOOD.as_bytes());
    assert_eq!(config.database_url.masked(), "sqlite:elsewhere.db");
    let missing = serve(&dir, given().env("LIVEHOUSE_SECRET_KEY_FILE", "/nowhere/key")).unwrap_err();
    assert!(missing.found.contains("/nowhere/key") && missing.found.contains("No such file"), "{missing}");
}

#[test]
fn a_secret_and_its_file_in_one_place_are_one_too_many() {
    let dir = Dir::new();
    let key = dir.write("key", GOOD);
    let both = given().env("LIVEHOUSE_SECRET_KEY", GOOD).env("LIVEHOUSE_SECRET_KEY_FILE", &key);
    let error = serve(&dir, both).unwrap_err();
    assert_eq!(error.found, "both");
    let flag = given()
        .env("LIVEHOUSE_DATABASE_URL_FILE", "/nowhere")
        .flag(|flags| flags.database_url = Some("sqlite:a.db".to_owned()));
    assert_eq!(serve(&dir, flag).unwrap().database_url.masked(), "sqlite:a.db", "the flag is stronger");
}

#[test]
fn secrets_show_neither_in_print_nor_in_debug() {
    let dir = Dir::new();
    let previous = GOOD.to_lowercase();
    let mut config = serve(
        &dir,
        given().env("LIVEHOUSE_SECRET_KEY", GOOD).env("LIVEHOUSE_SECRET_KEY_PREVIOUS", &previous),
    )
    .unwrap();
    config.database_url =
        DatabaseUrl::Postgres("postgres://ana:hunter2@db.example/live?password=hunter2".into());
    config.redis_url = Some(nodes::redis_url("redis://:hunter2@cache.example").unwrap());
    let shown = format!("{}{config:?}", config.to_toml());
    for secret in [GOOD, previous.as_str(), "hunter2"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(shown.contains("postgres://ana:***@db.example/live?***"), "{shown}");
}

#[test]
fn urls_with_passwords_are_masked_in_errors() {
    for (name, value) in [
        ("PUBLIC_URL", "https://ana:hunter2@live.example"),
        ("PUBLIC_URL", "https://ana:p@hunter2@live.example"),
        ("ALLOWED_ORIGINS", "https://a.example,https://ana:hunter2@b.example"),
        ("LISTEN", "ana:hunter2@127.0.0.1:80"),
    ] {
        let error = given().env(&format!("LIVEHOUSE_{name}"), value).refused().to_string();
        assert!(error.contains("***@") && !error.contains("hunter2"), "{error}");
    }
    for url in [
        "mysql://ana:hunter2@db.example/live",
        "host=db.example password=hunter2",
        "postgres:hunter2",
        "postgres://a:hunter2@x:y/z",
        "ana:hunter2@db.example",
    ] {
        let shown = match given().env("LIVEHOUSE_DATABASE_URL", url).load() {
            Ok(config) => format!("{}{config:?}", config.to_toml()),
            Err(error) => error.to_string(),
        };
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    let error = given().env("LIVEHOUSE_REDIS_URL", "redis://:hunter2@cache.example").refused();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[cfg(not(feature = "postgres"))]
#[test]
fn postgres_without_its_feature_says_how_to_build() {
    let error = given().env("LIVEHOUSE_DATABASE_URL", "postgres://ana:hunter2@db.example/live").refused();
    assert!(error.allowed.contains("--features postgres"), "{error}");
}

#[cfg(feature = "postgres")]
#[test]
fn postgres_is_taken_and_a_url_on_the_command_line_is_noticed() {
    let url = "postgres://ana:hunter2@db.example/live";
    use secrecy::ExposeSecret;
    let config = given().flag(|flags| flags.database_url = Some(url.to_owned())).load().unwrap();
    assert!(matches!(&config.database_url, DatabaseUrl::Postgres(found) if found.expose_secret() == url));
    assert!(config.notices.iter().any(|notice| notice.text.contains("command line")));
    assert!(given().env("LIVEHOUSE_DATABASE_URL", url).load().unwrap().notices.is_empty());
}

#[cfg(feature = "postgres")]
#[test]
fn redis_is_taken_beside_postgres_and_a_given_key() {
    let redis = "redis://:hunter2@cache.example/2";
    let database = || given().env("LIVEHOUSE_DATABASE_URL", "postgres://db.example/live");
    let error = database().env("LIVEHOUSE_REDIS_URL", redis).refused();
    assert!(
        error.found.ends_with("without a secret key") && error.allowed.contains("one key for all"),
        "{error}"
    );
    assert!(!error.to_string().contains("hunter2"), "{error}");

    let config =
        database().env("LIVEHOUSE_SECRET_KEY", GOOD).env("LIVEHOUSE_REDIS_URL", redis).load().unwrap();
    assert_eq!(config.redis_url.as_ref().unwrap().servers().collect::<Vec<_>>(), [redis]);
    let line = "# redis_url = \"*** (redis://:***@cache.example/2)\"";
    assert!(config.to_toml().lines().any(|found| found == line), "{}", config.to_toml());
    assert!(config.notices.is_empty(), "{:?}", config.notices);

    let by_flag =
        database().env("LIVEHOUSE_SECRET_KEY", GOOD).flag(|flags| flags.redis_url = Some(redis.into()));
    assert!(by_flag.load().unwrap().notices[0].text.contains("LIVEHOUSE_REDIS_URL_FILE"));
}
