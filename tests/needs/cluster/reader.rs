//! Somebody who reads everything, and goes on at another node, where they were, when theirs is gone.

use super::{
    house::Doors,
    notes::{Notes, Sight},
};
use crate::tools::{Client, PATIENCE, Story, viewer::Socket};
use futures_util::StreamExt;
use serde_json::Value;
use std::time::Duration;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::{connect_async, tungstenite::Message};

/// Before another try to reach a node.
const BETWEEN: Duration = Duration::from_millis(20);

pub struct Reader {
    pub client: Client,
    /// The node that they come to first.
    pub home: usize,
    pub doors: Doors,
    pub notes: Notes,
    /// The end of the log, once it is known.
    pub head: watch::Receiver<Option<i64>>,
    /// Is told when the first snapshot is there.
    pub begun: watch::Sender<usize>,
}

impl Reader {
    /// Reads to the end of the log.
    pub async fn read(mut self) -> Story {
        let mut story: Option<Story> = None;
        loop {
            let query = story.as_ref().map(Story::query).unwrap_or_default();
            if let Some((node, port)) = self.doors.from(self.home) {
                let request = self.client.at_port(port).upgrade(&query);
                if let Ok((socket, _)) = connect_async(request).await
                    && self.read_at(node, socket, &mut story).await
                {
                    return story.expect("it was read");
                }
                self.home = self.doors.next_home(self.home, node);
            }
            sleep(BETWEEN).await;
        }
    }

    /// True when all was read, false where the node is gone.
    async fn read_at(&mut self, node: usize, mut socket: Socket, story: &mut Option<Story>) -> bool {
        loop {
            let end = *self.head.borrow();
            if let (Some(end), Some(story)) = (end, story.as_ref())
                && story.last() >= end
            {
                _ = socket.close(None).await;
                return true;
            }
            if self.doors.is_back(self.home, node) {
                _ = socket.close(None).await;
                return false;
            }
            let frame = tokio::select! {
                _ = self.head.changed(), if end.is_none() => continue,
                frame = timeout(PATIENCE, socket.next()) => frame.unwrap_or_else(|_| {
                    panic!("node {node} says nothing; the last was {:?}", story.as_ref().map(Story::last))
                }),
            };
            match frame {
                Some(Ok(Message::Text(text))) => {
                    let frame = serde_json::from_str(&text).expect("frames are JSON");
                    if !self.note(node, frame, story) {
                        return false;
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => {
                    self.notes.ended(false);
                    return false;
                }
                Some(Ok(_)) => {}
            }
        }
    }

    /// False where it is a goodbye.
    fn note(&self, node: usize, frame: Value, story: &mut Option<Story>) -> bool {
        let seq = frame["seq"].as_i64();
        match (frame["type"].as_str(), story) {
            (Some("snapshot"), story @ None) => {
                *story = Some(Story::open(&frame));
                self.begun.send_modify(|count| *count += 1);
            }
            (Some("snapshot"), Some(story)) => {
                panic!("whoever saw {} comes back to node {node} for a snapshot: {frame}", story.last())
            }
            (Some("resumed"), Some(story)) => {
                story.resume(&frame);
                self.notes.resumed();
            }
            (Some("lagged"), _) => panic!("nothing may be left out: {frame}"),
            (Some("bye"), _) => {
                self.notes.ended(true);
                return false;
            }
            (_, Some(story)) if frame["ts"].is_string() => {
                story.note(frame);
                self.notes.sight(Sight { seq: seq.expect("a number"), node, at: Instant::now() });
            }
            _ => {}
        }
        true
    }
}
