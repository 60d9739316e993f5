//! What `benches/paths` measures of a room: one comment judged, one flush gathered, compressed and read.
//! It must not measure, nor be used by the server.

use super::{
    fanout::{
        batch::{PendingBatch, Run},
        deflate::{Compressor, Level},
        ring::Ring,
    },
    rules::{RoomRules, Ruling, Speaker, judge},
};
use crate::{
    domain::{Millis, Now, Role, Seq, Settings, Status, TermList},
    wire::event,
};
use std::time::Instant;

/// Whether a viewer's comment is published at once, in a room on air with these terms and the settings of a new one.
pub fn is_published(terms: &TermList, content: &str) -> bool {
    let settings = Settings::default();
    let rules = RoomRules { status: Status::Live, settings: &settings, terms };
    let speaker = Speaker {
        role: Role::Viewer,
        ban: None,
        follows_host: false,
        account_created_at: Millis(0),
        last: None,
    };
    matches!(judge(rules, &speaker, content, content, Now::read()), Ok(Ruling::Publish(_)))
}

/// The bytes of a flush that says so many comments with this payload, as JSON.
pub fn gather(comments: i64, payload: &str) -> usize {
    gathered(comments, payload).plain.frames.len()
}

fn gathered(comments: i64, payload: &str) -> super::fanout::batch::Batch {
    let mut pending = PendingBatch::new(Seq(0));
    for seq in (1..=comments).map(Seq) {
        pending.event(seq, &event::encode("comment.created", seq, Millis(0), payload));
    }
    pending.take()
}

/// A flush that is compressed again and again.
pub struct Compressed {
    compressor: Compressor,
    plain: Run,
    level: Level,
}

impl Compressed {
    /// With so many comments that have this payload; as in a room that has time, or as in one that has little.
    pub fn new(comments: i64, payload: &str, has_time: bool) -> Self {
        let level = if has_time { Level::Thorough } else { Level::Fast };
        Self { compressor: Compressor::new(), plain: gathered(comments, payload).plain, level }
    }

    /// The bytes before it is compressed.
    pub fn plain(&self) -> usize {
        self.plain.frames.len()
    }

    /// The bytes that it is compressed to.
    pub fn compress(&mut self) -> usize {
        self.compressor.run(&self.plain, self.level).map_or(0, |run| run.frames.len())
    }
}

/// A ring into which one flush has been put.
pub struct Flushed(Ring);

impl Flushed {
    /// With so many comments that have this payload.
    pub fn new(comments: i64, payload: &str) -> Self {
        let mut ring = Ring::new(u64::MAX);
        ring.push(gathered(comments, payload), Instant::now());
        Self(ring)
    }

    /// The bytes that so many viewers are offered from it.
    pub fn read(&self, viewers: usize) -> usize {
        let start = Ring::new(0).end();
        (0..viewers).flat_map(|_| self.0.from(start)).map(|batch| batch.plain.frames.len()).sum()
    }
}
