//! Nothing follows a close (RFC 6455, 5.5.1), least of all what was still to be caught up with: who is closed in the middle
//! of it gets the end of the frame that had begun, `bye`, and the close.

use crate::tools::{
    Client, PASSWORD, Raw, RawFrame, TestServer, User,
    raw_socket::{bearer, handshake},
};
use futures_util::{StreamExt, stream};
use livehouse::config::{Config, Limits};
use reqwest::Method;
use serde_json::json;

/// More than a room keeps in memory, so that the log is read, page by page.
const COMMENTS: usize = 3_500;
/// At 600 bytes each, far more than the buffers between a server and a client.
const LENGTH: usize = 400;
/// What has been read when it happens.
const FIRST: usize = 20;

fn without_comment_limits(config: &mut Config) {
    let frames = config.limits.frames_per_connection;
    config.limits = Limits { frames_per_connection: frames, ..Limits::default().lift() };
}

/// A stream with a long log.
async fn a_long_log(host: &User) -> String {
    let stream = host.go_live("A long story").await;
    let comment = async |n: usize| drop(host.comment(&stream, &format!("{n:0LENGTH$}")).await);
    stream::iter(0..COMMENTS).for_each_concurrent(128, comment).await;
    stream
}

/// Comes back to the very beginning by a connection that takes little, and reads a few events.
async fn far_behind(server: &TestServer, token: Option<&str>, stream: &str) -> Raw {
    let mut raw = Raw::connect_narrowly(server).await;
    raw.send(handshake("GET", &format!("/api/v1/streams/{stream}/ws?since=0"), &bearer(token))).await;
    assert!(raw.head().await.starts_with("HTTP/1.1 101"));
    for kind in ["welcome", "resumed", "pulse"] {
        assert_eq!(raw.frame().await.json()["type"], kind);
    }
    for _ in 0..FIRST {
        raw.frame().await;
    }
    raw
}

/// Reads to the end: a part of the log, `bye`, the close, and nothing more.
async fn ends_with(mut raw: Raw, code: u16) {
    let frames = raw.frames_to_the_end().await;
    let [events @ .., bye, close] = &frames[..] else { panic!("{code}: only {frames:?}") };
    assert_eq!(close.close_code(), Some(code), "{code}: the last is {close:?}");
    assert_eq!((&bye.json()["type"], &bye.json()["code"]), (&json!("bye"), &json!(code)));
    assert!(events.len() < COMMENTS / 2, "{code}: {} events came all the same", events.len());
    let is_event = |frame: &&RawFrame| frame.opcode == 1 && frame.json()["type"] == "comment.created";
    let others: Vec<_> = events.iter().filter(|frame| !is_event(frame)).collect();
    assert!(others.iter().all(|frame| [9, 10].contains(&frame.opcode)), "{code}: {others:?}");
}

/// What readers of server-sent events get to the end: a part of the log, and `bye`.
async fn reader_ends_with(mut raw: Raw, code: u16) {
    let rest = raw.read_to_the_end().await;
    let events = rest.matches("event: comment.created").count();
    assert!(events < COMMENTS / 2, "{code}: {events} events came all the same");
    let (_, after) = rest.split_once("event: bye\n").unwrap_or_else(|| panic!("{code}: no bye"));
    assert!(after.contains(&format!("\"code\":{code}")), "{code}: {after}");
    assert!(!after.contains("event: "), "{code}: after the goodbye came {after}");
}

async fn reader_far_behind(server: &TestServer, token: Option<&str>, stream: &str) -> Raw {
    let mut raw = Raw::connect_narrowly(server).await;
    let auth = bearer(token);
    raw.send(format!(
        "GET /api/v1/streams/{stream}/events?after=0 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\
         Connection: close\r\n{auth}\r\n"
    ))
    .await;
    assert!(raw.head().await.starts_with("HTTP/1.1 200"));
    for _ in 0..FIRST {
        raw.until("event: comment.created\n").await;
    }
    raw
}

async fn set_visibility(host: &Client, stream: &str, visibility: &str) {
    host.patch(&format!("/streams/{stream}"), json!({"visibility": visibility})).await.ok();
}

#[tokio::test]
async fn nothing_follows_a_close_in_the_middle_of_a_catch_up() {
    let server = TestServer::spawn_with(without_comment_limits);
    let host = server.register("host").await;
    let stream = a_long_log(&host).await;

    let mut binary = far_behind(&server, None, &stream).await;
    binary.send_frame(0x82, b"\0").await;
    ends_with(binary, 1003).await;

    let mut garbled = far_behind(&server, None, &stream).await;
    garbled.send_frame(0x81, b"\xff").await;
    ends_with(garbled, 1007).await;

    let mut hasty = far_behind(&server, None, &stream).await;
    for _ in 0..100 {
        hasty.send_frame(0x89, b"").await;
    }
    ends_with(hasty, 4429).await;

    let guest = server.register("guest").await;
    let other = guest.log_in_again().await;
    let (socket, reader) = (
        far_behind(&server, guest.token.as_deref(), &stream).await,
        reader_far_behind(&server, guest.token.as_deref(), &stream).await,
    );
    guest.delete("/sessions/current").await.ok();
    tokio::join!(ends_with(socket, 4401), reader_ends_with(reader, 4401));

    let socket = far_behind(&server, other.token.as_deref(), &stream).await;
    let farewell = other.request(Method::DELETE, "/users/me").json(&json!({"password": PASSWORD}));
    other.send(farewell).await.ok();
    ends_with(socket, 4401).await;

    let (socket, reader) =
        (far_behind(&server, None, &stream).await, reader_far_behind(&server, None, &stream).await);
    set_visibility(&host, &stream, "private").await;
    tokio::join!(ends_with(socket, 4404), reader_ends_with(reader, 4404));

    set_visibility(&host, &stream, "public").await;
    let (socket, reader) =
        (far_behind(&server, None, &stream).await, reader_far_behind(&server, None, &stream).await);
    host.delete(&format!("/streams/{stream}")).await.ok();
    tokio::join!(ends_with(socket, 4404), reader_ends_with(reader, 4404));
}

#[tokio::test]
async fn nothing_follows_the_goodbye_of_a_stopping_server() {
    let server = TestServer::spawn_with(without_comment_limits);
    let host = server.register("host").await;
    let stream = a_long_log(&host).await;
    let (socket, reader) =
        (far_behind(&server, None, &stream).await, reader_far_behind(&server, None, &stream).await);
    server.begin_to_stop();
    // Not a byte more is read before the goodbyes are said.
    while server.is_ready().await {}
    tokio::join!(ends_with(socket, 1012), reader_ends_with(reader, 1012));
}
