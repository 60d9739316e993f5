//! How webhooks are made, listed, edited and deleted, whose they are, and how many there may be.

use super::{hook, in_a_hurry};
use crate::tools::{PASSWORD, Receiver, Scene, id_of, on_one_node, until};
use serde_json::{Value, json};

fn wanted() -> Value {
    json!({"url": "https://hooks.example/", "events": ["stream.started"], "scope": "channel"})
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let Scene { bo, .. } = &Scene::live().await;
    let made = bo.post("/webhooks", wanted()).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"));
    let mut made = made.ok();
    let secret = made.as_object_mut().unwrap().remove("secret").expect("a secret");
    assert!(secret.as_str().unwrap().starts_with("whsec_"), "{secret}");
    assert_eq!(
        (&made["enabled"], &made["disabled_reason"], &made["scope"]),
        (&json!(true), &json!(null), &json!("channel"))
    );
    assert_eq!(bo.get("/webhooks").await.ok(), json!({"items": [made], "next_cursor": null}));
    let path = format!("/webhooks/{}", id_of(&made));
    assert_eq!(bo.get(&path).await.ok(), made);
    let edited = bo.patch(&path, json!({"events": ["*"], "enabled": false})).await.ok();
    assert_eq!((&edited["events"], &edited["disabled_reason"]), (&json!(["*"]), &json!("by_owner")));
    assert_eq!(bo.delete(&path).await.status, 204);
    bo.get(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn nobody_knows_of_the_webhooks_of_others() {
    let Scene { server, host, bo } = &Scene::live().await;
    let made = bo.post("/webhooks", wanted()).await.ok();
    let path = format!("/webhooks/{}", id_of(&made));
    for path in [path.clone(), format!("{path}/deliveries")] {
        host.get(&path).await.refused(404, "not_found");
        server.guest().get(&path).await.refused(401, "unauthenticated");
    }
    host.patch(&path, json!({"enabled": false})).await.refused(404, "not_found");
    host.delete(&path).await.refused(404, "not_found");
    for act in ["test", "rotate-secret"] {
        host.post(&format!("{path}/{act}"), json!({})).await.refused(404, "not_found");
    }
    server.guest().post("/webhooks", wanted()).await.refused(401, "unauthenticated");
    let key =
        bo.post("/users/me/keys", json!({"name": "x", "scopes": ["read", "streams", "moderate"]})).await.ok();
    bo.with_token(key["key"].as_str().unwrap()).get("/webhooks").await.refused(403, "forbidden");
}

#[tokio::test]
async fn what_is_wrong_with_a_webhook_is_said_by_field() {
    let Scene { bo, .. } = &Scene::live().await;
    for (member, value, field) in [
        ("events", json!([]), "events"),
        ("events", json!(["comment.sung"]), "events"),
        ("events", json!(["user.registered"]), "events"),
        ("scope", json!("stream"), "scope"),
        ("scope", json!(null), "scope"),
        ("preset", json!("irc"), "preset"),
        ("secret", json!("whsec_x"), "secret"),
    ] {
        let mut body = wanted();
        body[member] = value;
        let refused = bo.post("/webhooks", body).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn an_account_has_twenty_and_tests_ten_a_minute() {
    let Scene { server, bo, .. } = &Scene::live_with(on_one_node).await;
    let mut last = Value::Null;
    for _ in 0..20 {
        last = bo.post("/webhooks", wanted()).await.ok();
    }
    bo.post("/webhooks", wanted()).await.refused(409, "conflict");
    assert_eq!(server.metric("livehouse_limit_hits_total{limit=\"WEBHOOKS_PER_USER\"}").await, 1);
    let test = format!("/webhooks/{}/test", id_of(&last));
    for _ in 0..10 {
        assert_eq!(bo.post(&test, json!({})).await.status, 202);
    }
    let again = format!("/webhooks/{}/deliveries/{}/retry", id_of(&last), id_of(&last));
    bo.post(&again, json!({})).await.refused(429, "rate_limited");
    let refused = bo.post(&test, json!({})).await.refused(429, "rate_limited");
    assert!(refused["retry_after_ms"].as_i64().is_some_and(|ms| ms > 0), "{refused}");
}

#[tokio::test]
async fn those_of_the_site_are_for_administrators_as_long_as_they_are() {
    let Scene { server, host, bo } = &Scene::live_with(in_a_hurry).await;
    let receiver = Receiver::new().await;
    let body =
        json!({"url": receiver.url(), "events": ["comment.created", "user.registered"], "scope": "site"});
    host.post("/webhooks", body.clone()).await.refused(403, "forbidden");
    let admin = server.register("operator").await;
    server.promote(&admin);
    let made = admin.post("/webhooks", body).await.ok();
    bo.comment("one").await;
    server.register("newcomer").await;
    let came = receiver.wait_for_messages(2).await;
    let new = came.iter().find(|came| came.kind() == "user.registered").expect("the newcomer");
    assert_eq!(new.json()["data"]["user"]["username"], "newcomer");
    server.operate("admin disable operator");
    bo.comment("two").await;
    drop(made);
    let stopped = async || server.metrics().await.contains("livehouse_webhooks_sending 0");
    until("nothing is sent", stopped).await;
    assert_eq!(receiver.contents(), ["one"]);
}

#[tokio::test]
async fn webhooks_go_with_their_account() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let (theirs, others) = (Receiver::new().await, Receiver::new().await);
    hook(bo, &theirs, &["*"]).await;
    hook(host, &others, &["comments.purged"]).await;
    bo.comment("one").await;
    let gone = bo.request(reqwest::Method::DELETE, "/users/me").json(&json!({"password": PASSWORD}));
    assert_eq!(bo.send(gone).await.status, 204);
    others.wait_for(1).await;
    assert!(theirs.came().is_empty());
}
