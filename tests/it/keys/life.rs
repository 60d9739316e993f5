//! How a key is made, shown once, listed, used, and how it ends.

use super::{SCOPES, in_seconds, make, program, with_key};
use crate::tools::{PASSWORD, Scene, TestServer, id_of, on_one_node, until};
use serde_json::{Value, json};

#[tokio::test]
async fn a_key_is_shown_once_and_listed_without_itself() {
    let Scene { server, bo, .. } = &Scene::live().await;
    let expires_at = in_seconds(3600);
    let wanted = json!({"name": "  Jukebox ", "scopes": ["comment", "read", "read"], "bot": true, "expires_at": expires_at});
    let made = bo.post("/users/me/keys", wanted).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"));
    let made = made.ok();
    let key = made["key"].as_str().expect("the key").to_owned();
    assert!(key.starts_with("lhk_") && key.len() == 36, "{key}");
    assert!(key.starts_with(made["prefix"].as_str().unwrap()) && made["prefix"].as_str().unwrap().len() < 12);
    assert_eq!((&made["name"], &made["scopes"]), (&json!("Jukebox"), &json!(["read", "comment"])));
    assert_eq!((&made["bot"], &made["expires_at"]), (&json!(true), &json!(expires_at)));
    let listed = bo.get("/users/me/keys").await.ok();
    let mut expected = made.clone();
    expected.as_object_mut().unwrap().remove("key");
    expected["last_used_at"] = Value::Null;
    assert_eq!(listed, json!({"items": [expected], "next_cursor": null}));
    assert_eq!(bo.get(&format!("/users/me/keys/{}", id_of(&made))).await.ok(), listed["items"][0]);
    assert_eq!(bo.with_token(&key).get("/users/me").await.ok()["username"], "bob");
    assert!(server.record().iter().all(|line| !line.contains(&key)), "no key is on record");
    server.on_record(&["key.create", id_of(&made), "read,comment"]).await;
}

#[tokio::test]
async fn a_key_has_a_name_scopes_that_there_are_and_an_end_to_come() {
    let Scene { bo, .. } = &Scene::live().await;
    for (bad, field) in [
        (json!({"scopes": ["read"]}), "name"),
        (json!({"name": " ", "scopes": ["read"]}), "name"),
        (json!({"name": "x".repeat(51), "scopes": ["read"]}), "name"),
        (json!({"name": "x"}), "scopes"),
        (json!({"name": "x", "scopes": []}), "scopes"),
        (json!({"name": "x", "scopes": "read"}), "scopes"),
        (json!({"name": "x", "scopes": ["read", "admin"]}), "scopes[1]"),
        (json!({"name": "x", "scopes": ["read"], "bot": "yes"}), "bot"),
        (json!({"name": "x", "scopes": ["read"], "expires_at": in_seconds(0)}), "expires_at"),
        (json!({"name": "x", "scopes": ["read"], "expires_at": 7}), "expires_at"),
        (json!({"name": "x", "scopes": ["read"], "key": "lhk_x"}), "key"),
    ] {
        let refused = bo.post("/users/me/keys", bad.clone()).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["field"], field, "{bad}");
    }
    assert_eq!(bo.get("/users/me/keys").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn an_account_has_twenty_keys_and_no_more_however_many_ask_at_once() {
    let Scene { server, bo, .. } = &Scene::live_with(on_one_node).await;
    let asked = (0..24).map(|_| bo.post("/users/me/keys", json!({"name": "x", "scopes": ["read"]})));
    let answers = futures_util::future::join_all(asked).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.body["code"] == "conflict" && answer.status == 409);
    assert_eq!((made, refused.count()), (20, 4));
    let metrics = server.metrics().await;
    assert!(metrics.contains("livehouse_limit_hits_total{limit=\"KEYS_PER_USER\"} 4"), "{metrics}");
    let first = bo.get("/users/me/keys?limit=15").await.ok();
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let rest = bo.get(&format!("/users/me/keys?limit=15&cursor={cursor}")).await.ok();
    let ids = |page: &Value| {
        page["items"].as_array().unwrap().iter().map(|key| id_of(key).to_owned()).collect::<Vec<_>>()
    };
    let all = [ids(&first), ids(&rest)].concat();
    assert!(all.len() == 20 && all.is_sorted_by(|a, b| a > b), "{all:?}");
    assert_eq!(bo.delete(&format!("/users/me/keys/{}", all[0])).await.status, 204);
    make(bo, &["read"]).await;
}

