//! Compresses what a room says at once, one time for all who take it so: permessage-deflate (RFC 7692) with one context for
//! each batch. It must not know who reads, nor what is said.

mod budget;

use super::batch::{Mark, Run};
use crate::{
    metrics::Metrics,
    wire::framing::{self, DEFLATE_TAIL},
};
use budget::Budget;
pub(crate) use budget::Level;
use bytes::BytesMut;
use flate2::{Compress, Compression, FlushCompress};
use parking_lot::Mutex;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Less than this is hardly made smaller.
const WORTH_BYTES: usize = 200;

/// A batch as it is compressed for all workers, once that is done. Cloning shares it.
#[derive(Clone, Default)]
pub(crate) struct Deflated(Arc<Mutex<Option<Option<Run>>>>);

impl Deflated {
    /// What the first worker to ask has made of it; the others wait for that, since they would only do the same.
    pub(crate) fn made_by(&self, deflate: impl FnOnce() -> Option<Run>) -> Option<Run> {
        self.0.lock().get_or_insert_with(deflate).clone()
    }
}

/// One worker's compressor. It keeps nothing of what it has compressed.
pub(crate) struct Deflater {
    budget: Budget,
    compressor: Option<Compressor>,
    metrics: Metrics,
}

impl Deflater {
    /// One that has compressed nothing yet; its memory, about 270 kB, comes with the first batch.
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self { budget: Budget::new(Instant::now()), compressor: None, metrics }
    }

    /// The run, compressed; none where the worker has no time for it, or it would save too little.
    pub(crate) fn deflate(&mut self, plain: &Run) -> Option<Run> {
        let deflated = self.try_to(plain);
        let counter = match deflated {
            Some(_) => &self.metrics.fanout_deflated,
            None => &self.metrics.fanout_not_deflated,
        };
        counter.inc();
        deflated
    }

    fn try_to(&mut self, plain: &Run) -> Option<Run> {
        let bytes = plain.frames.len();
        if bytes < WORTH_BYTES {
            return None;
        }
        let level = self.budget.level(bytes, Instant::now())?;
        let compressor = self.compressor.get_or_insert_with(Compressor::new);
        let started = thread_cpu_time();
        let deflated = compressor.run(plain, level);
        self.budget.spend(level, bytes, thread_cpu_time().saturating_sub(started));
        // A tenth at least, or readers would inflate for nothing.
        deflated.filter(|deflated| deflated.frames.len() <= bytes / 10 * 9)
    }

    /// So much time was spent on sending, of which a part may be spent on compressing.
    pub(crate) fn has_sent(&mut self, took: Duration) {
        self.budget.has_sent(took);
    }
}

/// Compresses runs, however long that takes.
pub(crate) struct Compressor {
    compress: Compress,
    message: Vec<u8>,
}

impl Compressor {
    pub(crate) fn new() -> Self {
        Self { compress: Compress::new(Compression::fast(), false), message: Vec::new() }
    }

    /// Each frame as a message of its own, which refers to those before it. None where the compressor does not do what it says.
    pub(crate) fn run(&mut self, plain: &Run, level: Level) -> Option<Run> {
        self.compress.reset();
        self.compress.set_level(level.compression()).ok()?;
        let mut frames = BytesMut::with_capacity(plain.frames.len() / 2);
        let mut marks = Vec::with_capacity(plain.marks.len());
        let mut unmarked = plain.marks.iter().peekable();
        let mut read = 0;
        for (payload, end) in framing::payloads(&plain.frames) {
            framing::push_deflated(&mut frames, self.message(payload)?);
            read = end;
            if let Some(mark) = unmarked.next_if(|mark| mark.bytes == read) {
                marks.push(Mark { bytes: frames.len(), head: mark.head });
            }
        }
        debug_assert_eq!((read, marks.len()), (plain.frames.len(), plain.marks.len()));
        Some(Run { frames: frames.freeze(), marks: marks.into() })
    }

    /// The payload that becomes of one.
    fn message(&mut self, mut payload: &[u8]) -> Option<&[u8]> {
        self.message.clear();
        loop {
            // A flush that finds room to spare is complete.
            self.message.reserve(payload.len() / 2 + 64);
            let before = self.compress.total_in();
            self.compress.compress_vec(payload, &mut self.message, FlushCompress::Sync).ok()?;
            payload = &payload[(self.compress.total_in() - before) as usize..];
            if payload.is_empty() && self.message.len() < self.message.capacity() {
                return self.message.strip_suffix(&DEFLATE_TAIL);
            }
        }
    }
}

/// The CPU time of this thread: on a busy machine, the time on the wall would say more about the neighbours.
pub(super) fn thread_cpu_time() -> Duration {
    let spent = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(spent.tv_sec.unsigned_abs(), spent.tv_nsec.unsigned_abs() as u32)
}

#[cfg(test)]
mod tests;
