//! Names of settings: which exist, which was meant by one that does not, and which are somebody else's.

use super::*;

#[test]
fn an_unknown_key_is_refused_wherever_it_stands_and_the_nearest_is_named_first() {
    let dir = Dir::new();
    let error = given().file(&dir, "lissten = 1").refused();
    assert!(error.key.starts_with("lissten in ") && error.allowed.starts_with("listen, "), "{error}");
    for (asked, meant) in [
        ("LISSTEN", "LISTEN"),
        ("PORT", "LISTEN"),
        ("PORT_8080", "LISTEN"),
        ("OPS_PORT", "OPS_LISTEN"),
        ("DATABASE", "DATABASE_URL"),
        ("TEST_DATABASE_URL", "DATABASE_URL"),
        ("SECRET", "SECRET_KEY"),
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
        ("COMMENTS_PER_USER", "LIMITS_COMMENTS_PER_USER"),
        ("LIMIT_CONNECTIONS", "LIMITS_CONNECTIONS"),
        ("listen", "LISTEN"),
    ] {
        let name = format!("LIVEHOUSE_{asked}");
        let error = given().env(&name, "1").refused();
        assert_eq!((error.key.as_str(), error.found.as_str()), (name.as_str(), "an unknown key"));
        assert!(error.allowed.starts_with(&format!("LIVEHOUSE_{meant}, ")), "{asked}: {error}");
    }
    for name in ["LIVEHOUSE_", "LIVEHOUSE_LIMITS_", "LIVEHOUSE_LIMITS_LISTEN", "LIVEHOUSE_CONFIG_FILE"] {
        assert_eq!(given().env(name, "1").refused().key, name);
    }
    assert!(given().file(&dir, "config = \"x\"").refused().key.starts_with("config in"));
    given().file(&dir, "\"evil\\nkey\" = 1").refused();
}

#[test]
fn what_kubernetes_sets_for_a_service_of_our_name_is_left_alone_and_said() {
    let of_kubernetes = [
        ("SERVICE_HOST", "10.96.0.7"),
        ("SERVICE_PORT", "80"),
        ("SERVICE_PORT_HTTP", "80"),
        ("PORT", "tcp://10.96.0.7:80"),
        ("PORT_8080_TCP", "tcp://10.96.0.7:8080"),
        ("PORT_8080_TCP_PROTO", "tcp"),
        ("PORT_8080_TCP_PORT", "8080"),
        ("PORT_8080_TCP_ADDR", "10.96.0.7"),
        ("PORT_53_UDP_ADDR", "10.96.0.7"),
    ];
    let variables = of_kubernetes.iter();
    let all = variables.fold(given(), |given, (name, value)| given.env(&format!("LIVEHOUSE_{name}"), value));
    let notices = all.load().unwrap().notices;
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert_eq!(notices[0].level, log::Level::Info);
    for (name, _) in of_kubernetes {
        assert!(notices[0].text.contains(&format!("LIVEHOUSE_{name}")), "{name}: {notices:?}");
    }
    for (name, value) in [
        ("PORT", "8080"),
        ("PORTS", "tcp://10.96.0.7:80"),
        ("PORT_HTTP_TCP", "tcp://10.96.0.7:80"),
        ("PORT_99999_TCP", "x"),
        ("PORT_8080_TCP_HOST", "x"),
        ("PORT_8080_TCP_ADDR_X", "x"),
        ("SERVICE_HOSTS", "x"),
        ("SERVICE_PORT_", "x"),
        ("SERVICE_NAME", "x"),
    ] {
        let name = format!("LIVEHOUSE_{name}");
        assert_eq!(given().env(&name, value).refused().key, name);
    }
}

#[test]
fn variables_of_others_and_the_switches_of_the_test_suite_are_left_alone() {
    let names =
        ["HOME", "livehouse_listen", "LIVEHOUSE_TEST_BINARY", "LIVEHOUSE_REQUIRE_POSTGRES", "LIVEHOUSE_AXE"];
    let all = names.iter().fold(given(), |given, name| given.env(name, "anything"));
    assert!(all.load().unwrap().notices.is_empty());
    for name in ["LIVEHOUSE_TEST_X", "LIVEHOUSE_REQUIRE_X", "LIVEHOUSE_AXED"] {
        assert_eq!(given().env(name, "anything").refused().key, name);
    }
}

#[test]
fn limits_may_be_a_table_and_other_tables_are_told_what_to_be() {
    let dir = Dir::new();
    let text = "workers = 3\n[limits]\ncomments_per_user = 7\nframe_bytes = 99";
    let config = given().file(&dir, text).load().unwrap();
    assert_eq!((config.limits.comments_per_user, config.limits.frame_bytes), (Cap::new(7), 99));
    assert!(!config.limits.lifted);
    let error = given().file(&dir, "[limits]\ncomment_per_user = 7").refused();
    assert!(error.key.starts_with("limits.comment_per_user in "), "{error}");
    assert!(error.allowed.starts_with("limits_comments_per_user, "), "{error}");
    let twice = "limits_connections = 1\n[limits]\nconnections = 2";
    assert_eq!(given().file(&dir, twice).refused().found, "a second value");
    let error = given().file(&dir, "[limits]\nconnections = { a = 1 }").refused();
    assert!(error.found.contains("table") && error.allowed.contains("limits_connections ="), "{error}");
    let error = given().file(&dir, "[workers]\nx = 1").refused();
    assert!(error.found.contains("table") && error.allowed.contains("workers ="), "{error}");
}
