//! A batch: what a room says in one flush, or one viewer's opening, encoded; and the pending one, which gathers it.
//! It must not know who reads it, nor when the flush is.

use crate::{
    domain::Seq,
    wire::{Frame, framing},
};
use bytes::{Bytes, BytesMut};
use std::sync::Arc;

/// What is said at once, in the forms in which it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub plain: Run,
    /// The same, compressed, where that is worth it.
    pub deflated: Option<Run>,
    /// The head of the log once all of this has been read.
    pub head: Seq,
}

/// How a viewer takes what is said to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Plain,
    /// Compressed, where it is; one context for each batch.
    Deflated,
}

/// A run of frames, and how far in the log somebody is who has read some of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub frames: Bytes,
    /// In the order of the frames.
    pub marks: Arc<[Mark]>,
}

/// Who has read so many bytes of a run has read the log up to here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub bytes: usize,
    pub head: Seq,
}

/// Frames since the last flush.
pub(crate) struct PendingBatch {
    frames: BytesMut,
    marks: Vec<Mark>,
    head: Seq,
    left_out: Option<(Seq, Seq, u64)>,
}

impl Batch {
    /// What a viewer reads who takes this form.
    pub(crate) fn run(&self, form: Form) -> &Run {
        match form {
            Form::Plain => &self.plain,
            Form::Deflated => self.deflated.as_ref().unwrap_or(&self.plain),
        }
    }

    /// Whether it says anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.frames.is_empty()
    }

    /// The head of the log once so many bytes have been read of it in this form; none where that is what it was before.
    pub(crate) fn head_after(&self, form: Form, bytes: usize) -> Option<Seq> {
        let run = self.run(form);
        if bytes == run.frames.len() {
            return Some(self.head);
        }
        let whole = run.marks.partition_point(|mark| mark.bytes <= bytes);
        run.marks.get(whole.checked_sub(1)?).map(|mark| mark.head)
    }
}

impl Run {
    /// The same in memory of its own, so that the count of references to it stays on one core.
    pub(crate) fn copied(&self) -> Self {
        Self { frames: Bytes::copy_from_slice(&self.frames), marks: self.marks.clone() }
    }
}

impl PendingBatch {
    /// Nothing to say beyond `head`.
    pub(crate) fn new(head: Seq) -> Self {
        Self { frames: BytesMut::new(), marks: Vec::new(), head, left_out: None }
    }

    /// Adds the event after the head, or a snapshot as of `seq`: who has read it is there.
    pub(crate) fn event(&mut self, seq: Seq, frame: &str) {
        self.head = seq;
        framing::push_text(&mut self.frames, frame);
        self.marks.push(Mark { bytes: self.frames.len(), head: seq });
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
        let (said, mut marks) = (self.frames.split(), std::mem::take(&mut self.marks));
        let Some((from, to, missed)) = self.left_out.take() else { return self.batch(said, marks) };
        let mut frames = BytesMut::with_capacity(said.len() + 128);
        framing::push_text(&mut frames, &Frame::Lagged { from, to, missed }.encode());
        marks.iter_mut().for_each(|mark| mark.bytes += frames.len());
        frames.extend_from_slice(&said);
        self.batch(frames, marks)
    }

    fn batch(&self, frames: BytesMut, marks: Vec<Mark>) -> Batch {
        let plain = Run { frames: frames.freeze(), marks: marks.into() };
        Batch { plain, deflated: None, head: self.head }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Batch {
        /// A batch of these bytes, whatever they are, that says the first event.
        pub(crate) fn raw(bytes: &'static str) -> Self {
            let plain = Run { frames: Bytes::from_static(bytes.as_bytes()), marks: Arc::default() };
            Self { plain, deflated: None, head: Seq(1) }
        }
    }

    #[test]
    fn one_lagged_a_flush_says_what_was_left_out() {
        let mut pending = PendingBatch::new(Seq(0));
        pending.event(Seq(1), "one");
        pending.leave_out(Seq(2));
        pending.event(Seq(3), "three");
        pending.leave_out(Seq(4));
        let batch = pending.take();
        let texts: Vec<_> = framing::texts(&batch.plain.frames).collect();
        assert_eq!(texts, [r#"{"type":"lagged","from":2,"to":4,"missed":2}"#, "one", "three"]);
        assert_eq!(batch.head, Seq(4));
        assert!(pending.is_empty());
    }

    #[test]
    fn who_has_read_a_part_is_at_the_last_event_of_it_that_is_whole() {
        let mut pending = PendingBatch::new(Seq(4));
        pending.event(Seq(5), "one");
        pending.event(Seq(6), "two");
        pending.frame(&Frame::Pong { reference: None });
        let batch = pending.take();
        assert_eq!(
            [0, 4, 5, 9, 10, 11].map(|bytes| batch.head_after(Form::Plain, bytes)),
            [None, None, Some(Seq(5)), Some(Seq(5)), Some(Seq(6)), Some(Seq(6))]
        );
    }

    #[test]
    fn what_was_left_out_is_said_first_and_moves_nobody_on() {
        let mut pending = PendingBatch::new(Seq(4));
        pending.leave_out(Seq(5));
        pending.event(Seq(6), "two");
        pending.leave_out(Seq(7));
        let batch = pending.take();
        let lagged = batch.plain.frames.len() - 5;
        let heads = [lagged, lagged + 4, lagged + 5].map(|bytes| batch.head_after(Form::Plain, bytes));
        assert_eq!(heads, [None, None, Some(Seq(7))]);
    }
}
