//! A seat: what one viewer's feed and their worker's shard share. Both live on one thread, so there are no locks.
//! It must not know what the frames say, nor of actors other than the one it tells to leave.

use super::{
    outlet::{Outlet, Way},
    ring::{Batch, Cursor, Next, Ring},
};
use crate::{
    domain::{ids::ConnectionId, stream::Seq},
    wire::frame::Close,
};
use actix::prelude::*;
use bytes::Bytes;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// What the shard tells a viewer's session: leave, because of this.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct Evict {
    /// Why.
    pub close: Close,
    /// For one who reads too slowly: the events that never came, first and last.
    pub missed: Option<(Seq, Seq)>,
}

/// What a seat has for its feed.
#[derive(Debug, PartialEq, Eq)]
pub enum Ready {
    /// Encoded frames.
    Frames(Bytes),
    /// A ping is due.
    Ping,
}

/// How far a viewer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody has said welcome yet.
    Outside,
    /// Welcomed; next comes the state of the room, and nothing before it.
    Waiting,
    /// Has read the state of the room, or is on the way out.
    Inside,
}

/// One viewer's place in the audience.
pub struct Seat {
    /// Whose.
    pub connection: ConnectionId,
    ring: Rc<RefCell<Ring>>,
    stage: Cell<Stage>,
    cursor: Cell<Option<Cursor>>,
    read: Cell<Seq>,
    opening: RefCell<VecDeque<Bytes>>,
    opening_read: Notify,
    ping_due: Cell<bool>,
    pinged: Cell<Instant>,
    heard: Cell<Instant>,
    evicted: Cell<Option<Instant>>,
    session: RefCell<Option<Recipient<Evict>>>,
    outlet: Box<dyn Outlet>,
    /// The end of a batch whose beginning is sent: nothing may come between.
    rest: RefCell<Option<Bytes>>,
    waker: RefCell<Option<Waker>>,
    pub(super) index: Cell<usize>,
}

/// How long a batch may wait for its reader.
const LATE_MAX: Duration = Duration::from_secs(20);
/// How long an evicted viewer has to take their leave before the socket is shut from outside.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

impl Seat {
    /// A seat at a ring, not yet admitted; `outlet` is the viewer's socket.
    pub fn new(
        connection: ConnectionId,
        ring: Rc<RefCell<Ring>>,
        now: Instant,
        outlet: Box<dyn Outlet>,
    ) -> Self {
        Self {
            connection,
            ring,
            stage: Cell::new(Stage::Outside),
            cursor: Cell::new(None),
            read: Cell::new(Seq(0)),
            opening: RefCell::default(),
            opening_read: Notify::new(),
            ping_due: Cell::new(false),
            pinged: Cell::new(now),
            heard: Cell::new(now),
            evicted: Cell::new(None),
            session: RefCell::new(None),
            outlet,
            rest: RefCell::new(None),
            waker: RefCell::new(None),
            index: Cell::new(usize::MAX),
        }
    }

    /// Who is told to leave.
    pub fn belongs_to(&self, session: Recipient<Evict>) {
        self.session.replace(Some(session));
    }

    /// The welcome has been said; the opening comes next.
    pub fn open(&self) {
        self.stage.set(Stage::Waiting);
        self.wake();
    }

    /// What comes after the welcome has been said, too; there is nothing to wait for.
    pub fn go_in(&self) {
        self.stage.set(Stage::Inside);
        self.wake();
    }

    /// Resolves when the viewer has read the state of the room, or is on the way out.
    pub async fn is_inside(&self) {
        while self.stage.get() != Stage::Inside {
            self.opening_read.notified().await;
        }
    }

    /// What the feed has to hand over: the rest of what was begun, or what may not pass the feed by. All else goes to the
    /// socket from here, without a copy for each viewer.
    pub fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Ready> {
        if let Some(rest) = self.rest.take() {
            return Poll::Ready(Ready::Frames(rest));
        }
        if self.stage.get() != Stage::Outside {
            if self.ping_due.take() {
                return Poll::Ready(Ready::Ping);
            }
            if let Some(frames) = self.pass_the_feed(cx) {
                return Poll::Ready(Ready::Frames(frames));
            }
        }
        self.remember(cx.waker());
        Poll::Pending
    }

    fn pass_the_feed(&self, cx: &mut Context<'_>) -> Option<Bytes> {
        let next = self.peek()?;
        match self.outlet.way() {
            Way::Clear => self.send(),
            Way::Busy => {
                self.outlet.when_clear(cx.waker());
                None
            }
            Way::Closed => {
                self.has_read(&next);
                Some(next.frames)
            }
        }
    }

    /// Sends what there is for this viewer, if the socket takes it at once; otherwise the feed sees to it.
    pub fn send_now(&self) {
        if self.is_mid_batch() || self.stage.get() == Stage::Outside || self.outlet.way() != Way::Clear {
            return self.wake();
        }
        if let Some(rest) = self.send() {
            self.rest.replace(Some(rest));
            self.wake();
        }
    }

