//! Sessions of sources and viewers by WebRTC: what a host is told of one that is not connected yet, and who may end it.
//! It must not know how a picture travels.

use super::sdp::{publish, session, view};
use crate::tools::{Scene, id_of, on_one_node, until};
use serde_json::{Value, json};

#[tokio::test]
async fn who_has_taken_the_place_is_shown_at_once_and_why_another_was_refused() {
    // Of a refusal at another node the host is told if word of it comes through.
    let Scene { host, .. } = &Scene::live_with(on_one_node).await;
    let mut at_host = host.join().await;
    let _session = session(&publish(host, "whip").await);
    let shown = host.get("ingest").await.ok();
    assert_eq!(shown["publisher"]["protocol"], "whip", "{shown}");
    assert_eq!((&shown["publisher"]["video"], &shown["last_refusal"]), (&Value::Null, &Value::Null));
    assert_eq!(host.get("").await.ok()["picture"]["state"], "waiting");
    publish(host, "whip").await.refused(409, "conflict");
    let is_told = |frame: &Value| {
        frame["publisher"]["protocol"] == "whip" && frame["last_refusal"]["code"] == "conflict"
    };
    at_host.expect_where("ingest", is_told).await;
    assert_eq!(host.get("ingest").await.ok()["last_refusal"]["code"], "conflict");
}

/// A source that was let in and then never came: no ICE, no packet.
#[tokio::test]
async fn one_that_never_comes_is_over_with_its_key_and_with_its_stream() {
    let Scene { server, host, bo } = &Scene::live_with(on_one_node).await;
    let (mut at_host, mut at_bo) = (host.join().await, bo.join().await);
    let has_none = |frame: &Value| frame["publisher"].is_null();
    for (document, rotate) in [("ingest", "ingest/rotate"), ("/users/me/ingest", "/users/me/ingest/rotate")] {
        let key = host.get(document).await.ok()["key"].as_str().unwrap().to_owned();
        let _session = session(&publish(&server.guest().with_token(&key), "/whip").await);
        at_bo.expect_where("picture", |frame| frame["state"] == "waiting").await;
        at_host.expect_where("ingest", |frame| !has_none(frame)).await;
        host.post(rotate, json!({})).await.ok();
        at_bo.expect_where("picture", |frame| frame["state"] == "none").await;
        at_host.expect_where("ingest", has_none).await;
        assert_eq!(host.get("ingest").await.ok()["publisher"], Value::Null);
    }
    let _session = session(&publish(host, "whip").await);
    at_bo.expect_where("picture", |frame| frame["state"] == "waiting").await;
    at_host.expect_where("ingest", |frame| !has_none(frame)).await;
    host.post("end", json!({})).await.ok();
    at_bo.expect_where("picture", |frame| frame["state"] == "none").await;
    at_host.expect_where("ingest", has_none).await;
    assert_eq!(host.get("").await.ok()["picture"]["state"], "none");
}

/// Where nodes share a database, each looks there which keys have changed since its pictures came.
#[tokio::test]
async fn who_comes_by_the_next_key_is_not_sent_away_with_the_one_before() {
    let Scene { server, host, bo } = &Scene::live_with(on_one_node).await;
    let mut at_bo = bo.join().await;
    let mut key = host.get("ingest").await.ok()["key"].clone();
    for _ in 0..3 {
        let encoder = server.guest().with_token(key.as_str().expect("a key"));
        let begun = session(&publish(&encoder, "/whip").await);
        at_bo.expect_where("picture", |frame| frame["state"] == "waiting").await;
        assert_eq!(encoder.delete(&begun).await.status, 200, "it is still there");
        at_bo.expect_where("picture", |frame| frame["state"] == "none").await;
        key = host.post("ingest/rotate", json!({})).await.ok()["key"].clone();
    }
}

