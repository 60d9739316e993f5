//! How far a viewer has read, and what comes next: first what they missed, then the ring. A viewer is outside, then waiting or
//! inside, then gone, and never goes back. It must not know of sockets, nor read the clock.

use super::{
    batch::{Batch, Form, Run},
    ring::{Cursor, Ring},
};
use crate::{domain::Seq, wire::framing};
use std::{collections::VecDeque, rc::Rc, time::Instant};

/// Whether a viewer still reads. Who is gone never reads again.
pub(crate) enum ViewerState {
    /// Here, or on the way in.
    Here(Reading),
    /// Gone, or on the way out: reads nothing more.
    Gone { since: Instant },
}

impl ViewerState {
    /// What is read; none by who is gone.
    pub(crate) fn reading(&self) -> Option<&Reading> {
        match self {
            Self::Here(reading) => Some(reading),
            Self::Gone { .. } => None,
        }
    }
}

/// What a viewer reads: what they missed, then the ring.
pub(crate) struct Reading {
    step: Step,
    opening: VecDeque<Rc<Batch>>,
    cursor: Option<Cursor>,
    /// How far the log has been read; unknown till the first of it has.
    head: Option<Seq>,
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
    batch: Rc<Batch>,
    form: Form,
    sent: usize,
    end: usize,
    /// How far the log had been read before it.
    before: Option<Seq>,
}

impl Reading {
    /// Of somebody who has just sat down.
    pub(crate) fn new() -> Self {
        Self { step: Step::Outside, opening: VecDeque::new(), cursor: None, head: None }
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

    /// A page of what was missed, if it says anything.
    pub(crate) fn push(&mut self, page: Batch) {
        if !page.is_empty() {
            self.opening.push_back(Rc::new(page));
        }
    }

    /// Whether pages of what was missed are still to be read.
    pub(crate) fn has_pages(&self) -> bool {
        !self.opening.is_empty()
    }

    /// After this last page the ring is read, from its end on.
    pub(crate) fn admit(&mut self, last: Batch, end: Cursor) {
        self.cursor = Some(end);
        if !last.is_empty() {
            return self.push(last);
        }
        self.head = Some(last.head);
        if self.step == Step::Waiting {
            self.step = Step::Inside;
        }
    }

    /// The place in the ring, if admitted.
    pub(crate) fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// How far the log is read once all that was begun is; none as long as nothing of it was.
    pub(crate) fn head(&self) -> Option<Seq> {
        self.head
    }

    /// What comes next: pages, then the ring. Nothing for one who is outside.
    pub(crate) fn ahead<'a>(&'a self, ring: &'a Ring) -> impl Iterator<Item = &'a Rc<Batch>> {
        let from_ring = self.cursor.into_iter().flat_map(|cursor| ring.from(cursor));
        self.opening.iter().chain(from_ring).take_while(|_| self.is_welcome())
    }

    /// The first that [`Self::ahead`] gave is on its way; says whether that was a page.
    pub(crate) fn has_read(&mut self, batch: &Batch) -> bool {
        self.head = Some(batch.head);
        if self.opening.pop_front().is_some() {
            self.step = Step::Inside;
            return true;
        }
        self.cursor = self.cursor.map(Cursor::next);
        false
    }
}

impl Begun {
    /// A batch that is sent in this form to one who had read the log up to `before`.
    pub(crate) fn new(batch: Rc<Batch>, form: Form, before: Option<Seq>) -> Self {
        let end = batch.run(form).frames.len();
        Self { batch, form, sent: 0, end, before }
    }

    fn run(&self) -> &Run {
        self.batch.run(self.form)
    }

    /// What is still to be sent.
    pub(crate) fn rest(&self) -> &[u8] {
        self.run().frames.get(self.sent..self.end).unwrap_or_default()
    }

    /// At most so many bytes of the rest are sent; says how many.
    pub(crate) fn has_sent(&mut self, most: usize) -> usize {
        let sent = most.min(self.rest().len());
        self.sent += sent;
        sent
    }

    /// Whether all is sent.
    pub(crate) fn has_ended(&self) -> bool {
        self.sent == self.end
    }

    /// Ends with the frame that has begun.
    pub(crate) fn cut(&mut self) {
        self.end = self.end_of_frame();
    }

    /// How far the log is read by who gets the frame that has begun, and no other.
    pub(crate) fn head_if_cut(&self) -> Option<Seq> {
        self.batch.head_after(self.form, self.end_of_frame()).or(self.before)
    }

    fn end_of_frame(&self) -> usize {
        framing::end_of_frame(&self.run().frames, self.sent)
    }
}
