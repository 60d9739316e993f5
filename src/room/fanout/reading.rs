//! How far a viewer has read, and what comes next: first what they missed, then the ring. A viewer is outside, then waiting or
//! inside, then gone, and never goes back. It must not know of sockets, nor read the clock.

use super::ring::{Batch, Cursor, Next, Ring};
use crate::{domain::Seq, wire::framing};
use bytes::Bytes;
use std::{collections::VecDeque, time::Instant};

/// What is given at once of a batch that goes by the socket's own task: who loses sight of the room reads no more of it.
const PIECE_BYTES: usize = 32 * 1024;

/// Whether a viewer still reads. Who is gone never reads again.
pub(crate) enum ViewerState {
    /// Here, or on the way in.
    Here(Reading),
    /// Gone, or on the way out: reads nothing more.
    Gone { since: Instant },
}

/// What a viewer reads: what they missed, then the ring.
pub(crate) struct Reading {
    step: Step,
    opening: VecDeque<Bytes>,
    cursor: Option<Cursor>,
    head: Seq,
}

/// How much has been said to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Nobody has said welcome yet; till then all else waits.
    Outside,
    /// Welcomed; next comes the state of the room, and nothing before it.
    Waiting,
    /// Has read the state of the room.
    Inside,
}

/// A batch of which the socket has the beginning: nothing may come between that and its end.
pub(crate) struct Begun {
    frames: Bytes,
    sent: usize,
}

impl Reading {
    /// Of somebody who has just sat down.
    pub(crate) fn new() -> Self {
        Self { step: Step::Outside, opening: VecDeque::new(), cursor: None, head: Seq::default() }
    }

    /// The welcome has been said; the state of the room comes next, unless there is nothing of it to be said.
    pub(crate) fn open(&mut self) {
        let is_served = self.cursor.is_some() && self.opening.is_empty();
        self.step = if is_served { Step::Inside } else { Step::Waiting };
    }

    /// What comes after the welcome has been said, too.
    pub(crate) fn go_in(&mut self) {
        self.step = Step::Inside;
    }

    /// Whether anything may be said yet.
    pub(crate) fn is_welcome(&self) -> bool {
        self.step != Step::Outside
    }

    /// Whether the state of the room has been read.
    pub(crate) fn is_inside(&self) -> bool {
        self.step == Step::Inside
    }

    /// A page of what was missed.
    pub(crate) fn push(&mut self, page: Bytes) {
        self.opening.push_back(page);
    }

    /// Whether pages of what was missed are still to be read.
    pub(crate) fn has_pages(&self) -> bool {
        !self.opening.is_empty()
    }

    /// After these last frames the ring is read, from its end on.
    pub(crate) fn admit(&mut self, frames: Bytes, head: Seq, end: Cursor) {
        (self.head, self.cursor) = (head, Some(end));
        if !frames.is_empty() {
            self.opening.push_back(frames);
        } else if self.step == Step::Waiting {
            self.step = Step::Inside;
        }
    }

    /// The place in the ring, if admitted.
    pub(crate) fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// The head of the log once all that was begun is read.
    pub(crate) fn head(&self) -> Seq {
        self.head
    }

    /// What comes next: pages, then the ring.
    pub(crate) fn next(&self, ring: &Ring) -> Option<Batch> {
        if let Some(frames) = self.opening.front() {
            return Some(Batch { frames: frames.clone(), head: self.head });
        }
        match ring.next(self.cursor?) {
            Next::Batch(batch) => Some(batch),
            Next::Caught | Next::Lost => None,
        }
    }

    /// What [`Self::next`] gave is on its way; says whether that was a page.
    pub(crate) fn has_read(&mut self, batch: &Batch) -> bool {
        if self.opening.pop_front().is_some() {
            self.step = Step::Inside;
            return true;
        }
        self.cursor = self.cursor.map(Cursor::next);
        self.head = batch.head;
        false
    }
}

impl Begun {
    /// A batch of which so many bytes are sent.
    pub(crate) fn new(frames: Bytes, sent: usize) -> Self {
        Self { frames, sent }
    }

    /// The next piece; none once all is sent.
    pub(crate) fn take(&mut self) -> Option<Bytes> {
        let end = self.frames.len().min(self.sent + PIECE_BYTES);
        let piece = self.frames.slice(self.sent..end);
        self.sent = end;
        (!piece.is_empty()).then_some(piece)
    }

    /// Whether all is sent.
    pub(crate) fn has_ended(&self) -> bool {
        self.sent == self.frames.len()
    }

    /// Ends with the frame that has begun.
    pub(crate) fn cut(&mut self) {
        self.frames.truncate(framing::end_of_frame(&self.frames, self.sent));
    }
}
