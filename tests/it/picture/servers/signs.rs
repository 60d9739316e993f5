//! Signs of life: nginx says by itself that a publisher goes on, so that a house that was away knows it again.

use super::double::{Kind, ask, hooks, hooks_on_one_node, key_of, no, on_air, picture_is, refusal_is, yes};
use crate::tools::{Scene, until};
use serde_json::{Value, json};

#[tokio::test]
async fn who_goes_on_is_known_again_after_a_restart() {
    let scene = Scene::live_with(hooks_on_one_node).await;
    let (stream, publisher) = on_air(&scene.host, Kind::Nginx).await;
    yes(Kind::Nginx, publisher.publish(&scene.server).await);
    picture_is(&stream, "live").await;
    let scene = scene.restart();
    let stream = scene.host.at(&stream.stream);
    picture_is(&stream, "none").await;
    yes(Kind::Nginx, publisher.goes_on(&scene.server).await);
    picture_is(&stream, "live").await;
    yes(Kind::Nginx, publisher.goes_on(&scene.server).await);
    yes(Kind::Nginx, publisher.end(&scene.server).await);
    picture_is(&stream, "stalled").await;
}

#[tokio::test]
async fn who_was_sent_away_is_told_so_when_it_goes_on() {
    // Of two, one that has not heard of the picture yet would say that there is none, as if it had ended.
    let Scene { server, host, .. } = &Scene::live_with(hooks_on_one_node).await;
    let (stream, publisher) = on_air(host, Kind::Nginx).await;
    yes(Kind::Nginx, publisher.publish(server).await);
    picture_is(&stream, "live").await;
    stream.post("ingest/rotate", json!({})).await.ok();
    picture_is(&stream, "none").await;
    no(Kind::Nginx, publisher.goes_on(server).await);
    let with_new_key = publisher.with_key(&key_of(&stream).await).with_client(2);
    yes(Kind::Nginx, with_new_key.publish(server).await);
    no(Kind::Nginx, publisher.goes_on(server).await);
    yes(Kind::Nginx, with_new_key.goes_on(server).await);
    picture_is(&stream, "live").await;
}

#[tokio::test]
async fn who_is_removed_does_not_come_back_by_going_on() {
    let Scene { server, host, .. } = &Scene::live_with(hooks_on_one_node).await;
    let (stream, publisher) = on_air(host, Kind::Nginx).await;
    yes(Kind::Nginx, publisher.publish(server).await);
    picture_is(&stream, "live").await;
    stream.delete("ingest/publisher").await;
    no(Kind::Nginx, publisher.goes_on(server).await);
    picture_is(&stream, "none").await;
    yes(Kind::Nginx, publisher.with_client(2).publish(server).await);
}

#[tokio::test]
async fn mediamtx_asks_once_without_a_key_which_counts_for_nothing() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    let (stream, publisher) = on_air(host, Kind::Mediamtx).await;
    for _ in 0..12 {
        let told = publisher.with_key("").publish(server).await;
        assert_eq!(told.status, 401, "{told:?}");
    }
    assert_eq!(stream.get("ingest").await.ok()["last_refusal"], Value::Null);
    // Its page asks before there is a session, and nothing begins by that.
    yes(Kind::Mediamtx, ask(server, &publisher.asks_mediamtx("publish", "null")).await);
    no(Kind::Mediamtx, ask(server, &publisher.with_key("x").asks_mediamtx("publish", "null")).await);
    refusal_is(&stream, "unknown_key").await;
    assert_eq!(stream.get("").await.ok()["picture"]["state"], "none");
    yes(Kind::Mediamtx, publisher.publish(server).await);
    until("it is there", async || stream.get("").await.ok()["picture"]["state"] == "live").await;
}
