//! Which parts of the segment under way have been handed to whoever keeps them.
//! It must not know what becomes of them, nor how a segment is cut.

use super::window::{Segment, Ticks};
use crate::recordings::{Fragment, Tap};

/// Hands parts on as they are cut, each once.
#[derive(Debug)]
pub(super) struct Kept {
    to: Tap,
    /// How many of the segment under way were handed on.
    parts: usize,
}

impl Kept {
    /// Parts go there.
    pub(super) fn new(to: Tap) -> Self {
        Self { to, parts: 0 }
    }

    /// Hands on what is new of the segment under way. While nobody wants it nothing counts as handed on: who wants it then gets
    /// the segment from its beginning.
    pub(super) fn go_on(&mut self, segment: &Segment) {
        let mut at = Ticks(0);
        for (number, part) in segment.parts.iter().enumerate() {
            let fragment = || fragment(segment, number, at);
            if number >= self.parts && !self.to.take(fragment) {
                return;
            }
            at.0 += part.length.0;
        }
        self.parts = segment.parts.len();
    }

    /// Hands on the rest of a segment that is whole; what comes next is of another.
    pub(super) fn end(&mut self, segment: &Segment) {
        self.go_on(segment);
        self.parts = 0;
    }
}

/// A part that begins so long after its segment.
fn fragment(segment: &Segment, number: usize, at: Ticks) -> Fragment {
    let (head, part) = (&segment.head, &segment.parts[number]);
    Fragment {
        run: head.run,
        head: head.init.clone(),
        codecs: head.codecs.clone(),
        size: (head.width, head.height),
        date: segment.date + at.ms(),
        ticks: part.length.0.try_into().unwrap_or(0),
        is_key: part.is_independent,
        begins_segment: number == 0,
        bytes: part.bytes.clone(),
    }
}
