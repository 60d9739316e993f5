//! The audit record: every authentication result and every refused authorisation, done at the public doors and read as an
//! operator reads it.

use crate::tools::{Answer, Client, PATIENCE, Scene, TestServer, id_of, on_one_node};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;

const WRONG: &str = "not the password";

#[tokio::test]
async fn every_login_is_on_record_with_who_and_from_where() {
    let server = TestServer::spawn_with(on_one_node);
    let ana = server.register("ana").await;
    let again = ana.log_in_again().await;
    let (actor, ip) = (format!("actor={}", ana.id), "ip=127.0.0.1");
    for (action, session) in [("register", &ana.session_id), ("login", &again.session_id)] {
        let session = format!("session={session}");
        server.on_record(&["  ok       ", action, &actor, &session, ip]).await;
    }
    let guest = server.guest();
    guest.log_in("ana", WRONG).await.refused(401, "invalid_credentials");
    server.on_record(&["refused", "password", &actor, ip, "reason=wrong"]).await;
    guest.log_in("nobody", WRONG).await.refused(401, "invalid_credentials");
    server.on_record(&["refused", "password", ip, "reason=wrong: no such account"]).await;
    // However slow the machine is: each try that comes after the wait doubles the next one.
    let begun = Instant::now();
    while guest.log_in("ana", WRONG).await.status != 429 {
        assert!(begun.elapsed() < PATIENCE, "whoever fails again and again waits at last");
    }
    server.on_record(&["refused", "password", &actor, ip, "reason=throttled"]).await;
    assert!(!server.record().concat().contains(WRONG), "{:#?}", server.record());
}

async fn from(client: &Client, method: Method, path: &str, body: Value) -> Answer {
    let request = client.request(method, path).header("x-forwarded-for", "192.0.2.7");
    client.send(request.json(&body)).await
}

#[tokio::test]
async fn the_address_on_record_is_the_clients_behind_a_trusted_proxy() {
    let Scene { server, host, bo } =
        &Scene::scheduled_with(|config| config.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]).await;
    let wrong = json!({"username": "ana", "password": WRONG});
    from(&server.guest(), Method::POST, "/sessions", wrong).await;
    server.on_record(&["refused", "password", "ip=192.0.2.7"]).await;
    assert_eq!(from(host, Method::PUT, "bans/bob", json!({"duration_s": 60})).await.status, 204);
    let bobs = format!("target={}", bo.id);
    server.on_record(&["ok", "  ban  ", "ip=192.0.2.7", &bobs]).await;
    from(bo, Method::PUT, "bans/bob", json!({})).await.refused(403, "forbidden");
    server.on_record(&["refused", "  request  ", "ip=192.0.2.7", "forbidden"]).await;
}

#[tokio::test]
async fn each_refresh_is_on_record_whatever_came_of_it() {
    let server = TestServer::spawn();
    let mut ana = server.register("ana").await;
    let (actor, session) = (format!("actor={}", ana.id), format!("session={}", ana.session_id));
    let first = ana.refresh_token.clone();
    ana.refresh().await.ok();
    server.on_record(&["  ok  ", "  refresh  ", &actor, &session, "ip=127.0.0.1"]).await;
    ana.refresh().await.ok();
    let replay = |token: &str| ana.post("/sessions/refresh", json!({"refresh_token": token}));
    replay(&first).await.refused(401, "unauthenticated");
    server.on_record(&["refused", "  refresh  ", &actor, &session, "reason=reused"]).await;
    replay("nonsense").await.refused(401, "unauthenticated");
    server.on_record(&["refused", "  refresh  ", "ip=127.0.0.1", "reason=unknown"]).await;
}

#[tokio::test]
async fn a_refused_token_is_on_record_over_rest_and_at_the_sockets_door() {
    let Scene { server, .. } = &Scene::scheduled().await;
    let guest = server.guest().with_token("nonsense");
    guest.get("/users/me").await.refused(401, "unauthenticated");
    let path = "target=GET /api/v1/users/me";
    server.on_record(&["refused", "  request  ", "ip=127.0.0.1", path, "unauthenticated"]).await;
    assert_eq!(guest.refusal().await, 401);
    let path = guest.path("ws");
    server
        .on_record(&["refused", "  request  ", "ip=127.0.0.1", "target=GET", &path, "unauthenticated"])
        .await;
}

