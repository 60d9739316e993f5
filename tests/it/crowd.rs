//! The load tester against the real server, small: what it finds broken fails here.
//!
//! The same at full size, alone on its machine, with a release build:
//! `livehouse --limits off &`, then `livehouse crowd --viewers 0 --commenters 1000 --rate 0 --reactions 5000 --for 10s`.

use crate::server::TestServer;
use livehouse::config::Limits;
use serde_json::{Value, json};

fn crowd(server: &TestServer, how: &str) -> Value {
    let ended = server.place().run(&format!("crowd --url {} --json {how}", server.url("")));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    serde_json::from_str(&ended.stdout).expect("JSON")
}

#[tokio::test]
async fn reactions_of_a_crowd_are_counted_exactly_and_pulses_stay_few() {
    let server = TestServer::spawn_with(|config| config.limits = Limits::default().lift());
    let figures = crowd(
        &server,
        "--viewers 10 --commenters 40 --rate 0 --reactions 400 --for 2s --username-prefix fan",
    );
    let reactions = &figures["reactions"];
    let found = ["sent", "counted", "grown", "refused"].map(|name| reactions[name].clone());
    assert_eq!(found, [800, 800, 800, 0].map(|count| json!(count)), "{reactions}");
    assert_eq!((&figures["breaches"], &figures["joins"]), (&json!(0), &json!(50)), "{figures}");
}

#[tokio::test]
async fn a_reaction_beyond_the_limit_is_not_counted_and_the_rest_is() {
    let server = TestServer::spawn();
    let figures =
        crowd(&server, "--viewers 0 --commenters 1 --rate 0 --reactions 15 --for 2s --username-prefix fan");
    let number = |name: &str| figures["reactions"][name].as_u64().expect("a number");
    assert!(number("refused") > 0, "{}", figures["reactions"]);
    assert_eq!((number("sent"), number("counted")), (30, number("grown")));
}
