//! A server that stops says goodbye first, and what it has acknowledged is there when it comes back.

use crate::tools::{PATIENCE, Place, Running, SERVE, Signal, TestServer, User, Viewer, viewer};
use futures_util::future::{join, join_all, select_all};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_stopping_server_is_not_ready_and_spreads_its_goodbyes() {
    let server = TestServer::spawn_with(|config| config.drain = Duration::from_secs(1));
    let ana = server.register("ana").await;
    let stream = ana.create_stream("The last evening").await;
    let mut sockets = vec![ana.join(&stream).await, ana.join(&stream).await, ana.join(&stream).await];
    server.begin_to_stop();
    let begun = Instant::now();
    while ana.get("//health/ready").await.status == 200 {
        assert!(begun.elapsed() < PATIENCE, "it stays ready");
    }
    ana.get("//health/ready").await.refused(503, "unavailable");
    ana.get("//health/live").await.ok();
    assert_eq!(viewer::refusal(viewer::request(server.port, &stream, "")).await, 503);
    let mut waits = Vec::new();
    for socket in &mut sockets {
        let (bye, code) = socket.expect_close().await;
        assert_eq!((code, &bye["retry"]), (1012, &json!(true)));
        waits.push(bye["retry_after_ms"].as_u64().expect("a time to come back at"));
    }
    waits.sort_unstable();
    assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
}

/// The goodbyes are spread over a minute; the last viewer's would come after three quarters of it.
#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let place = Place::new();
    let running = Running::start(&place, &[("LIVEHOUSE_DRAIN_S", "60")]);
    let ana = User::register(running.guest(), "ana").await;
    let stream = ana.go_live("Out!").await;
    let mut sockets = join_all((0..4).map(|_| ana.join(&stream))).await;
    running.terminate();
    let goodbyes: Vec<_> = sockets.iter_mut().map(|socket| Box::pin(socket.expect_close())).collect();
    let ((bye, code), first, _) = select_all(goodbyes).await;
    assert_eq!((code, &bye["retry"]), (1012, &json!(true)), "the first goes at once");
    sockets.remove(first);
    running.terminate();
    assert_eq!(running.wait(), Some(0));
    for socket in &mut sockets {
        let (bye, _) = socket.expect_close().await;
        assert_eq!(bye, json!(null), "it was not waited for");
    }
}

#[tokio::test]
async fn a_closed_terminal_stops_it_in_order_unless_it_was_told_not_to_mind() {
    let place = Place::new();
    let running = Running::start(&place, &[("LIVEHOUSE_DRAIN_S", "0")]);
    let ana = User::register(running.guest(), "ana").await;
    let stream = ana.go_live("Hang up").await;
    let mut socket = ana.join(&stream).await;
    running.signal(Signal::HUP);
    assert_eq!(socket.expect_close().await.1, 1012);
    assert_eq!(running.wait(), Some(0));

    let running = Running::begin(place.command_after("trap '' HUP;", SERVE));
    running.signal(Signal::HUP);
    let guest = running.guest();
    guest.get(&format!("/streams/{stream}")).await.ok();
    let log = running.stop();
    let stopping = log.iter().filter(|line| line.contains("stopping")).count();
    assert_eq!(stopping, 1, "SIGTERM alone has stopped it: {log:#?}");
}

#[tokio::test]
async fn a_hundred_viewers_are_seen_off_and_nothing_that_was_acknowledged_is_lost() {
    see_off(100, Duration::from_secs(1)).await;
}

/// `ulimit -n 20000 && cargo test --test it five_thousand -- --ignored`
#[tokio::test]
#[ignore = "takes a minute and 15,000 files"]
async fn five_thousand_viewers_are_seen_off_and_nothing_that_was_acknowledged_is_lost() {
    see_off(5000, Duration::from_secs(5)).await;
}

async fn see_off(count: usize, drain: Duration) {
    let server = TestServer::spawn_with(|config| {
        config.drain = drain;
        config.limits = config.limits.clone().lift();
    });
    let ana = server.register("ana").await;
    let stream = ana.go_live("The last evening").await;
    let mut viewers = Vec::with_capacity(count);
    while viewers.len() < count {
        viewers.extend(join_all((0..50).map(|_| ana.join(&stream))).await);
    }
    let mut writer = ana.join(&stream).await;
    assert_eq!(writer.comment("before the end").await["type"], "ack");
    server.begin_to_stop();
    let writing = async {
        let mut acked = 1;
        // Until the goodbye: what is not acknowledged by then may be lost.
        while writer.try_say(json!({"op": "comment", "ref": "x", "content": "one more"})).await.is_ok() {
            match writer.next().await["type"].as_str() {
                Some("ack") => acked += 1,
                Some("bye") => break,
                _ => {}
            }
        }
        acked
    };
    let leaving = join_all(viewers.iter_mut().map(Viewer::expect_close));
    let (acked, goodbyes) = join(writing, leaving).await;
    let mut waits: Vec<u64> = Vec::new();
    for (bye, code) in goodbyes {
        assert_eq!(code, 1012, "{bye}");
        waits.push(bye["retry_after_ms"].as_u64().expect("a time to come back at"));
    }
    let (first, last) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
    assert!(
        u128::from(last - first) * 10 >= drain.as_millis() * 9,
        "all come back at once: {first} to {last}"
    );

    drop(viewers);
    let server = server.restart_with(|_| {});
    let again = server.guest().with_token(ana.token.as_deref().expect("a token"));
    let (log, _) = again.log_of(&stream).await;
    let comments = log.iter().filter(|event| event["type"] == "comment.created").count();
    assert!(comments >= acked, "{comments} of {acked}");
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let stream = ana.go_live("Twice").await;
    let mut socket = ana.join(&stream).await;
    let ack = socket.comment("before").await;
    assert_eq!(ack["type"], "ack", "{ack}");
    socket.leave().await;

    let server = server.restart_with(|_| {});
    let again = server.guest().with_token(ana.token.as_deref().expect("a token"));
    let list = again.get(&format!("/streams/{stream}/comments")).await.ok();
    assert_eq!(list["items"][0]["id"], ack["id"]);
    let since = ack["seq"].as_i64().expect("a place in the log") - 1;
    let mut socket = again.rejoin(&stream, since).await;
    assert_eq!(socket.opening["type"], "resumed", "{}", socket.opening);
    assert_eq!(socket.expect("comment.created").await["seq"], ack["seq"]);
}
