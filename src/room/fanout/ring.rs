//! The ring: what a room said lately, held once per worker; a viewer is a cursor into it.
//! It must not know of sockets, actors or the clock.

use super::batch::Batch;
use crate::domain::Seq;
use std::{collections::VecDeque, rc::Rc, time::Instant};

/// Batches of encoded frames, oldest first, bounded in bytes as they are when plain; compressed, the same is smaller.
pub(crate) struct Ring {
    batches: VecDeque<Placed>,
    first: u64,
    end_offset: u64,
    bytes_max: u64,
}

struct Placed {
    /// Bytes pushed before it.
    offset: u64,
    pushed: Instant,
    batch: Rc<Batch>,
}

/// A viewer's place: the batch that comes next, counted from the first ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cursor(u64);

impl Cursor {
    /// The place after the batch.
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Ring {
    /// A ring that keeps at most `bytes_max` bytes, but always the newest batch.
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self { batches: VecDeque::new(), first: 0, end_offset: 0, bytes_max }
    }

    /// The place after the newest batch.
    pub(crate) fn end(&self) -> Cursor {
        Cursor(self.first + self.batches.len() as u64)
    }

    /// Adds a batch, if it says anything; drops the oldest ones that no longer fit.
    pub(crate) fn push(&mut self, batch: Batch, now: Instant) {
        if batch.is_empty() {
            return;
        }
        let offset = self.end_offset;
        self.end_offset += batch.plain.frames.len() as u64;
        self.batches.push_back(Placed { offset, pushed: now, batch: Rc::new(batch) });
        while self.batches.len() > 1 && self.bytes_behind(Cursor(self.first)) > self.bytes_max {
            self.drop_oldest();
        }
    }

    /// The batch at a cursor and all after it; none where that one has been overwritten.
    pub(crate) fn from(&self, cursor: Cursor) -> impl Iterator<Item = &Rc<Batch>> {
        let (end, first) = (self.batches.len(), cursor.0.checked_sub(self.first));
        let first = first.map_or(end, |first| end.min(first as usize));
        self.batches.range(first..).map(|placed| &placed.batch)
    }

    /// The head of the log as of the newest batch.
    pub(crate) fn head(&self) -> Option<Seq> {
        self.batches.back().map(|placed| placed.batch.head)
    }

    /// Whether a cursor's next batch is gone.
    pub(crate) fn has_lost(&self, cursor: Cursor) -> bool {
        cursor.0 < self.first
    }

    /// Bytes between a cursor and the end.
    pub(crate) fn bytes_behind(&self, cursor: Cursor) -> u64 {
        self.at(cursor).map_or(0, |placed| self.end_offset - placed.offset)
    }

    /// Since when a cursor's next batch has been waiting for it.
    pub(crate) fn waiting_since(&self, cursor: Cursor) -> Option<Instant> {
        self.at(cursor).map(|placed| placed.pushed)
    }

    fn at(&self, cursor: Cursor) -> Option<&Placed> {
        self.batches.get(cursor.0.saturating_sub(self.first) as usize)
    }

    /// Drops what every viewer has read.
    pub(crate) fn trim(&mut self, slowest: Cursor) {
        while self.first < slowest.0 && !self.batches.is_empty() {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        self.batches.pop_front();
        self.first += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Ring {
        fn read(&self, cursor: Cursor) -> Vec<&[u8]> {
            self.from(cursor).map(|batch| &batch.plain.frames[..]).collect()
        }
    }

    #[test]
    fn a_cursor_reads_every_batch_once_in_order() {
        let mut ring = Ring::new(100);
        let start = ring.end();
        ring.push(Batch::raw("a"), Instant::now());
        ring.push(Batch::raw("b"), Instant::now());
        assert_eq!(ring.read(start), [b"a", b"b"]);
        assert_eq!(ring.read(start.next()), [b"b"]);
        assert!(ring.read(start.next().next()).is_empty());
        assert_eq!(start.next().next(), ring.end());
    }

    #[test]
    fn a_cursor_is_lost_one_byte_past_the_bound() {
        let mut ring = Ring::new(4);
        let cursor = ring.end();
        ring.push(Batch::raw("ab"), Instant::now());
        ring.push(Batch::raw("cd"), Instant::now());
        assert_eq!(ring.bytes_behind(cursor), 4);
        assert!(!ring.has_lost(cursor));
        ring.push(Batch::raw("e"), Instant::now());
        assert!(ring.has_lost(cursor) && ring.read(cursor).is_empty());
    }

    #[test]
    fn a_batch_larger_than_the_ring_is_still_kept() {
        let mut ring = Ring::new(1);
        let cursor = ring.end();
        ring.push(Batch::raw("abc"), Instant::now());
        assert_eq!(ring.read(cursor), [b"abc"]);
    }

    #[test]
    fn what_all_have_read_is_dropped() {
        let mut ring = Ring::new(100);
        let mut slow = ring.end();
        ring.push(Batch::raw("a"), Instant::now());
        ring.push(Batch::raw("b"), Instant::now());
        slow = slow.next();
        ring.trim(slow);
        assert_eq!(ring.batches.len(), 1);
        assert_eq!(ring.read(slow), [b"b"]);
        slow = slow.next();
        ring.trim(slow);
        assert_eq!((ring.batches.len(), ring.end()), (0, slow));
    }
}