#[tokio::test]
async fn a_deleted_key_is_worthless_and_only_its_owner_deletes_it() {
    let Scene { server, host, bo } = &Scene::live().await;
    let made = make(bo, &SCOPES).await;
    let (path, program) = (format!("/users/me/keys/{}", id_of(&made)), with_key(bo, &made));
    host.get(&path).await.refused(404, "not_found");
    host.delete(&path).await.refused(404, "not_found");
    assert!(program.is_signed_in().await);
    assert_eq!(bo.delete(&path).await.status, 204);
    program.get("/users/me").await.refused(401, "unauthenticated");
    bo.delete(&path).await.refused(404, "not_found");
    bo.get(&path).await.refused(404, "not_found");
    bo.delete("/users/me/keys/x").await.refused(404, "not_found");
    assert_eq!(bo.get("/users/me/keys").await.ok()["items"], json!([]));
    server.on_record(&["key.delete", id_of(&made)]).await;
}

#[tokio::test]
async fn a_key_that_has_ended_says_so_and_can_be_deleted() {
    let Scene { bo, .. } = &Scene::live().await;
    let wanted = json!({"name": "x", "scopes": ["read"], "expires_at": in_seconds(2)});
    let made = bo.post("/users/me/keys", wanted).await.ok();
    let program = with_key(bo, &made);
    until("the key has ended", async || program.get("/users/me").await.status == 401).await;
    program.get("/users/me").await.refused(401, "token_expired");
    assert_eq!(bo.get("/users/me/keys").await.ok()["items"][0]["id"], made["id"]);
    assert_eq!(bo.delete(&format!("/users/me/keys/{}", id_of(&made))).await.status, 204);
}

#[tokio::test]
async fn it_is_noted_when_a_key_was_used() {
    let Scene { bo, .. } = &Scene::live().await;
    let made = make(bo, &["read"]).await;
    let program = with_key(bo, &made);
    let used = async || bo.get("/users/me/keys").await.ok()["items"][0]["last_used_at"].clone();
    assert_eq!(used().await, Value::Null);
    program.get("").await.ok();
    until("it is noted", async || used().await.is_string()).await;
    let first = used().await;
    for _ in 0..3 {
        program.get("").await.ok();
    }
    // Whatever those had to note was noted before this key's first use.
    let other = make(bo, &["read"]).await;
    with_key(bo, &other).get("").await.ok();
    until("the other is noted", async || used().await.is_string()).await;
    let items = bo.get("/users/me/keys").await.ok()["items"].clone();
    assert_eq!(items[1]["last_used_at"], first, "within a minute it is noted once");
}

#[tokio::test]
async fn keys_survive_a_new_password_and_a_log_out_everywhere() {
    let Scene { bo, .. } = &Scene::live().await;
    let program = program(bo, &["read", "comment"]).await;
    let mut socket = program.join().await;
    let new = json!({"current_password": PASSWORD, "new_password": "an entirely different one"});
    assert_eq!(bo.put("/users/me/password", new).await.status, 204);
    assert_eq!(bo.delete("/sessions").await.status, 204);
    assert!(!bo.is_signed_in().await);
    assert_eq!(socket.comment("still here").await["type"], "ack");
    program.comment("so am I").await;
}

#[tokio::test]
async fn keys_rest_while_their_account_is_disabled_and_end_with_it() {
    let Scene { server, host, bo } = &Scene::live().await;
    let program = program(bo, &["read", "comment"]).await;
    let mut socket = program.join().await;
    server.operate("admin disable bob");
    socket.expect_close().await.says(4401);
    until("it rests", async || program.get("/users/me").await.status == 401).await;
    server.operate("admin enable bob");
    until("it works again", async || program.get("/users/me").await.status == 200).await;
    program.at(&host.stream).comment("back").await;
    let mut socket = program.join().await;
    bo.log_in_again().await.farewell().await;
    socket.expect_close().await.says(4401);
    program.get("/users/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn wrong_keys_are_refused_and_many_of_them_for_a_while() {
    let server = TestServer::spawn_with(|setup| {
        setup.on_one_node();
    });
    let bo = server.register("bob").await;
    let right = program(&bo, &["read"]).await;
    let wrong = |n: u32| server.guest().with_token(&format!("lhk_{:a>32}", "b".repeat(n as usize)));
    for n in 0..10 {
        wrong(n).get("/users/me").await.refused(401, "unauthenticated");
    }
    let refused = wrong(10).get("/users/me").await.refused(429, "rate_limited");
    assert!(refused["retry_after_ms"].as_i64().is_some_and(|wait| (1..=60_000).contains(&wait)), "{refused}");
    server.guest().with_token("lhk_").get("/users/me").await.refused(429, "rate_limited");
    assert!(right.is_signed_in().await, "a right one is never refused for wrong ones");
    assert!(bo.is_signed_in().await);
    let metrics = server.metrics().await;
    assert!(metrics.contains("livehouse_limit_hits_total{limit=\"WRONG_KEYS_PER_IP\"} 2"), "{metrics}");
}
