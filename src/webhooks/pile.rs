//! What is known of one webhook between looks: the logs that may have something for it, and how it stands.
//! It must not know what is in them, nor how anything is sent.

use crate::domain::{Seq, StreamId};
use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// What is known of a webhook between looks.
#[derive(Default)]
pub(super) struct Pile {
    /// Streams whose logs may have something.
    pub streams: RefCell<VecDeque<StreamId>>,
    /// How far it is where that is not stored.
    pub positions: RefCell<HashMap<StreamId, Seq>>,
    pub wake: Notify,
    pub is_running: Cell<bool>,
    /// Whether its receiver answered quickly the last time.
    pub is_quick: Cell<bool>,
    /// Until when it is left alone, since it fails.
    pub sleeps_until: Cell<Option<Instant>>,
    /// Until when no other node delivers it; none where there is no other one.
    pub leased_until: Cell<Option<Instant>>,
}

impl Pile {
    /// This stream's log may have something.
    pub(super) fn add(&self, stream: StreamId, head: Seq) {
        let is_had = self.positions.borrow().get(&stream).is_some_and(|seq| *seq >= head);
        let mut streams = self.streams.borrow_mut();
        if !is_had && !streams.contains(&stream) {
            streams.push_back(stream);
        }
    }

    /// Has it look again.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// It may be tried before the time.
    pub(super) fn rouse(&self) {
        self.sleeps_until.set(None);
    }

    /// Whether it is left alone, since it fails.
    pub(super) fn sleeps(&self) -> bool {
        self.sleeps_until.get().is_some_and(|until| until > Instant::now())
    }

    /// What it may have is another's to deliver, or nobody's.
    pub(super) fn clear(&self) {
        self.streams.borrow_mut().clear();
        self.positions.borrow_mut().clear();
    }

    /// Whether there is anything to look at.
    pub(super) fn has_streams(&self) -> bool {
        !self.streams.borrow().is_empty()
    }

    pub(super) fn first(&self) -> Option<StreamId> {
        self.streams.borrow().front().copied()
    }

    /// Others have their turn.
    pub(super) fn rotate(&self) {
        self.streams.borrow_mut().rotate_left(1);
    }

    pub(super) fn leave(&self, stream: StreamId) {
        self.streams.borrow_mut().retain(|other| *other != stream);
    }

    pub(super) fn is_ours(&self, for_at_least: Duration) -> bool {
        self.leased_until.get().is_none_or(|until| until > Instant::now() + for_at_least)
    }
}
