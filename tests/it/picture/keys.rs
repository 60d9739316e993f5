//! Keys of encoders: what a host is shown, what a key opens, and its end.

use crate::tools::{Answer, Client, Scene, User, on_one_node, on_sqlite};
use reqwest::Method;
use serde_json::{Value, json};

/// What a well-meaning encoder offers; no SDP, so that a key that opens something is answered 422.
pub async fn send_by_key(client: &Client, path: &str, key: &str) -> Answer {
    let request = client.with_token(key).request(Method::POST, path);
    client.send(request.header("content-type", "application/sdp").body("x")).await
}

fn key_of(document: &Value) -> String {
    document["key"].as_str().expect("a key").to_owned()
}

#[track_caller]
fn opens(answer: Answer) {
    let problem = answer.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["field"], "sdp", "{problem}");
}

/// Asks for the stream's key, and for the account's.
async fn keys(host: &User) -> [String; 2] {
    [key_of(&host.get("ingest").await.ok()), key_of(&host.get("/users/me/ingest").await.ok())]
}

#[tokio::test]
async fn a_host_is_shown_how_to_send_and_nobody_else_is() {
    let Scene { server, host, bo } = &Scene::live_with(on_one_node).await;
    let shown = host.get("ingest").await.ok();
    assert_eq!(shown["whip_url"], server.url("/api/v1/whip"));
    assert!(shown["rtmp_url"].as_str().unwrap().starts_with("rtmp://127.0.0.1:"), "{shown}");
    assert!(shown["rtmp_url"].as_str().unwrap().ends_with("/live"), "{shown}");
    let key = key_of(&shown);
    assert!(key.starts_with("lh_") && key.len() == 29, "{key}");
    assert_eq!((&shown["auto_start"], &shown["record"]), (&json!(false), &json!(false)));
    assert_eq!((&shown["publisher"], &shown["warnings"]), (&Value::Null, &json!([])));
    assert_eq!(shown["last_refusal"], Value::Null);
    assert_eq!(host.get("ingest").await.ok(), shown, "it is the same each time");

    host.put("moderators/bob", json!({})).await.ok();
    bo.get("ingest").await.refused(403, "forbidden");
    bo.post("ingest/rotate", json!({})).await.refused(403, "forbidden");
    bo.patch("ingest", json!({"auto_start": true})).await.refused(403, "forbidden");
    bo.delete("ingest/publisher").await.refused(403, "forbidden");
    server.guest().get("ingest").await.refused(401, "unauthenticated");
    host.patch("", json!({"visibility": "private"})).await.ok();
    host.delete("moderators/bob").await;
    bo.get("ingest").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_key_opens_its_stream_until_it_is_rotated() {
    let Scene { server, host, .. } = &Scene::live().await;
    let encoder = &server.guest();
    let [of_stream, of_account] = keys(host).await;
    for key in [&of_stream, &of_account] {
        opens(send_by_key(encoder, "/whip", key).await);
        opens(send_by_key(encoder, "whip", key).await);
    }
    let next = key_of(&host.post("ingest/rotate", json!({})).await.ok());
    assert_ne!(next, of_stream);
    send_by_key(encoder, "/whip", &of_stream).await.refused(401, "unauthenticated");
    opens(send_by_key(encoder, "/whip", &next).await);
    opens(send_by_key(encoder, "/whip", &of_account).await);
    let next = key_of(&host.post("/users/me/ingest/rotate", json!({})).await.ok());
    send_by_key(encoder, "/whip", &of_account).await.refused(401, "unauthenticated");
    opens(send_by_key(encoder, "/whip", &next).await);
    server.on_record(&["ingest.rotate", &host.id, &host.stream]).await;
}

#[tokio::test]
async fn a_key_opens_no_stream_but_its_own() {
    let Scene { server, host, bo } = &Scene::live().await;
    let bobs = bo.go_live("bob's").await;
    let bobs_key = key_of(&bobs.get("ingest").await.ok());
    let bobs_account = key_of(&bo.get("/users/me/ingest").await.ok());
    let encoder = &server.guest();
    for key in [&bobs_key, &bobs_account] {
        send_by_key(encoder, &format!("/streams/{}/whip", host.stream), key)
            .await
            .refused(401, "unauthenticated");
    }
    let other = host.go_live("another").await;
    let [of_stream, of_account] = keys(host).await;
    let at_other = format!("/streams/{}/whip", other.stream);
    send_by_key(encoder, &at_other, &of_stream).await.refused(401, "unauthenticated");
    opens(send_by_key(encoder, &at_other, &of_account).await);
}

#[tokio::test]
async fn a_key_of_a_stream_that_is_over_or_gone_opens_nothing() {
    let Scene { server, host, .. } = &Scene::live().await;
    let encoder = &server.guest();
    let [of_stream, of_account] = keys(host).await;
    host.post("end", json!({})).await.ok();
    send_by_key(encoder, "/whip", &of_stream).await.refused(409, "stream_ended");
    send_by_key(encoder, "/whip", &of_account).await.refused(409, "conflict");
    let by_login = host.request(Method::POST, "whip").header("content-type", "application/sdp").body("x");
    host.send(by_login).await.refused(409, "stream_ended");
    host.delete("").await;
    send_by_key(encoder, "/whip", &of_stream).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn wrong_keys_are_counted_and_never_stand_against_a_right_one() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    let encoder = &server.guest();
    let [right, _] = keys(host).await;
    let wrong = format!("lh_{}", "a".repeat(26));
    for _ in 0..10 {
        send_by_key(encoder, "/whip", &wrong).await.refused(401, "unauthenticated");
    }
    let refused = send_by_key(encoder, "/whip", &wrong).await;
    assert!(!refused.header("retry-after").is_empty());
    refused.refused(429, "rate_limited");
    opens(send_by_key(encoder, "/whip", &right).await);
    assert_eq!(server.metric("livehouse_limit_hits_total{limit=\"WRONG_INGEST_KEYS_PER_IP\"}").await, 1);
}

#[tokio::test]
async fn an_account_without_a_stream_has_nothing_to_send_to() {
    let Scene { server, bo, .. } = &Scene::live().await;
    let key = key_of(&bo.get("/users/me/ingest").await.ok());
    let encoder = &server.guest();
    send_by_key(encoder, "/whip", &key).await.refused(409, "conflict");
    bo.create_stream("soon").await;
    opens(send_by_key(encoder, "/whip", &key).await);
}

#[tokio::test]
async fn whether_the_picture_starts_the_stream_is_the_hosts_to_say() {
    let Scene { host, .. } = &Scene::scheduled().await;
    let edited = host.patch("ingest", json!({"auto_start": true})).await.ok();
    assert_eq!(edited["auto_start"], true);
    assert_eq!(host.get("ingest").await.ok()["auto_start"], true);
    for (body, field) in [
        (json!({"auto_start": null}), "auto_start"),
        (json!({"record": null}), "record"),
        (json!({"key": "lh_x"}), "key"),
    ] {
        let problem = host.patch("ingest", body).await.refused(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    for record in [true, false] {
        assert_eq!(host.patch("ingest", json!({"record": record})).await.ok()["record"], record);
    }
}

#[tokio::test]
async fn where_the_operator_keeps_no_pictures_nobody_may_want_it() {
    let Scene { server, host, .. } = &Scene::scheduled_with(|setup| setup.recordings_max_gb = 0).await;
    let problem = host.patch("ingest", json!({"record": true})).await.refused(422, "invalid_field");
    assert_eq!(problem["errors"][0]["code"], "unsupported", "{problem}");
    assert_eq!(host.patch("ingest", json!({"record": false})).await.ok()["record"], false);
    assert_eq!(server.guest().get("/site").await.ok()["features"]["recordings"], false);
}

#[tokio::test]
async fn an_administrators_look_at_a_key_is_on_record() {
    let Scene { server, host, bo } = &Scene::live().await;
    server.promote(bo);
    bo.get("ingest").await.ok();
    host.get("ingest").await.ok();
    let line = server.on_record(&["ingest.read", &bo.id, &host.stream]).await;
    assert!(line.contains("ok"), "{line}");
    let record = server.record();
    assert!(
        !record.iter().any(|line| line.contains("ingest.read") && line.contains(&host.id)),
        "{record:#?}"
    );
}

#[tokio::test]
async fn no_key_stands_in_the_database_or_the_record() {
    let Scene { server, host, .. } = Scene::live_with(on_sqlite).await;
    let [of_stream, of_account] = keys(&host).await;
    send_by_key(&server.guest(), "/whip", &format!("lh_{}", "a".repeat(26)))
        .await
        .refused(401, "unauthenticated");
    server.on_record(&["request", "POST /api/v1/whip"]).await;
    let record = server.record().join("\n");
    assert!(!record.contains(&of_stream) && !record.contains("lh_a"), "{record}");
    let files = std::fs::read_dir(server.place().path("data")).unwrap();
    for file in files.map(|file| std::fs::read(file.unwrap().path()).unwrap()) {
        for key in [&of_stream, &of_account] {
            assert!(!file.windows(key.len()).any(|some| some == key.as_bytes()));
        }
    }
}
