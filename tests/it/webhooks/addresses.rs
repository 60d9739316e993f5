//! Where webhooks may not go: judged at once where it can be seen, and again when it is gone to.

use super::in_a_hurry;
use crate::tools::{Receiver, Scene, id_of, until};
use serde_json::json;

#[tokio::test]
async fn an_address_inside_is_refused_at_once_in_any_spelling() {
    let Scene { bo, .. } = &Scene::live().await;
    for url in [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "https://ana@hooks.example/",
        "https://hooks.example/#x",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/",
        "https://10.0.0.1/",
        "https://192.168.0.1/",
        "https://172.16.0.1/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "not an address",
        "",
    ] {
        let body = json!({"url": url, "events": ["*"], "scope": "channel"});
        let refused = bo.post("/webhooks", body).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["field"], "url", "{url}");
    }
    let made = bo
        .post("/webhooks", json!({"url": "https://8.8.8.8/", "events": ["poll.closed"], "scope": "channel"}));
    let path = format!("/webhooks/{}", id_of(&made.await.ok()));
    bo.patch(&path, json!({"url": "https://10.1/"})).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_gone_to() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let receiver = Receiver::new().await;
    let url = format!("https://localhost:{}/", receiver.port());
    let body = json!({"url": url, "events": ["comment.created"], "scope": "channel"});
    let made = host.post("/webhooks", body).await.ok();
    bo.comment("one").await;
    let path = format!("/webhooks/{}/deliveries", id_of(&made));
    until("it was tried", async || host.get(&path).await.ok()["items"][0]["attempts"] == 1).await;
    let delivery = host.get(&path).await.ok()["items"][0].clone();
    assert_eq!((&delivery["last_error"], &delivery["last_status"]), (&json!("not_allowed"), &json!(null)));
    assert!(receiver.came().is_empty());
}

#[tokio::test]
async fn a_webhook_does_not_come_back_to_the_server() {
    let Scene { server, host, bo } = &Scene::live_with(|setup| {
        setup.on_one_node();
        in_a_hurry(setup);
    })
    .await;
    let body = json!({"url": server.url("/api/v1/site"), "events": ["comment.created"], "scope": "channel"});
    let made = host.post("/webhooks", body).await.ok();
    bo.comment("one").await;
    let path = format!("/webhooks/{}/deliveries", id_of(&made));
    until("it was tried", async || !host.get(&path).await.ok()["items"][0].is_null()).await;
    assert_eq!(host.get(&path).await.ok()["items"][0]["last_error"], "not_allowed");
}
