//! What ends by itself ends in time, and is told, whatever else happens in that moment.

use crate::{races::hands::races, tools::TestServer};
use futures_util::future::join_all;
use livehouse::{
    domain::ids::{PollId, StreamId},
    domain::time::Millis,
    store::polls::{self, NewPoll},
};
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

#[tokio::test]
async fn the_end_of_a_timeout_is_told_though_another_ban_comes_in_that_moment() {
    let server = TestServer::spawn_with(crate::races::hands::without_limits);
    let (host, bo) = (server.register("host").await, server.register("bob").await);
    server.register("cyd").await;
    let stream = host.go_live("Timeouts").await;
    let bans = format!("/streams/{stream}/bans");
    for round in 0..races() as u64 {
        let mut viewer = bo.join(&stream).await;
        host.put(&format!("{bans}/bob"), json!({"duration_s": 1})).await.ok();
        let ends = Instant::now() + Duration::from_millis(1000);
        viewer.expect_where("you", |you| you["ban"].is_object()).await;
        // What is tried is the moment itself: something happens in the room in each millisecond around the end.
        sleep_until(ends - Duration::from_millis(25 + round)).await;
        let cyd = format!("{bans}/cyd");
        join_all((0..60).map(async |n| match n % 2 {
            0 => host.put(&cyd, json!({"duration_s": 60 + n})).await.ok(),
            _ => host.delete(&cyd).await.ok(),
        }))
        .await;
        viewer.expect_where("you", |you| you["ban"].is_null()).await;
        viewer.leave().await;
    }
}

#[tokio::test]
async fn a_poll_whose_time_is_over_in_an_empty_room_closes_and_nobody_sees_it_open() {
    let server = TestServer::spawn();
    let host = server.register("host").await;
    let id = host.go_live("Nobody is here").await;
    let stream: StreamId = id.parse().expect("an id");
    let poll = NewPoll {
        id: PollId::new(),
        question: "which?".into(),
        options: vec!["a".into(), "b".into()],
        closes_at: Millis::now() - 1,
    };
    server.store().write(|tx| polls::open(tx, stream, &poll, Millis::now())).expect("a poll");
    let viewer = server.guest().join(&id).await;
    assert_eq!(viewer.opening["poll"], json!(null));
    viewer.leave().await;
    let begun = Instant::now();
    loop {
        let (log, _) = host.log_of(&id).await;
        if log.iter().any(|event| event["type"] == "poll.closed") {
            break;
        }
        assert!(begun.elapsed() < crate::tools::PATIENCE, "it is never closed: {log:#?}");
    }
}

#[tokio::test]
async fn a_reaction_that_is_refused_uses_nothing_up() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("host").await, server.register("bob").await);
    let stream = host.go_live("Claps").await;
    let ban = format!("/streams/{stream}/bans/bob");
    let mut viewer = bo.join(&stream).await;
    host.put(&ban, json!({})).await.ok();
    let clap = |count: u32| json!({"op": "react", "kind": "clap", "count": count});
    assert_eq!(viewer.ask(clap(20)).await["code"], "banned");
    host.delete(&ban).await.ok();
    assert_eq!(viewer.ask(clap(15)).await["type"], "ack");
    assert_eq!(viewer.ask(clap(10)).await["code"], "rate_limited");
    assert_eq!(viewer.ask(clap(5)).await["type"], "ack", "the ten too many have not used up the five left");
    viewer.leave().await;
}
