//! Whose comments somebody does not want to see: a list that is kept for them.

use crate::tools::{Sqlite, TestServer, on_sqlite};
use serde_json::{Value, json};

#[tokio::test]
async fn ignoring_and_stopping_may_be_repeated() {
    let server = TestServer::spawn();
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    ana.get("/users/me/ignored/bob").await.refused(404, "not_found");
    for _ in 0..2 {
        assert_eq!(ana.put("/users/me/ignored/BOB", json!({})).await.status, 204);
    }
    let entry = ana.get("/users/me/ignored/bob").await.ok();
    assert_eq!((&entry["id"], &entry["username"]), (&json!(bo.id), &json!("bob")));
    assert!(entry["ignored_at"].is_string(), "{entry}");
    assert_eq!(ana.get("/users/me/ignored").await.ok(), json!({"items": [entry], "next_cursor": null}));
    assert_eq!(bo.get("/users/me/ignored").await.ok()["items"], json!([]), "it is nobody else's list");
    for _ in 0..2 {
        assert_eq!(ana.delete("/users/me/ignored/bob").await.status, 204);
    }
    assert_eq!(ana.get("/users/me/ignored").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn who_cannot_be_ignored_is_said_with_a_code() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    ana.put("/users/me/ignored/nobody", json!({})).await.refused(404, "not_found");
    ana.put("/users/me/ignored/ana", json!({})).await.refused(409, "conflict");
    for path in ["/users/me/ignored", "/users/me/ignored/ana"] {
        server.guest().get(path).await.refused(401, "unauthenticated");
    }
    server.guest().put("/users/me/ignored/ana", json!({})).await.refused(401, "unauthenticated");
    ana.get("/users/me/ignored?cursor=x").await.refused(422, "invalid_field");
}

#[tokio::test]
async fn the_list_is_read_page_by_page() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    for number in 0..5 {
        server.register(&format!("bore{number}")).await;
        ana.put(&format!("/users/me/ignored/bore{number}"), json!({})).await.ok();
    }
    let (mut seen, mut query) = (Vec::new(), String::new());
    loop {
        let page = ana.get(&format!("/users/me/ignored?limit=2{query}")).await.ok();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["username"].clone()));
        match &page["next_cursor"] {
            Value::String(cursor) => query = format!("&cursor={cursor}"),
            _ => break,
        }
    }
    assert_eq!(seen, ["bore4", "bore3", "bore2", "bore1", "bore0"]);
}

#[tokio::test]
async fn a_thousand_can_be_ignored_and_no_more() {
    let server = TestServer::spawn_with(on_sqlite);
    let ana = server.register("ana").await;
    for name in ["bob", "cyd"] {
        server.register(name).await;
    }
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)";
    Sqlite::open(&server.place().path("data/livehouse.db")).run(&format!(
        "{many} INSERT INTO users (id, username, name_key, display_name, password_hash, is_admin, may_host, created_at)
            SELECT printf('01890000-0000-7000-8000-%012d', i), 'bore' || i, '=bore' || i, '', '', 0, 0, 0 FROM n;
        {many} INSERT INTO ignored (user_id, ignored_id, created_at)
            SELECT '{}', printf('01890000-0000-7000-8000-%012d', i), 0 FROM n;",
        ana.id
    ));
    assert_eq!(ana.put("/users/me/ignored/bob", json!({})).await.status, 204, "the thousandth");
    let refused = ana.put("/users/me/ignored/cyd", json!({})).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("1000"), "{refused}");
    assert_eq!(ana.put("/users/me/ignored/bob", json!({})).await.status, 204, "a repeat is none more");
    assert_eq!(ana.delete("/users/me/ignored/bore1").await.status, 204);
    assert_eq!(ana.put("/users/me/ignored/cyd", json!({})).await.status, 204);
}

#[tokio::test]
async fn who_is_gone_is_on_no_list() {
    let server = TestServer::spawn();
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    ana.put("/users/me/ignored/bob", json!({})).await.ok();
    bo.farewell().await;
    assert_eq!(ana.get("/users/me/ignored").await.ok()["items"], json!([]));
}
