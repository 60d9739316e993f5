//! A socket spoken by hand: handshakes cut short, connections reset, and every byte that the server sends.

use super::{PATIENCE, TestServer};
use serde_json::Value;
use socket2::SockRef;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// What a client masks with.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A connection to the site.
pub struct Raw(pub TcpStream);

/// A frame of the server, as it came.
#[derive(Debug)]
pub struct RawFrame {
    pub opcode: u8,
    /// Whether it says that it is compressed.
    pub is_compressed: bool,
    pub payload: Vec<u8>,
}

impl RawFrame {
    /// A text as JSON.
    pub fn json(&self) -> Value {
        assert!(!self.is_compressed, "nobody asked for that");
        serde_json::from_slice(&self.payload).expect("texts are JSON")
    }

    /// The code of a close.
    pub fn close_code(&self) -> Option<u16> {
        let code = self.payload.first_chunk::<2>().filter(|_| self.opcode == 8)?;
        Some(u16::from_be_bytes(*code))
    }
}

/// The head of a handshake; `more` are further lines, each with its end.
pub fn handshake(method: &str, path: &str, more: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    )
}

/// The line with an account's token, or nothing.
pub fn bearer(token: Option<&str>) -> String {
    token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default()
}

impl Raw {
    pub async fn connect(server: &TestServer) -> Raw {
        Raw(TcpStream::connect(("127.0.0.1", server.ports().settled().await))
            .await
            .expect("the server listens"))
    }

    /// The same with little room for what comes.
    pub async fn connect_narrowly(server: &TestServer) -> Raw {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("a small buffer");
        let address = format!("127.0.0.1:{}", server.ports().settled().await).parse().expect("an address");
        Raw(socket.connect(address).await.expect("the server listens"))
    }

    /// Sends something, and gives all that comes until the server closes; who refuses early may not read it all.
    pub async fn ask(server: &TestServer, bytes: impl AsRef<[u8]>) -> String {
        let mut raw = Raw::connect(server).await;
        _ = raw.0.write_all(bytes.as_ref()).await;
        raw.read_to_the_end().await
    }

    /// An open socket.
    pub async fn open(server: &TestServer, path: &str, more: &str) -> Raw {
        let mut raw = Raw::connect(server).await;
        raw.send(handshake("GET", path, more)).await;
        assert!(raw.head().await.starts_with("HTTP/1.1 101"));
        raw
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("the server listens");
    }

    /// Sends a frame: its first byte, and a payload of at most 125 bytes.
    pub async fn send_frame(&mut self, first: u8, payload: &[u8]) {
        let mut bytes = vec![first, 0x80 | u8::try_from(payload.len()).expect("a short one")];
        bytes.extend(MASK);
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.send(bytes).await;
    }

    /// The head of an answer.
    pub async fn head(&mut self) -> String {
        self.until("\r\n\r\n").await
    }

    /// All that comes up to these characters, with them.
    pub async fn until(&mut self, end: &str) -> String {
        let reading = async {
            let mut all = Vec::new();
            while !all.ends_with(end.as_bytes()) {
                all.push(
                    self.0.read_u8().await.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&all))),
                );
            }
            String::from_utf8(all).expect("whole characters")
        };
        timeout(PATIENCE, reading).await.expect("an answer in time")
    }

    /// The next frame.
    pub async fn frame(&mut self) -> RawFrame {
        timeout(PATIENCE, self.read_frame()).await.expect("a frame in time").expect("the socket is open")
    }

    /// All frames up to the end of the connection, which must not come in the middle of one.
    pub async fn frames_to_the_end(&mut self) -> Vec<RawFrame> {
        let mut all = Vec::new();
        while let Some(frame) = timeout(PATIENCE, self.read_frame()).await.expect("an end in time") {
            all.push(frame);
        }
        all
    }

    async fn read_frame(&mut self) -> Option<RawFrame> {
        let first = self.0.read_u8().await.ok()?;
        let length = match self.0.read_u8().await.expect("a whole frame") {
            126 => self.0.read_u16().await.expect("a whole frame").into(),
            127 => self.0.read_u64().await.expect("a whole frame") as usize,
            short => short.into(),
        };
        assert!(first & 0xb0 == 0x80, "a whole message, and no other extension than compression: {first:x}");
        let mut payload = vec![0; length];
        self.0.read_exact(&mut payload).await.expect("a whole frame");
        Some(RawFrame { opcode: first & 0x0f, is_compressed: first & 0x40 != 0, payload })
    }

    /// Everything up to the end of the connection.
    pub async fn read_to_the_end(&mut self) -> String {
        let mut all = Vec::new();
        let read = timeout(PATIENCE, self.0.read_to_end(&mut all)).await.expect("an end in time");
        // A reset is an end, too.
        drop(read);
        String::from_utf8_lossy(&all).into_owned()
    }

    /// Goes without a goodbye: the server is told by a reset.
    pub fn reset(self) {
        SockRef::from(&self.0).set_linger(Some(Duration::ZERO)).expect("an option");
    }
}