    /// Sends batch after batch as long as the socket takes them; what it did not take of the last one.
    fn send(&self) -> Option<Bytes> {
        while let Some(next) = self.peek() {
            let sent = self.outlet.send(&next.frames);
            self.has_read(&next);
            if sent < next.frames.len() {
                return Some(next.frames.slice(sent..));
            }
        }
        None
    }

    /// Whether the socket has the beginning of a batch: its rest comes next, before anything else.
    pub fn is_mid_batch(&self) -> bool {
        self.rest.borrow().is_some()
    }

    /// The feed has given bytes to the socket's own task.
    pub fn handed_over(&self) {
        self.outlet.handed_over();
    }

    /// The feed has given all it had.
    pub fn over(&self) {
        self.outlet.over();
    }

    /// What is next: the opening, then the ring.
    fn peek(&self) -> Option<Batch> {
        if let Some(frames) = self.opening.borrow().front() {
            return Some(Batch { frames: frames.clone(), head: self.read.get() });
        }
        match self.ring.borrow().next(self.cursor.get()?) {
            Next::Batch(batch) => Some(batch),
            Next::Caught | Next::Lost => None,
        }
    }

    /// What [`Self::peek`] found is on its way.
    fn has_read(&self, batch: &Batch) {
        if self.opening.borrow_mut().pop_front().is_some() {
            self.stage.set(Stage::Inside);
            return self.opening_read.notify_one();
        }
        self.cursor.set(self.cursor.get().map(Cursor::next));
        self.read.set(batch.head);
    }

    fn remember(&self, waker: &Waker) {
        let mut stored = self.waker.borrow_mut();
        if !stored.as_ref().is_some_and(|old| old.will_wake(waker)) {
            *stored = Some(waker.clone());
        }
    }

    /// Wakes the feed.
    pub fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Hands over a page of what the viewer missed, and waits until the feed has taken it: a slow reader slows this down.
    pub async fn serve_opening(&self, page: Bytes) {
        self.opening.borrow_mut().push_back(page);
        self.wake();
        while !self.opening.borrow().is_empty() {
            self.opening_read.notified().await;
        }
    }

    /// From here on the viewer reads the ring, after these last frames.
    pub fn admit(&self, frames: Bytes, head: Seq) {
        if frames.is_empty() {
            self.stage.set(Stage::Inside);
            self.opening_read.notify_one();
        } else {
            self.opening.borrow_mut().push_back(frames);
        }
        self.read.set(head);
        self.cursor.set(Some(self.ring.borrow().end()));
        self.wake();
    }

    /// Reads nothing more: the goodbye comes next.
    pub fn leave(&self) {
        self.stage.set(Stage::Inside);
        self.cursor.set(None);
        self.opening.borrow_mut().clear();
        self.opening_read.notify_one();
    }

    /// The client was heard.
    pub fn heard(&self, now: Instant) {
        self.heard.set(now);
    }

    /// The place in the ring, if admitted.
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor.get()
    }

    /// What is due at `now`: a ping, a goodbye to the silent or slow, and the end for who does not go.
    pub fn tend(&self, now: Instant, heartbeat: Duration) {
        if let Some(since) = self.evicted.get() {
            if now.duration_since(since) >= LEAVE_WITHIN {
                self.outlet.shut();
            }
            return;
        }
        if now.duration_since(self.heard.get()) >= heartbeat * 2 {
            return self.evict(now, Evict { close: Close::Silent, missed: None });
        }
        if self.is_late(now) {
            return self.evict_late(now);
        }
        if now.duration_since(self.pinged.get()) >= heartbeat {
            self.pinged.set(now);
            self.ping_due.set(true);
            self.wake();
        }
    }

    /// Too many bytes behind, or too long: who reads a few bytes at a time would otherwise stay for ever.
    fn is_late(&self, now: Instant) -> bool {
        let Some(cursor) = self.cursor.get() else { return false };
        let ring = self.ring.borrow();
        let has_waited = |since| now.duration_since(since) >= LATE_MAX;
        ring.has_lost(cursor) || ring.waiting_since(cursor).is_some_and(has_waited)
    }

    fn evict_late(&self, now: Instant) {
        let head = self.ring.borrow().head().unwrap_or_default();
        let from = self.read.get().next();
        self.evict(now, Evict { close: Close::TooSlow, missed: (from <= head).then_some((from, head)) });
    }

    fn evict(&self, now: Instant, evict: Evict) {
        self.evicted.set(Some(now));
        self.leave();
        if let Some(session) = &*self.session.borrow() {
            // One message in the life of a session, so no bound is needed; a full mailbox must not save a slow viewer.
            session.do_send(evict);
        }
        self.wake();
    }
}

#[cfg(test)]
#[path = "seat_tests.rs"]
mod tests;
