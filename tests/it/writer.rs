//! A writer: a socket that posts as fast as its answers come, and tells of each comment that was acknowledged.

use crate::{
    client::Client,
    viewer::{PATIENCE, Socket, connect, signed_request},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{sync::mpsc::UnboundedSender, time::timeout};
use tokio_tungstenite::tungstenite::Message;

/// A comment of which the server has said that it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acked {
    pub client_id: String,
    pub comment_id: String,
    pub seq: i64,
}

pub struct Writer {
    socket: Socket,
    name: String,
    /// How many comments may be without an answer.
    window: usize,
}

impl Writer {
    pub async fn join(client: &Client, stream: &str, name: &str, window: usize) -> Writer {
        let request = signed_request(client.port, client.token.as_deref(), stream, "");
        Writer { socket: connect(request).await, name: name.to_owned(), window }
    }

    /// Writes as many comments, tells of each that is acknowledged, and ends early only where the server is gone.
    pub async fn write(mut self, count: usize, acked: UnboundedSender<Acked>) {
        let (mut sent, mut answered) = (0, 0);
        while answered < count {
            while sent < count && sent - answered < self.window {
                if self.post(sent).await.is_err() {
                    return;
                }
                sent += 1;
            }
            let Some(ack) = self.next_ack().await else { return };
            answered += 1;
            // Who crashes the server stops listening.
            _ = acked.send(ack);
        }
        _ = self.socket.close(None).await;
    }

    async fn post(&mut self, number: usize) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        let client_id = format!("{}-{number}", self.name);
        let content = format!("{client_id} {}", "la ".repeat(number % 30));
        let op = json!({"op": "comment", "ref": client_id, "client_id": client_id, "content": content});
        self.socket.send(Message::text(op.to_string())).await
    }

    async fn next_ack(&mut self) -> Option<Acked> {
        loop {
            let frame = timeout(PATIENCE, self.socket.next()).await.expect("the server answers or is gone");
            let Some(Ok(message)) = frame else { return None };
            let Message::Text(text) = message else { continue };
            // Most of what comes is what others say, and need not be understood.
            if text.contains(r#""type":"ack""#) {
                let ack: Value = serde_json::from_str(&text).expect("frames are JSON");
                assert_eq!(ack["duplicate"], false, "{ack}");
                let text = |value: &Value| value.as_str().expect("a text").to_owned();
                let seq = ack["seq"].as_i64().expect("a number");
                return Some(Acked { client_id: text(&ack["ref"]), comment_id: text(&ack["id"]), seq });
            }
            assert!(!text.contains(r#""type":"error""#), "{text}");
        }
    }
}
