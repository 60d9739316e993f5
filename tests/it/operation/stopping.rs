//! A server that stops says goodbye first, and what it has acknowledged is there when it comes back.

use crate::tools::{
    PATIENCE, Place, Running, SERVE, Scene, Setup, Signal, User, Viewer, until, without_limits,
};
use futures_util::future::{join, join_all, select_all};
use serde_json::json;
use std::{os::unix::net::UnixDatagram, time::Duration};

#[tokio::test]
async fn a_stopping_server_is_not_ready_and_spreads_its_goodbyes() {
    let Scene { server, host, .. } =
        &Scene::scheduled_with(|config| config.on_one_node().drain = Duration::from_secs(1)).await;
    let mut sockets = vec![host.join().await, host.join().await, host.join().await];
    server.begin_to_stop();
    until("it is not ready", async || !server.is_ready().await).await;
    host.get("//health/ready").await.refused(503, "unavailable");
    host.get("//health/live").await.ok();
    assert_eq!(server.guest().refusal().await, 503);
    let mut waits = Vec::new();
    for socket in &mut sockets {
        let bye = socket.expect_close().await.says(1012);
        waits.push(bye["retry_after_ms"].as_u64().expect("a time to come back at"));
    }
    waits.sort_unstable();
    assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
}

#[tokio::test]
async fn a_stopping_server_answers_calls_until_the_last_socket_is_gone() {
    let Scene { server, host, .. } =
        &Scene::live_with(|config| config.on_one_node().drain = Duration::from_secs(2)).await;
    let sockets = [host.join().await, host.join().await];
    server.begin_to_stop();
    let (bye, _, mut others) =
        select_all(sockets.map(|mut socket| Box::pin(async move { socket.expect_close().await.says(1012) })))
            .await;
    assert!(bye["retry_after_ms"].is_u64(), "{bye}");
    host.post("comments", json!({"content": "said meanwhile"})).await.ok();
    others.remove(0).await;
}

/// The goodbyes are spread over a minute; the last viewer's would come after three quarters of it.
#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let place = Place::new();
    let running = Running::start(&place, &[("LIVEHOUSE_DRAIN_S", "60")]);
    let ana = User::on_air(running.guest(), "ana").await;
    let mut sockets = join_all((0..4).map(|_| ana.join())).await;
    running.terminate();
    let goodbyes: Vec<_> = sockets.iter_mut().map(|socket| Box::pin(socket.expect_close())).collect();
    let (goodbye, first, _) = select_all(goodbyes).await;
    goodbye.says(1012); // The first goes at once.
    sockets.remove(first);
    running.terminate();
    assert_eq!(running.wait(), Some(0));
    for socket in &mut sockets {
        assert_eq!(socket.expect_close().await.bye, json!(null), "it was not waited for");
    }
}

#[tokio::test]
async fn a_closed_terminal_stops_it_in_order_unless_it_was_told_not_to_mind() {
    let place = Place::new();
    let running = Running::start(&place, &[("LIVEHOUSE_DRAIN_S", "0")]);
    let ana = User::on_air(running.guest(), "ana").await;
    let mut socket = ana.join().await;
    running.signal(Signal::HUP);
    socket.expect_close().await.says(1012);
    assert_eq!(running.wait(), Some(0));

    let running = Running::begin(place.command_after("trap '' HUP;", SERVE));
    running.signal(Signal::HUP);
    ana.at_port(running.port()).get("").await.ok();
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
    let change = |config: &mut Setup| {
        config.drain = drain;
        without_limits(config);
    };
    let scene = Scene::live_with(change).await;
    let Scene { server, host, .. } = &scene;
    let mut viewers = Vec::with_capacity(count);
    while viewers.len() < count {
        viewers.extend(join_all((0..50).map(|_| host.join())).await);
    }
    let mut writer = host.join().await;
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
    for goodbye in goodbyes {
        waits.push(goodbye.says(1012)["retry_after_ms"].as_u64().expect("a time to come back at"));
    }
    let (first, last) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
    assert!(
        u128::from(last - first) * 10 >= drain.as_millis() * 9,
        "all come back at once: {first} to {last}"
    );

    drop(viewers);
    let (log, _) = scene.restart().host.log().await;
    let comments = log.iter().filter(|event| event["type"] == "comment.created").count();
    assert!(comments >= acked, "{comments} of {acked}");
}

/// A service manager's end of `sd_notify`.
struct Manager {
    socket: UnixDatagram,
    path: String,
}

impl Manager {
    fn at(place: &Place) -> Manager {
        let path = place.path("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket for a test");
        socket.set_read_timeout(Some(PATIENCE)).expect("it is not zero");
        Manager { socket, path: path.to_str().expect("a plain path").to_owned() }
    }

    fn hears(&self) -> String {
        let mut told = [0; 100];
        let length = self.socket.recv(&mut told).expect("it is told something");
        String::from_utf8_lossy(&told[..length]).into_owned()
    }
}

#[tokio::test]
async fn a_service_manager_is_told_that_it_serves_that_it_lives_and_that_it_stops() {
    let place = Place::new();
    let manager = Manager::at(&place);
    let server = Running::start(
        &place,
        &[("NOTIFY_SOCKET", &manager.path), ("WATCHDOG_USEC", "100000"), ("LIVEHOUSE_DRAIN_S", "1")],
    );
    assert_eq!(manager.hears(), "READY=1\n");
    assert!(server.guest().get("//health/ready").await.ok()["status"].is_string());
    for _ in 0..3 {
        assert_eq!(manager.hears(), "WATCHDOG=1\n");
    }
    server.terminate();
    let mut last = manager.hears();
    while last == "WATCHDOG=1\n" {
        last = manager.hears();
    }
    assert_eq!(last, "STOPPING=1\n");
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn a_service_manager_that_does_not_ask_for_signs_of_life_gets_none() {
    for unasked in [("WATCHDOG_USEC", "0"), ("WATCHDOG_PID", "1")] {
        let place = Place::new();
        let manager = Manager::at(&place);
        let environment = [("WATCHDOG_USEC", "1000"), unasked, ("NOTIFY_SOCKET", &manager.path)];
        let server = Running::start(&place, &environment);
        assert_eq!(manager.hears(), "READY=1\n");
        server.stop();
        assert_eq!(manager.hears(), "STOPPING=1\n");
    }
}
