//! What one viewer saw of a log, and whether that is what they had to see.

use super::Viewer;
use serde_json::Value;

/// Everything from a snapshot on, over as many sockets as it took.
pub struct Story {
    pub epoch: String,
    /// The snapshot's.
    pub begins: i64,
    pub events: Vec<Value>,
}

impl Story {
    /// Begins with a viewer's snapshot, which shows what a snapshot must.
    pub fn begin(viewer: &Viewer) -> Story {
        Story::open(&viewer.opening)
    }

    /// Begins with a snapshot.
    pub fn open(snapshot: &Value) -> Story {
        assert_eq!(snapshot["type"], "snapshot", "{snapshot}");
        let begins = snapshot["seq"].as_i64().expect("a number");
        let shown = snapshot["comments"].as_array().expect("a list");
        let seqs: Vec<_> = shown.iter().map(|comment| comment["seq"].as_i64().expect("a number")).collect();
        assert!(seqs.is_sorted() && seqs.iter().all(|seq| *seq <= begins), "{begins}: {seqs:?}");
        let epoch = snapshot["epoch"].as_str().expect("a text").to_owned();
        Story { epoch, begins, events: Vec::new() }
    }

    /// The `seq` seen last.
    pub fn last(&self) -> i64 {
        self.events.last().map_or(self.begins, |event| event["seq"].as_i64().expect("a number"))
    }

    /// Goes on where it was left: `?since=` and all.
    pub fn query(&self) -> String {
        format!("?since={}&epoch={}", self.last(), self.epoch)
    }

    /// A viewer who came back was told where they go on.
    pub fn go_on(&self, viewer: &Viewer) {
        self.resume(&viewer.opening);
    }

    /// What somebody was told who came back.
    pub fn resume(&self, resumed: &Value) {
        assert_eq!(resumed["type"], "resumed", "{resumed}");
        assert_eq!(resumed["from"], self.last() + 1, "{resumed}");
        assert!(resumed["to"].as_i64().expect("a number") >= self.last(), "{resumed}");
    }

    /// The next event is the one after the last.
    pub fn note(&mut self, event: Value) {
        assert_eq!(event["seq"], self.last() + 1, "{event}");
        self.events.push(event);
    }

    /// Reads up to an event.
    pub async fn read_to(&mut self, viewer: &mut Viewer, head: i64) {
        while self.last() < head {
            self.note(viewer.next_event().await);
        }
    }

    /// Each event is the one in the log, or was, before its comment was deleted.
    pub fn compare(&self, log: &[Value]) {
        for event in &self.events {
            let stored = &log[event["seq"].as_u64().expect("a number") as usize - 1];
            let is_buried = |thing: &str| {
                let is_tombstone = stored["type"] == format!("{thing}.tombstone");
                is_tombstone && event[thing]["id"] == stored[format!("{thing}_id")]
            };
            assert!(
                event == stored || is_buried("comment") || is_buried("question"),
                "seen: {event}\nstored: {stored}"
            );
        }
    }
}

/// A small generator of numbers that are the same in every run.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// From 0 to below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }
}
