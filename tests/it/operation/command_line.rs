//! The command line: what it prints and what it ends with.

use crate::tools::{Place, Running};
use std::fs;

const BAD_CONFIGURATION: i32 = 78;

#[test]
fn the_version_and_the_help_are_answers() {
    let place = Place::new();
    assert_eq!(place.run("--version").ok(), format!("livehouse {}\n", env!("CARGO_PKG_VERSION")));
    let help = place.run("--help").ok();
    for flag in
        ["--listen", "--ops-listen", "--data-dir", "--production", "--limits", "serve", "admin", "config"]
    {
        assert!(help.contains(flag), "{flag} is not in {help}");
    }
}

#[test]
fn a_bad_configuration_ends_with_78_and_one_line() {
    let place = Place::new();
    let toml = place.file("bad.toml", "lissten = 1");
    let mistakes = [
        ("--listen nowhere".to_owned(), "--listen: found \"nowhere\"; allowed: HOST:PORT"),
        ("serve --workers 0".to_owned(), "--workers: found \"0\"; allowed: a whole number"),
        ("config check --limits maybe".to_owned(), "--limits: found \"maybe\"; allowed: on or off"),
        ("config print --log-format xml".to_owned(), "--log-format"),
        ("--lissten 127.0.0.1:0".to_owned(), "--lissten"),
        ("serve --secret-key hunter2".to_owned(), "--secret-key"),
        ("--database-url mysql://ana:hunter2@db/x".to_owned(), "mysql://ana:***@db/x"),
        ("--redis-url redis://:hunter2@cache".to_owned(), "beside an SQLite database"),
        ("--production".to_owned(), "openssl rand"),
        (format!("--config {toml}"), "lissten in "),
        ("--config missing.toml".to_owned(), "missing.toml"),
        ("nonsense".to_owned(), "nonsense"),
    ];
    for (arguments, told) in mistakes {
        let line = place.run(&arguments).refused(BAD_CONFIGURATION);
        assert!(line.starts_with("livehouse: ") && line.contains(told), "{arguments}: {line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
    assert!(!place.path("data").exists(), "a refused start leaves nothing behind");
}

#[test]
fn a_mistyped_variable_ends_with_78_and_one_line() {
    let place = Place::new();
    let line = place.run_with("config check", &[("LIVEHOUSE_LISTEM", "1")], "").refused(BAD_CONFIGURATION);
    assert!(line.contains("LIVEHOUSE_LISTEM: found an unknown key; allowed: LIVEHOUSE_LISTEN"), "{line}");
    place.run_with("config check", &[("LIVEHOUSE_REQUIRE_POSTGRES", "1")], "").ok();
}

#[test]
fn config_check_says_ok_and_writes_nothing() {
    let place = Place::new();
    assert_eq!(place.run("config check").ok(), "ok\n");
    assert!(!place.path("data").exists());
}

#[test]
fn config_print_shows_flag_over_environment_over_file_and_masks_secrets() {
    let place = Place::new();
    let toml = place.file("house.toml", "workers = 3\ndrain_s = 3\nlog = \"warn\"\n");
    let secret = "k2Vq9XwT0bLr5uJc8HnYd3Pz7sGfA1mEoQ4tWxRi6vKjSyBh";
    let environment = [
        ("LIVEHOUSE_WORKERS", "4"),
        ("LIVEHOUSE_DRAIN_S", "4"),
        ("LIVEHOUSE_SECRET_KEY", secret),
        ("LIVEHOUSE_LIMITS_CONNECTIONS", "0"),
    ];
    let shown = place.run_with(&format!("config print --config {toml} --workers 5"), &environment, "").ok();
    for line in ["workers = 5", "drain_s = 4", "log = \"warn\"", "limits_connections = 0", "limits = \"on\""]
    {
        assert!(shown.lines().any(|found| found == line), "{line} is not in {shown}");
    }
    assert!(shown.contains("secret_key = \"***") && !shown.contains(secret), "{shown}");
}

#[cfg(unix)]
#[test]
fn production_takes_a_good_secret_from_a_file() {
    let place = Place::new();
    let key = place.file("key", "k2Vq9XwT0bLr5uJc8HnYd3Pz7sGfA1mEoQ4tWxRi6vKjSyBh\n");
    place.run(&format!("config check --production --secret-key-file {key}")).ok();
    let weak = place.file("weak", "changeme-changeme-changeme-changeme\n");
    let line =
        place.run(&format!("config check --production --secret-key-file {weak}")).refused(BAD_CONFIGURATION);
    assert!(line.contains("a sample secret") && !line.contains("changeme-"), "{line}");
    fs::remove_file(key).expect("it was there");
}

#[test]
fn a_server_that_cannot_listen_says_so_in_lines_of_json_and_ends_with_1() {
    let place = Place::new();
    // An address for documentation, which no machine has.
    let ended = place.run("--listen 192.0.2.1:9 --ops-listen 127.0.0.1:0 --log-format json");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let records: Vec<serde_json::Value> =
        ended.stderr.lines().map(|line| serde_json::from_str(line).expect("a record is JSON")).collect();
    let has = |level: &str, text: &str| {
        records.iter().any(|record| {
            record["level"] == level
                && record["message"].as_str().is_some_and(|message| message.contains(text))
        })
    };
    assert!(has("info", "generated one in ./data/secret.key"), "{ended:?}");
    assert!(has("error", "192.0.2.1:9"), "{ended:?}");
}

#[tokio::test]
async fn health_is_0_for_a_server_that_is_ready_and_1_with_a_line_for_one_that_is_not() {
    let place = Place::new();
    let server = Running::start(&place, &[]);
    let listen = format!("--listen 127.0.0.1:{}", server.port());
    assert_eq!(place.run(&format!("health {listen}")).ok(), "");
    let toml = place.file("house.toml", &format!("listen = \"0.0.0.0:{}\"\n", server.port()));
    // Neither its secrets nor its directory are looked at.
    let environment = [("LIVEHOUSE_SECRET_KEY_FILE", "missing"), ("LIVEHOUSE_DATA_DIR", "missing")];
    place.run_with(&format!("health --config {toml}"), &environment, "").ok();
    server.stop();
    let line = place.run(&format!("health {listen}")).refused(1);
    assert!(line.contains("/health/ready: ") && line.contains("refused"), "{line}");
    place.run("health --lissten 127.0.0.1:1").refused(BAD_CONFIGURATION);
}

#[test]
fn shells_are_told_of_every_command_and_the_manual_has_a_page_for_each() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let told = place.run(&format!("completions {shell}")).ok();
        assert!(
            told.contains("livehouse") && told.contains("ops-listen") && told.contains("backup"),
            "{shell}"
        );
    }
    let page = place.run("man").ok();
    assert!(page.contains(".TH livehouse 1") && page.contains("LIVEHOUSE_SECRET_KEY_FILE"), "{page}");
    fs::create_dir(place.path("pages")).expect("a directory for a test");
    assert_eq!(place.run("man --into pages").ok(), "");
    for name in ["livehouse", "livehouse-serve", "livehouse-admin-backup", "livehouse-config-print"] {
        let page = fs::read_to_string(place.path("pages").join(format!("{name}.1"))).expect("a page");
        assert!(page.contains(".SH SYNOPSIS"), "{page}");
    }
    let line = place.run("man --into missing").refused(1);
    assert!(line.contains("cannot be written"), "{line}");
    for what in ["man", "completions bash"] {
        let full = fs::File::options().write(true).open("/dev/full").expect("Linux has one");
        let ended = place.command(what).stdout(full).output().expect("it runs");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{said}");
        assert!(said.starts_with("livehouse: ") && said.contains("cannot be written"), "{said}");
    }
}
