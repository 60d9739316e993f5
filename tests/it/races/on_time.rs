//! What ends by itself ends in time, and is told, whatever else happens in that moment.

use crate::tools::{Scene, races, until, without_limits};
use futures_util::{StreamExt, future::join_all, stream};
use jiff::Timestamp;
use livehouse::internals::{
    Millis, PollId, StreamId,
    polls::{self, NewPoll},
};
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test]
async fn the_end_of_a_timeout_is_told_though_another_ban_comes_in_that_moment() {
    let Scene { server, host, bo } = &Scene::scheduled_with(without_limits).await;
    server.register("cyd").await;
    // Each in a room of its own: a second of waiting is a second for all of them.
    let rounds = (0..races() as u64).map(async |round| {
        let host = host.go_live("Timeouts").await;
        let mut viewer = bo.at(&host.stream).join().await;
        // Longer than a busy house takes to tell of it: a ban that is told when it is over is no ban any more.
        host.put("bans/bob", json!({"duration_s": 3, "scope": "stream"})).await.ok();
        let you = viewer.expect_where("you", |you| you["ban"].is_object()).await;
        let ends: Timestamp = you["ban"]["until"].as_str().expect("a time").parse().expect("a time");
        // What is tried is the moment itself: something happens in the room in each millisecond around the end.
        let before = Duration::from_millis(25 + round);
        let left = Duration::try_from(ends.duration_since(Timestamp::now())).unwrap_or_default();
        sleep(left.saturating_sub(before)).await;
        join_all((0..60).map(async |n| match n % 2 {
            0 => host.put("bans/cyd", json!({"duration_s": 60 + n, "scope": "stream"})).await.ok(),
            _ => host.delete("bans/cyd").await.ok(),
        }))
        .await;
        viewer.expect_where("you", |you| you["ban"].is_null()).await;
        viewer.leave().await;
    });
    stream::iter(rounds).buffer_unordered(5).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn a_poll_whose_time_is_over_in_an_empty_room_closes_and_nobody_sees_it_open() {
    let Scene { server, host, .. } = &Scene::live().await;
    let stream: StreamId = host.stream.parse().expect("an id");
    let poll = NewPoll {
        id: PollId::new(),
        question: "which?".into(),
        options: vec!["a".into(), "b".into()],
        closes_at: Millis::now() - 1,
    };
    server.store().write_blocking(|tx| polls::open(tx, stream, &poll, Millis::now())).expect("a poll");
    let viewer = server.guest().join().await;
    assert_eq!(viewer.opening["poll"], json!(null));
    viewer.leave().await;
    until("the poll is closed", async || {
        host.log().await.0.iter().any(|event| event["type"] == "poll.closed")
    })
    .await;
}

#[tokio::test]
async fn a_reaction_that_is_refused_uses_nothing_up() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewer = bo.join().await;
    host.put("bans/bob", json!({})).await.ok();
    let clap = |count: u32| json!({"op": "react", "kind": "clap", "count": count});
    assert_eq!(viewer.ask(clap(20)).await["code"], "banned");
    host.delete("bans/bob").await.ok();
    assert_eq!(viewer.ask(clap(15)).await["type"], "ack");
    assert_eq!(viewer.ask(clap(10)).await["code"], "rate_limited");
    assert_eq!(viewer.ask(clap(5)).await["type"], "ack", "the ten too many have not used up the five left");
    viewer.leave().await;
}
