//! The pending batch: what a room says in its next flush, encoded once for all.
//! It must not know who reads it, nor when the flush is.

use super::ring::Batch;
use crate::{
    domain::Seq,
    wire::{Frame, framing},
};
use bytes::BytesMut;

/// Frames since the last flush.
pub(crate) struct PendingBatch {
    frames: BytesMut,
    head: Seq,
    left_out: Option<(Seq, Seq, u64)>,
}

impl PendingBatch {
    /// Nothing to say beyond `head`.
    pub(crate) fn new(head: Seq) -> Self {
        Self { frames: BytesMut::new(), head, left_out: None }
    }

    /// Adds the event after the head.
    pub(crate) fn event(&mut self, seq: Seq, frame: &str) {
        self.head = seq;
        framing::push_text(&mut self.frames, frame);
    }

    /// Leaves the event after the head out; the flush says so.
    pub(crate) fn leave_out(&mut self, seq: Seq) {
        self.head = seq;
        let (from, _, missed) = self.left_out.unwrap_or((seq, seq, 0));
        self.left_out = Some((from, seq, missed + 1));
    }

    /// Adds a frame that is not numbered.
    pub(crate) fn frame(&mut self, frame: &Frame) {
        framing::push_text(&mut self.frames, &frame.encode());
    }

    /// The head of the log once the flush has been read.
    pub(crate) fn head(&self) -> Seq {
        self.head
    }

    /// Whether there is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.left_out.is_none()
    }

    /// Takes all there is to say, beginning with what was left out.
    pub(crate) fn take(&mut self) -> Batch {
        let said = self.frames.split();
        let Some((from, to, missed)) = self.left_out.take() else {
            return Batch { frames: said.freeze(), head: self.head };
        };
        let mut frames = BytesMut::with_capacity(said.len() + 128);
        framing::push_text(&mut frames, &Frame::Lagged { from, to, missed }.encode());
        frames.extend_from_slice(&said);
        Batch { frames: frames.freeze(), head: self.head }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lagged_a_flush_says_what_was_left_out() {
        let mut pending = PendingBatch::new(Seq(0));
        pending.event(Seq(1), "one");
        pending.leave_out(Seq(2));
        pending.event(Seq(3), "three");
        pending.leave_out(Seq(4));
        let batch = pending.take();
        let texts: Vec<_> = framing::texts(&batch.frames).collect();
        assert_eq!(texts, [r#"{"type":"lagged","from":2,"to":4,"missed":2}"#, "one", "three"]);
        assert_eq!(batch.head, Seq(4));
        assert!(pending.is_empty());
    }
}
