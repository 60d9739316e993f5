//! A writer: a socket that posts at its own pace or as fast as its answers come, several comments under way at once, and
//! tells of each that was acknowledged.

use super::{
    Client, PATIENCE,
    viewer::{Socket, connect},
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    sync::mpsc::UnboundedSender,
    time::{Interval, interval, timeout},
};
use tokio_tungstenite::tungstenite::{Error, Message};

/// A comment of which the server has said that it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acked {
    pub client_id: String,
    pub comment_id: String,
    pub seq: i64,
}

/// How fast somebody writes.
#[derive(Clone, Copy)]
pub struct Pace {
    /// How many comments may be without an answer.
    window: usize,
    /// When the next one is due, whatever has been answered; none is as soon as the window allows.
    every: Option<Duration>,
}

impl Pace {
    /// As fast as answers come.
    pub fn unhurried(window: usize) -> Pace {
        Pace { window, every: None }
    }

    /// So many a second, on time although answers are late, until a whole second's worth is unanswered.
    pub fn per_second(rate: u32) -> Pace {
        Pace { window: rate as usize, every: Some(Duration::from_secs(1) / rate) }
    }
}

/// What is due next.
async fn tick(clock: &mut Option<Interval>) {
    if let Some(clock) = clock {
        clock.tick().await;
    }
}

pub struct Writer {
    socket: Socket,
    name: String,
    pace: Pace,
}

impl Writer {
    pub async fn join(client: &Client, name: &str, pace: Pace) -> Writer {
        Writer { socket: connect(client.upgrade("")).await, name: name.to_owned(), pace }
    }

    /// Writes as many comments, tells of each that is acknowledged, and ends early only where the server is gone.
    pub async fn write(mut self, count: usize, acked: UnboundedSender<Acked>) {
        let (mut sent, mut answered) = (0, 0);
        // What is late is made up for: the rate is that of the clock.
        let mut clock = self.pace.every.map(interval);
        while answered < count {
            let may_send = sent < count && sent - answered < self.pace.window;
            tokio::select! {
                () = tick(&mut clock), if may_send => match self.post(sent).await {
                    Ok(()) => sent += 1,
                    Err(_) => return,
                },
                frame = timeout(PATIENCE, self.socket.next()) => {
                    let Some(Ok(message)) = frame.expect("the server answers or is gone") else { return };
                    let Some(ack) = ack_in(&message) else { continue };
                    answered += 1;
                    // Who crashes the server stops listening.
                    _ = acked.send(ack);
                }
            }
        }
        _ = self.socket.close(None).await;
    }

    async fn post(&mut self, number: usize) -> Result<(), Error> {
        let client_id = format!("{}-{number}", self.name);
        let content = format!("{client_id} {}", "la ".repeat(number % 30));
        let op = json!({"op": "comment", "ref": client_id, "client_id": client_id, "content": content});
        self.socket.send(Message::text(op.to_string())).await
    }
}

/// Most of what comes is what others say, and need not be understood.
fn ack_in(message: &Message) -> Option<Acked> {
    let Message::Text(text) = message else { return None };
    assert!(!text.contains(r#""type":"error""#), "{text}");
    if !text.contains(r#""type":"ack""#) {
        return None;
    }
    let ack: Value = serde_json::from_str(text).expect("frames are JSON");
    assert_eq!(ack["duplicate"], false, "{ack}");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let seq = ack["seq"].as_i64().expect("a number");
    Some(Acked { client_id: text(&ack["ref"]), comment_id: text(&ack["id"]), seq })
}
