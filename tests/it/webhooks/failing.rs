//! Receivers that hang, redirect, say that they are gone, or lie inside.

use super::{hook, in_a_hurry};
use crate::tools::{Manner, Receiver, Scene, id_of, until};
use serde_json::json;

#[tokio::test]
async fn one_that_hangs_slows_neither_another_nor_comments() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let (hanging, other) = (Receiver::new().await, Receiver::new().await);
    hanging.answers_next([Manner::Hang]);
    hook(host, &hanging, &["comment.created"]).await;
    hook(host, &other, &["comment.created"]).await;
    bo.comment("one").await;
    hanging.wait_for(1).await;
    bo.comment("two").await;
    other.wait_for(2).await;
    assert_eq!(hanging.came().len(), 1, "it still hangs");
    until("it is tried again", async || hanging.contents().len() == 2).await;
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let (redirecting, inside) = (Receiver::new().await, Receiver::new().await);
    redirecting.answers_next([Manner::Redirect(inside.url())]);
    hook(host, &redirecting, &["comment.created"]).await;
    bo.comment("one").await;
    redirecting.wait_for(2).await;
    assert!(inside.came().is_empty());
}

#[tokio::test]
async fn one_that_is_gone_is_disabled_and_what_happens_meanwhile_is_not_sent_later() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let receiver = Receiver::new().await;
    receiver.answers_next([Manner::Status(410)]);
    let made = hook(host, &receiver, &["*"]).await;
    let path = format!("/webhooks/{}", id_of(&made));
    bo.comment("one").await;
    until("it is disabled", async || host.get(&path).await.ok()["enabled"] == false).await;
    assert_eq!(host.get(&path).await.ok()["disabled_reason"], "gone");
    host.post(&format!("{path}/test"), json!({})).await.refused(409, "conflict");
    bo.comment("two").await;
    let enabled = host.patch(&path, json!({"enabled": true})).await.ok();
    assert_eq!((&enabled["enabled"], &enabled["disabled_reason"]), (&json!(true), &json!(null)));
    bo.comment("three").await;
    receiver.wait_for(2).await;
    assert_eq!(receiver.contents(), ["one", "three"]);
}

#[tokio::test]
async fn a_test_is_sent_at_once_also_while_the_webhook_fails() {
    let Scene { host, bo, .. } = &Scene::live_with(|setup| {
        in_a_hurry(setup);
        setup.webhook_pace.retries = vec![std::time::Duration::from_secs(3600)];
    })
    .await;
    let receiver = Receiver::new().await;
    receiver.answers_next([Manner::Status(500)]);
    let made = hook(host, &receiver, &["comment.created"]).await;
    let path = format!("/webhooks/{}", id_of(&made));
    bo.comment("one").await;
    until("it fails", async || !host.get(&path).await.ok()["failing_since"].is_null()).await;
    let test = host.post(&format!("{path}/test"), json!({})).await;
    assert_eq!(test.status, 202);
    // It is well, so that what waited is tried, too.
    let came = receiver.wait_for(3).await;
    assert_eq!((came[1].kind().as_str(), came[2].kind().as_str()), ("webhook.test", "comment.created"));
    assert_eq!(came[1].json()["data"]["webhook_id"], made["id"]);
}

#[tokio::test]
async fn a_delivery_is_sent_again_where_that_is_asked_for() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let receiver = Receiver::new().await;
    let made = hook(host, &receiver, &["comment.created"]).await;
    let path = format!("/webhooks/{}/deliveries", id_of(&made));
    bo.comment("one").await;
    until("it is noted", async || host.get(&path).await.ok()["items"].as_array().unwrap().len() == 1).await;
    let delivery = host.get(&path).await.ok()["items"][0].clone();
    assert_eq!((&delivery["status"], &delivery["last_status"]), (&json!("delivered"), &json!(204)));
    let again = host.post(&format!("{path}/{}/retry", id_of(&delivery)), json!({})).await;
    assert_eq!(again.status, 202);
    let came = receiver.wait_for(2).await;
    assert_eq!(came[0].header("webhook-id"), came[1].header("webhook-id"));
    assert_eq!(came[0].json(), came[1].json());
    until("it is noted", async || host.get(&path).await.ok()["items"][0]["attempts"] == 2).await;
    bo.post(&format!("{path}/{}/retry", id_of(&delivery)), json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn one_that_is_turned_off_during_a_try_leaves_nothing_waiting_and_begins_anew() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let receiver = Receiver::new().await;
    receiver.answers_next([Manner::Hang]);
    let made = hook(host, &receiver, &["comment.created"]).await;
    let path = format!("/webhooks/{}", id_of(&made));
    bo.comment("one").await;
    receiver.wait_for(1).await;
    host.patch(&path, json!({"enabled": false})).await.ok();
    let deliveries = format!("{path}/deliveries");
    until("the try is over", async || host.get(&deliveries).await.ok()["items"][0]["status"] == "failed")
        .await;
    let off = host.get(&path).await.ok();
    assert_eq!((&off["failing_since"], &off["next_at"]), (&json!(null), &json!(null)));
    host.patch(&path, json!({"enabled": true})).await.ok();
    bo.comment("two").await;
    until("it came", async || receiver.contents() == ["one", "two"]).await;
}

#[tokio::test]
async fn another_address_is_tried_at_once() {
    let Scene { host, bo, .. } = &Scene::live_with(|setup| {
        in_a_hurry(setup);
        setup.webhook_pace.retries = vec![std::time::Duration::from_secs(3600)];
    })
    .await;
    let (wrong, right) = (Receiver::new().await, Receiver::new().await);
    wrong.answers(Manner::Status(500));
    let made = hook(host, &wrong, &["comment.created"]).await;
    let path = format!("/webhooks/{}", id_of(&made));
    bo.comment("one").await;
    until("it fails", async || !host.get(&path).await.ok()["failing_since"].is_null()).await;
    host.patch(&path, json!({"url": right.url()})).await.ok();
    right.wait_for(1).await;
    assert_eq!(right.contents(), ["one"]);
}
