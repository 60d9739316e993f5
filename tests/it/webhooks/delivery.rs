//! What arrives: signed, in order, each event at least once, in the words of the sockets.

use super::{hook, in_a_hurry};
use crate::tools::{Came, Manner, Receiver, Scene, id_of, until};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

fn signature(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base 64");
    let mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
    let code = mac.chain_update(format!("{id}.{timestamp}.{body}")).finalize().into_bytes();
    format!("v1,{}", STANDARD.encode(code))
}

#[tokio::test]
async fn a_comment_arrives_signed_and_in_the_words_of_the_sockets() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let receiver = Receiver::new().await;
    let made = hook(host, &receiver, &["*"]).await;
    let secret = made["secret"].as_str().expect("it is shown once");
    let said = bo.comment("hello").await;
    let came = &receiver.wait_for(1).await[0];
    let (id, at) = (came.header("webhook-id"), came.header("webhook-timestamp"));
    assert_eq!(came.header("webhook-signature"), signature(secret, id, at, &came.body));
    assert_eq!(came.header("content-type"), "application/json");
    let message = came.json();
    assert_eq!(message["type"], "comment.created");
    assert_eq!(message["data"], json!({"stream_id": host.stream, "comment": said}));
    assert!(message["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{message}");

    let rotated = host.post(&format!("/webhooks/{}/rotate-secret", id_of(&made)), json!({})).await.ok();
    let newer = rotated["secret"].as_str().expect("it is shown once");
    bo.comment("again").await;
    let came = &receiver.wait_for_messages(2).await[1];
    let (id, at) = (came.header("webhook-id"), came.header("webhook-timestamp"));
    let both = [newer, secret].map(|secret| signature(secret, id, at, &came.body)).join(" ");
    assert_eq!(came.header("webhook-signature"), both);
}

#[tokio::test]
async fn a_stream_is_told_from_its_making_to_its_end() {
    let Scene { host, .. } = &Scene::live_with(in_a_hurry).await;
    let receiver = Receiver::new().await;
    hook(host, &receiver, &["*"]).await;
    let stream = host.create_stream("two").await;
    stream.post("start", json!({})).await.ok();
    stream.comment("first").await;
    stream.post("end", json!({})).await.ok();
    receiver.wait_for_messages(4).await;
    stream.delete("").await;
    let came = receiver.wait_for_messages(5).await;
    let kinds: Vec<String> = came.iter().map(Came::kind).collect();
    let expected = ["stream.created", "stream.started", "comment.created", "stream.ended", "stream.deleted"];
    assert_eq!(kinds, expected);
    assert_eq!(came[0].json()["data"]["stream"]["title"], "two");
    assert_eq!(came[4].json()["data"]["stream"]["id"], stream.stream);
}

#[tokio::test]
async fn a_failure_holds_back_what_is_behind_and_each_try_has_the_same_id() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let (failing, other) = (Receiver::new().await, Receiver::new().await);
    failing.answers_next([Manner::Status(500), Manner::Close, Manner::Status(302)]);
    let made = hook(host, &failing, &["comment.created"]).await;
    hook(host, &other, &["comment.created"]).await;
    bo.comment("one").await;
    bo.comment("two").await;
    let came = failing.wait_for(5).await;
    let ids: Vec<&str> = came.iter().map(|came| came.header("webhook-id")).collect();
    assert!(ids[..4].iter().all(|id| *id == ids[0]) && ids[4] != ids[0], "{ids:?}");
    assert_eq!(failing.contents(), ["one", "two"]);
    other.wait_for_messages(2).await;
    assert_eq!(other.contents(), ["one", "two"]);
    let path = format!("/webhooks/{}/deliveries", id_of(&made));
    until("both are delivered", async || {
        let listed = host.get(&path).await.ok();
        let items = listed["items"].as_array().expect("a list").clone();
        items.len() == 2 && items.iter().all(|item| item["status"] == "delivered")
    })
    .await;
    let listed = host.get(&path).await.ok();
    assert_eq!(
        (&listed["items"][1]["attempts"], &listed["items"][1]["event"]),
        (&json!(4), &json!("comment.created"))
    );
}

#[tokio::test]
async fn what_is_deleted_before_it_is_sent_goes_out_as_its_tombstone() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let receiver = Receiver::new().await;
    receiver.answers(Manner::Status(500));
    hook(host, &receiver, &["comment.created"]).await;
    bo.comment("first").await;
    let secret = bo.comment("a secret").await;
    receiver.wait_for(1).await;
    bo.delete(&format!("comments/{}", id_of(&secret))).await;
    receiver.answers(Manner::Status(204));
    until("the tombstone comes", async || {
        receiver.came().iter().any(|came| came.kind() == "comment.tombstone")
    })
    .await;
    assert!(receiver.came().iter().all(|came| !came.body.contains("a secret")));
}

#[tokio::test]
async fn nothing_is_lost_where_a_server_stops_and_starts_again() {
    let scene = Scene::live_with(in_a_hurry).await;
    let receiver = Receiver::new().await;
    receiver.answers(Manner::Status(503));
    hook(&scene.host, &receiver, &["comment.created"]).await;
    for n in 0..5 {
        scene.host.comment(&format!("number {n}")).await;
    }
    receiver.wait_for(1).await;
    let scene = scene.restart();
    receiver.answers(Manner::Status(204));
    for n in 5..8 {
        scene.host.comment(&format!("number {n}")).await;
    }
    until("all came", async || receiver.contents().len() >= 8).await;
    let expected: Vec<String> = (0..8).map(|n| format!("number {n}")).collect();
    assert_eq!(receiver.contents(), expected);
}

#[tokio::test]
async fn what_holds_in_a_channel_is_told_once() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    host.create_stream("two").await;
    let receiver = Receiver::new().await;
    hook(host, &receiver, &["viewer.banned", "viewer.unbanned", "stream.ended"]).await;
    host.put("bans/bob", json!({})).await;
    host.delete("bans/bob").await;
    host.put("bans/bob", json!({"scope": "stream"})).await;
    host.post("end", json!({})).await.ok();
    let came = receiver.wait_for_messages(4).await;
    let kinds: Vec<String> = came.iter().map(Came::kind).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "viewer.banned").count(), 2, "{kinds:?}");
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    let of_channel = came
        .iter()
        .filter(|came| came.json()["data"]["stream_id"].is_null() && came.kind() != "stream.ended");
    assert_eq!(of_channel.count(), 2);
    assert_eq!(came[0].json()["data"]["user_id"], bo.id);
}

#[tokio::test]
async fn what_is_held_and_rejected_before_it_is_sent_goes_out_without_a_word_of_it() {
    let Scene { host, bo, .. } = &Scene::live_with(in_a_hurry).await;
    let receiver = Receiver::new().await;
    receiver.answers(Manner::Status(500));
    hook(host, &receiver, &["stream.updated", "comment.held"]).await;
    host.patch("settings", json!({"hold_all": true})).await.ok();
    let held = bo.post("comments", json!({"content": "a secret"})).await;
    assert_eq!(held.status, 202);
    receiver.wait_for(1).await;
    host.post(&format!("held/{}/reject", held.body["comment_id"].as_str().expect("an id")), json!({}))
        .await
        .ok();
    let sent_so_far = receiver.came().len();
    receiver.answers(Manner::Status(204));
    until("the tombstone comes", async || {
        receiver.came().iter().any(|came| came.kind() == "comment.tombstone")
    })
    .await;
    let after = receiver.came().split_off(sent_so_far + 1);
    assert!(after.iter().all(|came| !came.body.contains("bob")), "{after:?}");
}
