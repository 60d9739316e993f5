//! An encoder by RTMP, spoken by hand, that asks to send and then sends nothing.
//! It must not know why it is let in or sent away.

use crate::tools::PATIENCE;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// The server's answer to a handshake.
const ANSWER_BYTES: usize = 1 + 1536 + 1536;

/// A connection that has been answered.
pub struct Encoder {
    socket: TcpStream,
    told: Vec<u8>,
}

impl Encoder {
    /// Connects to an address such as `rtmp://127.0.0.1:1935/live`.
    pub async fn connect(url: &str) -> Encoder {
        let address = url.trim_start_matches("rtmp://").trim_end_matches("/live");
        let mut socket = TcpStream::connect(address).await.expect("encoders are let in");
        let hello = [vec![3], vec![0; 1536], vec![0; 1536]].concat();
        socket.write_all(&hello).await.expect("it is read");
        let answer = timeout(PATIENCE, socket.read_exact(&mut [0; ANSWER_BYTES])).await;
        answer.expect("an answer in time").expect("an answer");
        Encoder { socket, told: Vec::new() }
    }

    /// Asks to send by this key.
    pub async fn publish(mut self, key: &str) -> Encoder {
        let application = [&[3, 0, 3][..], b"app", &text("live"), &[0, 0, 9]].concat();
        let asked = [
            command("connect", 1.0, &[&application]),
            command("createStream", 2.0, &[NULL]),
            command("publish", 3.0, &[NULL, &text(key), &text("live")]),
        ];
        self.socket.write_all(&asked.concat()).await.expect("it is read");
        self
    }

    /// The same, and waits until it is let in.
    pub async fn goes_on_air(self, key: &str) -> Encoder {
        let mut encoder = self.publish(key).await;
        while !encoder.words().contains("NetStream.Publish.Start") {
            assert!(encoder.reads().await, "it is sent away: {:?}", encoder.words());
        }
        encoder
    }

    /// What it is told until the server closes.
    pub async fn until_the_end(mut self) -> String {
        while self.reads().await {}
        self.words()
    }

    fn words(&self) -> String {
        String::from_utf8_lossy(&self.told).into_owned()
    }

    /// False once the server has closed.
    async fn reads(&mut self) -> bool {
        let read = timeout(PATIENCE, self.socket.read_buf(&mut self.told)).await;
        read.unwrap_or_else(|_| panic!("neither a word nor an end: {}", self.words()))
            .is_ok_and(|bytes| bytes > 0)
    }
}

const NULL: &[u8] = &[5];

fn text(value: &str) -> Vec<u8> {
    let length = u16::try_from(value.len()).expect("a short text").to_be_bytes();
    [&[2], &length[..], value.as_bytes()].concat()
}

/// A command in chunks of 128 bytes.
fn command(name: &str, transaction: f64, values: &[&[u8]]) -> Vec<u8> {
    let body = [&text(name)[..], &[0], &transaction.to_be_bytes(), &values.concat()].concat();
    let length = u32::try_from(body.len()).expect("a short command").to_be_bytes();
    let head = [&[3, 0, 0, 0], &length[1..], &[20, 0, 0, 0, 0]].concat();
    let chunks: Vec<&[u8]> = body.chunks(128).collect();
    [head, chunks.join(&0xc3)].concat()
}