#[tokio::test]
async fn what_an_account_may_not_do_is_on_record() {
    let Scene { server, host, bo } = &Scene::live().await;
    let (actor, session) = (format!("actor={}", bo.id), format!("session={}", bo.session_id));
    let is_bob = ["refused", "  request  ", &actor, &session, "ip=127.0.0.1"];
    bo.patch("settings", json!({"slow_mode_s": 1})).await.refused(403, "forbidden");
    server
        .on_record(&[&is_bob[..], &["target=PATCH", &host.path("settings"), "reason=forbidden"]].concat())
        .await;

    assert_eq!(host.put("bans/bob", json!({})).await.status, 204);
    bo.post("comments", json!({"content": "x"})).await.refused(403, "banned");
    server
        .on_record(&[&is_bob[..], &["target=POST", &host.path("comments"), "reason=banned"]].concat())
        .await;

    // Hidden as if it were not there, but on record all the same.
    let hidden = host.post("/streams", json!({"title": "two", "visibility": "private"})).await.ok();
    let hidden = format!("/streams/{}", id_of(&hidden));
    bo.get(&hidden).await.refused(404, "not_found");
    server.on_record(&[&is_bob[..], &["target=GET", &hidden, "reason=not_found"]].concat()).await;
    server.guest().get(&format!("{hidden}/comments")).await.refused(404, "not_found");
    server.on_record(&["refused", "target=GET", &hidden, "/comments", "reason=not_found"]).await;

    bo.get("/streams/01890000-0000-7000-8000-000000000000").await.refused(404, "not_found");
    bo.get("/users/ana").await.ok();
    server.on_record(&["/comments", "reason=not_found"]).await;
    let record = server.record().concat();
    assert!(!record.contains("/streams/01890000") && !record.contains("/users/ana"), "{record}");
}

#[tokio::test]
async fn what_is_refused_on_a_socket_is_on_record() {
    let Scene { server, host, bo } = &Scene::live().await;
    let said = host.comment("mine").await;
    let target = format!("target=/streams/{}/ws", host.stream);
    let mut socket = bo.join().await;
    let (actor, session) = (format!("actor={}", bo.id), format!("session={}", bo.session_id));
    let is_bob = ["refused", "  op  ", &actor, &session, "ip=127.0.0.1", &target];

    let error = socket.ask(json!({"op": "delete", "comment_id": said["id"]})).await;
    assert_eq!(error["code"], "forbidden", "{error}");
    server.on_record(&[&is_bob[..], &["reason=forbidden"]].concat()).await;

    let error = socket.ask(json!({"op": "auth", "token": "nonsense"})).await;
    assert_eq!(error["code"], "unauthenticated", "{error}");
    server.on_record(&[&is_bob[..], &["reason=unauthenticated"]].concat()).await;

    assert_eq!(host.put("bans/bob", json!({})).await.status, 204);
    let error = socket.comment("x").await;
    assert_eq!(error["code"], "banned", "{error}");
    server.on_record(&[&is_bob[..], &["reason=banned"]].concat()).await;
    socket.leave().await;

    let mut guest = server.guest().join().await;
    let error = guest.comment("x").await;
    assert_eq!(error["code"], "unauthenticated", "{error}");
    let record = server.on_record(&["refused", "  op  ", "ip=127.0.0.1", &target, "Log in"]).await;
    assert!(!record.contains("actor="), "{record}");
    guest.leave().await;
}

#[tokio::test]
async fn what_a_socket_did_is_on_record_with_its_address() {
    let Scene { server, host, bo } = &Scene::live().await;
    let said = bo.comment("x").await;
    let mut socket = host.join().await;
    let ack = socket.ask(json!({"op": "delete", "comment_id": said["id"]})).await;
    assert_eq!(ack["type"], "ack", "{ack}");
    let actor = format!("actor={}", host.id);
    server.on_record(&["  ok  ", "  comment.delete  ", &actor, "ip=127.0.0.1"]).await;
    socket.leave().await;
}

#[tokio::test]
async fn a_flood_of_refusals_is_on_record_in_a_few_lines_that_count_it() {
    let server = TestServer::spawn_with(on_one_node);
    let bad = server.guest().with_token("nonsense");
    for _ in 0..300 {
        bad.get("/users/me").await.refused(401, "unauthenticated");
    }
    let server = server.restart();
    let record = server.record();
    assert!(record.len() < 50, "{} lines", record.len());
    let listed = record.iter().filter(|line| line.contains("target=GET /api/v1/users/me")).count();
    let sum = format!("and {} more", 300 - listed);
    assert!(record.iter().any(|line| line.contains(&sum)), "{sum}: {record:#?}");
}
