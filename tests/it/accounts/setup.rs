//! The first administrator: made once, by whoever reads the log.

use crate::tools::{Client, PASSWORD, Place, Running};
use serde_json::{Value, json};

/// The token in the address that the log shows.
async fn shown(server: &Running) -> String {
    let line = server.says("ready: http://").await;
    let at = format!("http://127.0.0.1:{}/setup?token=", server.port());
    let (_, rest) =
        line.split_once(&at).unwrap_or_else(|| panic!("no address to make an administrator: {line}"));
    rest.split(',').next().unwrap().to_owned()
}

fn body(token: &str, username: &str) -> Value {
    json!({"token": token, "username": username, "password": PASSWORD})
}

async fn is_admin(client: &Client) -> bool {
    let bob = client.post("/users", json!({"username": "bob", "password": PASSWORD})).await.ok();
    let token = bob["session"]["access_token"].as_str().unwrap();
    let private = json!({"title": "For friends", "visibility": "private"});
    let stream = client.with_token(token).post("/streams", private).await.ok();
    client.get(&format!("/streams/{}", stream["id"].as_str().unwrap())).await.status == 200
}

#[tokio::test]
async fn whoever_reads_the_log_makes_the_first_administrator_and_nobody_a_second_one() {
    let place = Place::new();
    let server = Running::start(&place, &[]);
    let (token, guest) = (shown(&server).await, server.guest());
    assert_eq!(token.len(), 32);
    for (wrong, status, code) in [
        (body("", "ana"), 403, "forbidden"),
        (body(&"0".repeat(32), "ana"), 403, "forbidden"),
        (body(&token[1..], "ana"), 403, "forbidden"),
        (json!({"token": token, "username": "ana", "password": "short"}), 422, "invalid_field"),
        (json!({"token": token, "username": "", "password": PASSWORD}), 422, "invalid_field"),
        (json!({"username": "ana", "password": PASSWORD}), 422, "invalid_field"),
    ] {
        guest.post("/setup", wrong).await.refused(status, code);
    }
    let made = guest.post("/setup", body(&token, "Ana")).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    assert_eq!(made["user"]["username"], "Ana");
    let ana = guest.with_token(made["session"]["access_token"].as_str().unwrap());
    assert!(is_admin(&ana).await);
    for token in [&token, "wrong"] {
        guest.post("/setup", body(token, "eve")).await.refused(404, "not_found");
    }
    assert!(!server.stop().concat().contains(PASSWORD));

    let again = Running::start(&place, &[]);
    let line = again.says("ready: http://").await;
    assert!(!line.contains("token"), "{line}");
    again.guest().post("/setup", body(&token, "eve")).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_token_is_another_at_each_start_and_ends_with_an_administrator_from_elsewhere() {
    let place = Place::new();
    let server = Running::start(&place, &[]);
    let first = shown(&server).await;
    server.stop();
    let server = Running::start(&place, &[("LIVEHOUSE_PUBLIC_URL", "https://live.example")]);
    let line = server.says("ready: http://").await;
    let (_, second) =
        line.split_once(", to make its administrator: https://live.example/setup?token=").unwrap();
    let second = second.split(',').next().unwrap();
    assert_ne!(first, second);
    server.guest().post("/setup", body(&first, "ana")).await.refused(403, "forbidden");
    place.run_with("admin create ana", &[], PASSWORD).ok();
    server.guest().post("/setup", body(second, "eve")).await.refused(404, "not_found");
}

#[tokio::test]
async fn of_two_at_once_one_becomes_the_administrator() {
    let place = Place::new();
    let server = Running::start(&place, &[]);
    let (token, guest) = (shown(&server).await, server.guest());
    let (one, other) =
        tokio::join!(guest.post("/setup", body(&token, "ana")), guest.post("/setup", body(&token, "eve")));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 404]);
}

#[tokio::test]
async fn who_guesses_is_slowed_down() {
    let place = Place::new();
    let mut command = place.command(&crate::tools::SERVE.replace("--limits off", ""));
    command.env("LIVEHOUSE_LIMITS_LOGINS_PER_ACCOUNT", "3");
    let server = Running::begin(command);
    for _ in 0..3 {
        server.guest().post("/setup", body("wrong", "eve")).await.refused(403, "forbidden");
    }
    server.guest().post("/setup", body("wrong", "eve")).await.refused(429, "rate_limited");
}
