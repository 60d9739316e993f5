//! permessage-deflate (RFC 7692): who gets what is said to all compressed, and what may be sent so.

use crate::tools::{
    Client, Raw, Scene, TestServer, on_one_node,
    raw_socket::{RawFrame, bearer, handshake},
    without_limits,
};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use livehouse::config::FlushWindow;
use serde_json::{Value, json};
use std::time::Duration;

/// As browsers offer it.
const OFFER: &str = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
const ALONE: &str = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n";
/// What each message leaves out at its end.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// What the server agrees on with who says this in the handshake.
async fn agreed(server: &TestServer, path: &str, more: &str) -> Option<String> {
    let mut raw = Raw::connect(server).await;
    raw.send(handshake("GET", path, more)).await;
    let head = raw.head().await.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101"), "{head}");
    head.lines().find_map(|line| line.strip_prefix("sec-websocket-extensions: ")).map(str::to_owned)
}

#[tokio::test]
async fn what_is_offered_is_agreed_on_and_what_nobody_offered_is_not() {
    let Scene { server, host, .. } = &Scene::live().await;
    let path = host.path("ws");
    let plainly = "permessage-deflate; client_no_context_takeover";
    assert_eq!(agreed(server, &path, OFFER).await.as_deref(), Some(plainly));
    assert_eq!(agreed(server, &path, "").await, None);
    let alone = format!("{plainly}; server_no_context_takeover");
    assert_eq!(agreed(server, &path, ALONE).await, Some(alone));
    let unknown =
        "Sec-WebSocket-Extensions: permessage-bzip2\r\nSec-WebSocket-Extensions: permessage-deflate; x=1\r\n";
    assert_eq!(agreed(server, &path, unknown).await, None);
    let off = &Scene::live_with(|setup| setup.deflate = false).await;
    assert_eq!(agreed(&off.server, &off.host.path("ws"), OFFER).await, None);
}

/// A viewer with one context for all they read.
struct Viewer {
    socket: Raw,
    context: Decompress,
    compressed: usize,
    bytes: usize,
}

impl Viewer {
    async fn join(server: &TestServer, stream: &Client, offer: &str) -> Viewer {
        let socket = Raw::open(server, &stream.path("ws"), offer).await;
        let mut viewer = Viewer { socket, context: Decompress::new(false), compressed: 0, bytes: 0 };
        for opening in ["welcome", "snapshot"] {
            let frame = viewer.socket.frame().await;
            assert_eq!(frame.json()["type"], opening, "what is said to one viewer is plain");
        }
        viewer
    }

    async fn next(&mut self) -> Value {
        let frame = self.socket.frame().await;
        let text = self.read(frame);
        serde_json::from_slice(&text).expect("texts are JSON")
    }

    fn read(&mut self, RawFrame { opcode, is_compressed, mut payload }: RawFrame) -> Vec<u8> {
        assert_eq!(opcode, 1, "a text");
        self.bytes += payload.len();
        if !is_compressed {
            return payload;
        }
        self.compressed += 1;
        payload.extend(TAIL);
        let mut text = Vec::with_capacity(1 << 16);
        self.context.decompress_vec(&payload, &mut text, FlushDecompress::Sync).expect("compressed data");
        text
    }

    /// The texts of the next so many comments, in the order in which they come.
    async fn comments(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            let frame = self.next().await;
            if frame["type"] == "comment.created" {
                texts.push(frame["comment"]["content"].as_str().expect("a text").to_owned());
            }
        }
        texts
    }
}

#[tokio::test]
async fn who_offers_it_gets_batches_compressed_and_all_get_the_same() {
    let Scene { server, host, .. } = &Scene::live_with(|setup| {
        on_one_node(setup);
        without_limits(setup);
        setup.flush_window = FlushWindow::Fixed(Duration::from_millis(300));
    })
    .await;
    let mut deflating = Viewer::join(server, host, OFFER).await;
    let mut alone = Viewer::join(server, host, ALONE).await;
    let mut plain = Viewer::join(server, host, "").await;
    const SAID: usize = 60;
    let said = async {
        for of_three in (0..SAID).collect::<Vec<_>>().chunks(3) {
            let posts = of_three.iter().map(|number| async move {
                host.post("comments", json!({"content": format!("hello, this is number {number}")}))
                    .await
                    .ok();
            });
            futures_util::future::join_all(posts).await;
        }
    };
    let (read, by_alone, by_plain, ()) =
        tokio::join!(deflating.comments(SAID), alone.comments(SAID), plain.comments(SAID), said);
    assert_eq!((&read, &read), (&by_alone, &by_plain));
    assert_eq!((alone.compressed, plain.compressed), (0, 0));
    assert!(
        deflating.compressed > 0 && deflating.bytes < plain.bytes,
        "{} of {}",
        deflating.bytes,
        plain.bytes
    );
    assert!(server.metric("livehouse_fanout_deflated_total").await > 0);
}

/// A message as a client compresses it.
fn compressed(text: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(text.len() + 100);
    compress.compress_vec(text, &mut out, FlushCompress::Sync).expect("it compresses");
    out.truncate(out.len() - TAIL.len());
    out
}

#[tokio::test]
async fn what_a_client_sends_may_be_compressed() {
    let Scene { server, host, .. } = &Scene::live().await;
    let more = bearer(host.token.as_deref()) + OFFER;
    let mut socket = Raw::open(server, &host.path("ws"), &more).await;
    let op = json!({"op": "comment", "ref": "1", "content": "hello hello hello hello"}).to_string();
    let op = compressed(op.as_bytes());
    socket.send_frame(0x41, &op[..7]).await;
    socket.send_frame(0x80, &op[7..]).await;
    loop {
        let frame = socket.frame().await;
        if !frame.is_compressed && frame.json()["ref"] == "1" {
            assert_eq!(frame.json()["type"], "ack");
            break;
        }
    }
}

#[tokio::test]
async fn what_inflates_to_too_much_or_to_nothing_closes_and_so_does_what_was_not_agreed_on() {
    let Scene { server, host, .. } = &Scene::live().await;
    let bomb = compressed(&vec![b'a'; 100_000]);
    let hello = compressed(b"hello");
    let no_text = compressed(b"\xff");
    for (offer, frames, code) in [
        (OFFER, vec![(0xc1, &bomb[..])], 1009),
        (OFFER, vec![(0xc1, b"\xff\xff\xff")], 1007),
        (OFFER, vec![(0xc1, &no_text)], 1007),
        (OFFER, vec![(0x01, b"a"), (0xc0, &hello)], 1002),
        (OFFER, vec![(0xc9, &hello)], 1002),
        (OFFER, vec![(0xe1, &hello)], 1002),
        ("", vec![(0xc1, &hello)], 1002),
    ] {
        let mut socket = Raw::open(server, &host.path("ws"), offer).await;
        for (first, payload) in &frames {
            socket.send_frame(*first, payload).await;
        }
        let last = socket.frames_to_the_end().await.pop().expect("a close");
        assert_eq!(last.close_code(), Some(code), "{frames:02x?}");
    }
}
