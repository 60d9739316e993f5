//! Nothing follows a close (RFC 6455, 5.5.1), least of all what was still to be caught up with: who is closed in the middle
//! of it gets the end of the frame that had begun, `bye`, and the close.

use super::unknown::append;
use crate::tools::{
    Client, Raw, RawFrame, Scene, TestServer, on_one_node,
    raw_socket::{bearer, handshake},
    until,
};
use serde_json::json;

/// More than a room keeps in memory, so that the log is read, page by page.
const EVENTS: usize = 3_500;
/// At 600 bytes each, far more than the buffers between a server and a client.
const LENGTH: usize = 500;
const KIND: &str = "comment.sung";
/// What has been read when it happens.
const FIRST: usize = 20;

/// Comes back to the very beginning by a connection that takes little, and reads a few events.
async fn far_behind(server: &TestServer, who: &Client) -> Raw {
    let mut raw = Raw::connect_narrowly(server).await;
    raw.send(handshake("GET", &who.path("ws?since=0"), &bearer(who.token.as_deref()))).await;
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
    assert!(events.len() < EVENTS / 2, "{code}: {} events came all the same", events.len());
    let is_event = |frame: &&RawFrame| frame.opcode == 1 && frame.json()["type"] == KIND;
    let others: Vec<_> = events.iter().filter(|frame| !is_event(frame)).collect();
    assert!(others.iter().all(|frame| [9, 10].contains(&frame.opcode)), "{code}: {others:?}");
}

/// What readers of server-sent events get to the end: a part of the log, and `bye`.
async fn reader_ends_with(mut raw: Raw, code: u16) {
    let rest = raw.read_to_the_end().await;
    let events = rest.matches(KIND).count() / 2;
    assert!(events < EVENTS / 2, "{code}: {events} events came all the same");
    let (_, after) = rest.split_once("event: bye\n").unwrap_or_else(|| panic!("{code}: no bye"));
    assert!(after.contains(&format!("\"code\":{code}")), "{code}: {after}");
    assert!(!after.contains("event: "), "{code}: after the goodbye came {after}");
}

async fn reader_far_behind(server: &TestServer, who: &Client) -> Raw {
    let mut raw = Raw::connect_narrowly(server).await;
    let (path, auth) = (who.path("events?after=0"), bearer(who.token.as_deref()));
    raw.send(format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nConnection: close\r\n{auth}\r\n"
    ))
    .await;
    assert!(raw.head().await.starts_with("HTTP/1.1 200"));
    for _ in 0..FIRST {
        raw.until(&format!("event: {KIND}\n")).await;
    }
    raw
}

/// Both kinds of readers are far behind when something is done, which ends them with this code.
async fn both_end_with(server: &TestServer, who: &Client, code: u16, done: impl Future<Output = ()>) {
    let (socket, reader) = (far_behind(server, who).await, reader_far_behind(server, who).await);
    done.await;
    tokio::join!(ends_with(socket, code), reader_ends_with(reader, code));
}

#[tokio::test]
async fn nothing_follows_a_close_in_the_middle_of_a_catch_up() {
    let Scene { server, host, bo } = Scene::live_with(on_one_node).await;
    append(&server, KIND, &format!(r#"{{"lyrics":"{:0LENGTH$}"}}"#, 0), EVENTS);
    let nobody = host.guest();

    // Who does not answer a close is shut two seconds later, so that some are tried at once.
    let other = bo.log_in_again().await;
    let (mut binary, mut garbled) = (far_behind(&server, &nobody).await, far_behind(&server, &nobody).await);
    let (mut hasty, deleted) = (far_behind(&server, &nobody).await, far_behind(&server, &other).await);
    let binary = async {
        binary.send_frame(0x82, b"\0").await;
        ends_with(binary, 1003).await;
    };
    let garbled = async {
        garbled.send_frame(0x81, b"\xff").await;
        ends_with(garbled, 1007).await;
    };
    let hasty = async {
        for _ in 0..100 {
            hasty.send_frame(0x89, b"").await;
        }
        ends_with(hasty, 4429).await;
    };
    let signed_in = async {
        both_end_with(&server, &bo, 4401, async { drop(bo.delete("/sessions/current").await.ok()) }).await;
        other.farewell().await;
        ends_with(deleted, 4401).await;
    };
    tokio::join!(binary, garbled, hasty, signed_in);

    let show = async |visibility: &str| drop(host.patch("", json!({"visibility": visibility})).await.ok());
    both_end_with(&server, &nobody, 4404, show("private")).await;
    show("public").await;

    let stopping = async {
        server.begin_to_stop();
        // Not a byte more is read before the goodbyes are said.
        until("it is not ready", async || !server.is_ready().await).await;
    };
    both_end_with(&server, &nobody, 1012, stopping).await;
    let Scene { server, host, .. } = Scene { server, host, bo }.restart();
    both_end_with(&server, &host.guest(), 4404, async { drop(host.delete("").await.ok()) }).await;
}
