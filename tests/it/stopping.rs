//! A server that stops says goodbye first, and what it has acknowledged is there when it comes back.

use crate::{
    server::TestServer,
    viewer::{self, PATIENCE},
};
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
