//! Who may see what a media server has, as MediaMTX and OvenMediaEngine ask.

use super::double::{Kind, Publisher, ask, hooks, no, yes};
use crate::tools::{Scene, until};
use serde_json::json;

#[tokio::test]
async fn what_everybody_may_see_is_given_to_everybody() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    let reader = &Publisher::new(Kind::Mediamtx, &host.stream, "");
    let by_ome = async || ask(server, &reader.of_ome("outgoing", "opening")).await;
    for visibility in ["public", "unlisted"] {
        host.patch("", json!({"visibility": visibility})).await.ok();
        for action in ["read", "playback"] {
            yes(Kind::Mediamtx, ask(server, &reader.asks_mediamtx(action, "null")).await);
        }
        yes(Kind::Ome, by_ome().await);
    }
    host.patch("", json!({"visibility": "private"})).await.ok();
    until("nobody is let in", async || ask(server, &reader.of_mediamtx("read")).await.is_no(Kind::Mediamtx))
        .await;
    no(Kind::Mediamtx, ask(server, &reader.of_mediamtx("playback")).await);
    until("nobody is let in", async || by_ome().await.is_no(Kind::Ome)).await;
    yes(Kind::Ome, ask(server, &reader.of_ome("outgoing", "closing")).await);
}

#[tokio::test]
async fn before_the_start_and_after_the_end_there_is_nothing_to_see() {
    let Scene { server, host, .. } = &Scene::scheduled_with(hooks).await;
    let reader = &Publisher::new(Kind::Mediamtx, &host.stream, "");
    no(Kind::Mediamtx, ask(server, &reader.of_mediamtx("read")).await);
    host.post("start", json!({})).await.ok();
    until("it is let in", async || ask(server, &reader.of_mediamtx("read")).await.is_yes(Kind::Mediamtx))
        .await;
    host.post("end", json!({})).await.ok();
    until("nobody is let in", async || ask(server, &reader.of_mediamtx("read")).await.is_no(Kind::Mediamtx))
        .await;
}

#[tokio::test]
async fn the_api_of_a_server_is_not_this_houses_to_give() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    let asks = Publisher::new(Kind::Mediamtx, &host.stream, "");
    for action in ["api", "metrics", "pprof"] {
        no(Kind::Mediamtx, ask(server, &asks.asks_mediamtx(action, "null")).await);
    }
}
