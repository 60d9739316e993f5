//! Somebody who writes at an even pace, whatever becomes of the nodes: what is not acknowledged is sent again under its
//! `client_id`, on another node where theirs is gone.

use super::{
    house::Doors,
    notes::{Ack, Notes},
};
use crate::tools::{Client, PATIENCE, viewer::Socket};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until, timeout},
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message},
};

/// Comments without an answer, at most.
const WINDOW: usize = 50;
/// Before another try to reach a node.
const BETWEEN: Duration = Duration::from_millis(20);
/// What a server says that cannot do it now.
const NOT_NOW: [&str; 2] = ["unavailable", "overloaded"];

pub struct Author {
    pub client: Client,
    pub name: String,
    /// The node that they come to first.
    pub home: usize,
    pub doors: Doors,
    pub every: Duration,
    pub notes: Notes,
    pub over: watch::Receiver<bool>,
}

/// What was said and is not acknowledged: when it was said first, and when it is to be said again, if so.
struct Pending {
    said: Instant,
    again: Option<Instant>,
}

struct Writing {
    author: Author,
    said: usize,
    pending: BTreeMap<String, Pending>,
    clock: Interval,
}

/// What ends a connection.
enum End {
    /// All was said and acknowledged.
    Done,
    /// The node is gone.
    Gone,
}

impl Author {
    /// Writes until it is over and all is acknowledged.
    pub async fn write(self) {
        let mut clock = interval(self.every);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut writing = Writing { author: self, said: 0, pending: BTreeMap::new(), clock };
        loop {
            let found = writing.author.doors.from(writing.author.home);
            if let Some((node, port)) = found {
                let request = writing.author.client.at_port(port).upgrade("");
                if let Ok((socket, _)) = connect_async(request).await
                    && let End::Done = writing.write_at(node, socket).await
                {
                    return;
                }
                writing.author.home = writing.author.doors.next_home(writing.author.home, node);
            }
            sleep(BETWEEN).await;
        }
    }
}

impl Writing {
    async fn write_at(&mut self, node: usize, mut socket: Socket) -> End {
        let now = Instant::now();
        self.pending.values_mut().for_each(|pending| pending.again = Some(now));
        loop {
            let is_over = *self.author.over.borrow();
            if is_over && self.pending.is_empty() {
                _ = socket.close(None).await;
                return End::Done;
            }
            if self.pending.is_empty() && self.author.doors.is_back(self.author.home, node) {
                _ = socket.close(None).await;
                return End::Gone;
            }
            let again = self.pending.values().filter_map(|pending| pending.again).min();
            let is_said = tokio::select! {
                _ = self.clock.tick(), if !is_over && self.pending.len() < WINDOW => self.say_next(&mut socket).await,
                () = sleep_until(again.unwrap_or(now)), if again.is_some() => self.say_again(&mut socket).await,
                _ = self.author.over.changed(), if !is_over => true,
                frame = next(&mut socket) => match self.hear(node, frame) {
                    true => true,
                    false => return End::Gone,
                },
            };
            if !is_said {
                // What has come before may end with a goodbye.
                while self.hear(node, next(&mut socket).await) {}
                return End::Gone;
            }
        }
    }

    async fn say_next(&mut self, socket: &mut Socket) -> bool {
        let client_id = format!("{}-{}", self.author.name, self.said);
        self.said += 1;
        self.pending.insert(client_id.clone(), Pending { said: Instant::now(), again: None });
        say(socket, &client_id).await
    }

    async fn say_again(&mut self, socket: &mut Socket) -> bool {
        let now = Instant::now();
        for (client_id, pending) in &mut self.pending {
            if pending.again.take_if(|again| *again <= now).is_some() && !say(socket, client_id).await {
                return false;
            }
        }
        true
    }

    /// False where the connection is over, with a goodbye or without.
    fn hear(&mut self, node: usize, frame: Option<Result<Message, Error>>) -> bool {
        match frame {
            Some(Ok(Message::Text(text))) => {
                let goes_on = self.understand(node, &text);
                if !goes_on {
                    self.author.notes.ended(true);
                }
                goes_on
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => {
                self.author.notes.ended(false);
                false
            }
            Some(Ok(_)) => true,
        }
    }

    /// False where it is a goodbye. Most of what comes is what others say, and need not be understood.
    fn understand(&mut self, node: usize, text: &str) -> bool {
        if !["ack", "error", "held", "bye"].iter().any(|kind| text.contains(&format!(r#""type":"{kind}""#))) {
            return true;
        }
        let frame: Value = serde_json::from_str(text).expect("frames are JSON");
        let client_id = frame["ref"].as_str().unwrap_or_default();
        match frame["type"].as_str() {
            Some("ack") => {
                let pending =
                    self.pending.remove(client_id).unwrap_or_else(|| panic!("acked twice: {frame}"));
                let seq = frame["seq"].as_i64().expect("a number");
                let (said, acked) = (pending.said, Instant::now());
                self.author.notes.ack(Ack { client_id: client_id.to_owned(), seq, node, said, acked });
            }
            Some("error") => {
                let wait =
                    frame["retry_after_ms"].as_u64().unwrap_or_else(|| panic!("no time is named: {frame}"));
                let code = frame["code"].as_str().expect("a text");
                assert!(NOT_NOW.contains(&code), "{frame}");
                self.author.notes.refusal(code);
                let pending = self.pending.get_mut(client_id).expect("it was said");
                pending.again = Some(Instant::now() + Duration::from_millis(wait));
            }
            Some("held") => panic!("nothing is held here: {frame}"),
            Some("bye") => return false,
            _ => {}
        }
        true
    }
}

async fn next(socket: &mut Socket) -> Option<Result<Message, Error>> {
    timeout(PATIENCE, socket.next()).await.expect("the node says something or is gone")
}

async fn say(socket: &mut Socket, client_id: &str) -> bool {
    let op = json!({"op": "comment", "ref": client_id, "client_id": client_id, "content": client_id});
    socket.send(Message::text(op.to_string())).await.is_ok()
}