/// Both keys lead to the stream, and each has an end of its own.
#[tokio::test]
async fn who_came_by_the_other_key_stays() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    let mut at_host = host.join().await;
    for (document, of_other) in [("ingest", "/users/me/ingest/rotate"), ("/users/me/ingest", "ingest/rotate")]
    {
        let key = host.get(document).await.ok()["key"].as_str().unwrap().to_owned();
        let encoder = server.guest().with_token(&key);
        let begun = session(&publish(&encoder, "/whip").await);
        at_host.expect_where("ingest", |frame| !frame["publisher"].is_null()).await;
        // What the first would end has ended by the time that the last is done.
        for _ in 0..3 {
            host.post(of_other, json!({})).await.ok();
        }
        assert_eq!(encoder.delete(&begun).await.status, 200, "it is still there");
        at_host.expect_where("ingest", |frame| frame["publisher"].is_null()).await;
    }
}

/// RFC 9725, 4.2: who would end a session proves it as who began it.
#[tokio::test]
async fn a_session_by_key_is_ended_with_that_key_alone() {
    let Scene { server, host, bo } = &Scene::live().await;
    let of_stream = host.get("ingest").await.ok()["key"].as_str().unwrap().to_owned();
    let of_account = host.get("/users/me/ingest").await.ok()["key"].as_str().unwrap().to_owned();
    let encoder = server.guest().with_token(&of_stream);
    let begun = session(&publish(&encoder, "/whip").await);
    let unknown = server.guest().with_token(&format!("lh_{}", "a".repeat(26)));
    for stranger in [&server.guest(), &**bo, &**host, &server.guest().with_token(&of_account), &unknown] {
        stranger.delete(&begun).await.refused(404, "not_found");
    }
    until("it is waited for", async || host.get("").await.ok()["picture"]["state"] == "waiting").await;
    assert_eq!(encoder.delete(&begun).await.status, 200);
    encoder.delete(&begun).await.refused(404, "not_found");
    until("it is over", async || host.get("").await.ok()["picture"]["state"] == "none").await;
}

#[tokio::test]
async fn a_guest_ends_what_it_sees_by_its_address() {
    let Scene { server, host, bo } = &Scene::live().await;
    let _source = session(&publish(host, "whip").await);
    let seen = session(&view(&server.guest()).await);
    assert_eq!(server.guest().delete(&seen).await.status, 200);
    let seen = session(&view(bo).await);
    server.guest().delete(&seen).await.refused(404, "not_found");
    assert_eq!(bo.delete(&seen).await.status, 200);
}

/// What began with a key of the account ends with it, in the stream that is named or in the one on air.
#[tokio::test]
async fn a_program_sends_with_a_key_for_that_and_no_longer() {
    let Scene { server, host, bo } = &Scene::live_with(on_one_node).await;
    let mut at_bo = bo.join().await;
    for path in ["whip", "/whip"] {
        let make = async |scope: &str| {
            host.post("/users/me/keys", json!({"name": "OBS", "scopes": [scope]})).await.ok()
        };
        let (made, reads) = (make("ingest").await, make("read").await);
        let with =
            |key: &Value| server.guest().at(&host.stream).with_token(key["key"].as_str().expect("a key"));
        publish(&with(&reads), path).await.refused(403, "forbidden");
        let encoder = with(&made);
        let begun = session(&publish(&encoder, path).await);
        at_bo.expect_where("picture", |frame| frame["state"] == "waiting").await;
        assert_eq!(encoder.delete(&begun).await.status, 200, "it ends what it began");
        at_bo.expect_where("picture", |frame| frame["state"] == "none").await;
        session(&publish(&encoder, path).await);
        at_bo.expect_where("picture", |frame| frame["state"] == "waiting").await;
        assert_eq!(host.delete(&format!("/users/me/keys/{}", id_of(&made))).await.status, 204);
        at_bo.expect_where("picture", |frame| frame["state"] == "none").await;
        publish(&encoder, path).await.refused(401, "unauthenticated");
    }
    let bos = bo.post("/users/me/keys", json!({"name": "OBS", "scopes": ["ingest"]})).await.ok();
    let bos = bo.with_token(bos["key"].as_str().expect("a key"));
    publish(&bos, "whip").await.refused(403, "forbidden");
    publish(&bos, "/whip").await.refused(409, "conflict");
}
