//! A seat: what one viewer's feed and their worker's shard share. Both live on one thread, so there are no locks.
//! It must not know what the frames say, nor of actors other than the one it tells to leave.

use super::{
    batch::Batch,
    reading::{Begun, Reading, ViewerState},
    ring::{Cursor, Ring},
    writer::{DirectWriter, WriteState},
};
use crate::{
    domain::{ConnectionId, Seq},
    wire::Close,
};
use actix::prelude::*;
use bytes::Bytes;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// What a viewer's session is told: leave, because of this.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct Evict {
    pub close: Close,
    /// For one who reads too slowly: the events that never came, first and last.
    pub missed: Option<(Seq, Seq)>,
}

/// What a seat has for its feed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ready {
    /// Encoded frames, or a part of one whose other parts come next.
    Frames(Bytes),
    /// A ping is due.
    Ping,
}

/// One viewer's place in the audience.
pub(crate) struct Seat {
    pub connection: ConnectionId,
    ring: Rc<RefCell<Ring>>,
    state: RefCell<ViewerState>,
    moved: Notify,
    ping_due: Cell<bool>,
    pinged: Cell<Instant>,
    heard: Cell<Instant>,
    session: RefCell<Option<Recipient<Evict>>>,
    writer: Box<dyn DirectWriter>,
    begun: RefCell<Option<Begun>>,
    waker: RefCell<Option<Waker>>,
    pub(crate) index: Cell<usize>,
}

/// How long a batch may wait for its reader.
const LATE_MAX: Duration = Duration::from_secs(20);
/// How long one who is on the way out has to take their leave before the socket is shut from outside.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

impl Seat {
    /// A seat at a ring, not yet admitted; `writer` is the viewer's socket.
    pub(crate) fn new(
        connection: ConnectionId,
        ring: Rc<RefCell<Ring>>,
        now: Instant,
        writer: Box<dyn DirectWriter>,
    ) -> Self {
        Self {
            connection,
            ring,
            state: RefCell::new(ViewerState::Here(Reading::new())),
            moved: Notify::new(),
            ping_due: Cell::new(false),
            pinged: Cell::new(now),
            heard: Cell::new(now),
            session: RefCell::new(None),
            writer,
            begun: RefCell::new(None),
            waker: RefCell::new(None),
            index: Cell::new(usize::MAX),
        }
    }

    /// Who is told to leave.
    pub(crate) fn belongs_to(&self, session: Recipient<Evict>) {
        self.session.replace(Some(session));
    }

    /// What the viewer reads; none for one who is gone, to whom nothing happens any more.
    fn reading<T>(&self, look: impl FnOnce(&Reading) -> T) -> Option<T> {
        match &*self.state.borrow() {
            ViewerState::Here(reading) => Some(look(reading)),
            ViewerState::Gone { .. } => None,
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Reading) -> T) -> Option<T> {
        match &mut *self.state.borrow_mut() {
            ViewerState::Here(reading) => Some(change(reading)),
            ViewerState::Gone { .. } => None,
        }
    }

    fn is_gone(&self) -> bool {
        self.reading(|_| ()).is_none()
    }

    fn moved_on(&self) {
        self.moved.notify_one();
        self.wake();
    }

    /// The welcome has been said; the opening comes next.
    pub(crate) fn open(&self) {
        self.change(Reading::open);
        self.moved_on();
    }

    /// What comes after the welcome has been said, too; there is nothing to wait for.
    pub(crate) fn go_in(&self) {
        self.change(Reading::go_in);
        self.moved_on();
    }

    /// Resolves when the viewer has read the state of the room, or is on the way out.
    pub(crate) async fn is_inside(&self) {
        while !self.reading(Reading::is_inside).unwrap_or(true) {
            self.moved.notified().await;
        }
    }

    fn is_welcome(&self) -> bool {
        self.reading(Reading::is_welcome).unwrap_or(false)
    }

    /// What the feed has to hand over: the rest of what was begun, or what may not pass the feed by. All else goes to the
    /// socket from here, without a copy for each viewer.
    pub(crate) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Ready> {
        if let Some(piece) = self.next_piece() {
            return Poll::Ready(Ready::Frames(piece));
        }
        if self.is_welcome() {
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

    fn next_piece(&self) -> Option<Bytes> {
        let mut begun = self.begun.borrow_mut();
        let piece = begun.as_mut()?.take();
        begun.take_if(|begun| begun.has_ended());
        piece
    }

    fn pass_the_feed(&self, cx: &mut Context<'_>) -> Option<Bytes> {
        let next = self.peek()?;
        match self.writer.state() {
            WriteState::Clear => {
                self.send();
                self.next_piece()
            }
            WriteState::Busy => {
                self.writer.when_clear(cx.waker());
                None
            }
            WriteState::Closed => {
                self.has_read(&next);
                Some(next.frames.clone())
            }
        }
    }

    /// Sends what there is for this viewer, if the socket takes it at once; otherwise the feed sees to it.
    pub(crate) fn send_now(&self) {
        if self.is_mid_batch() || !self.is_welcome() || self.writer.state() != WriteState::Clear {
            return self.wake();
        }
        self.send();
        if self.is_mid_batch() {
            self.wake();
        }
    }

    /// Sends batch after batch as long as the socket takes them; of the last one, the end may be left.
    fn send(&self) {
        while let Some(next) = self.peek() {
            let (sent, before) = (self.writer.send(&next.frames), self.head());
            self.has_read(&next);
            if sent < next.frames.len() {
                self.begun.replace(Some(Begun::new(next, sent, before)));
                return;
            }
        }
    }

    /// Whether the socket has the beginning of a batch: its rest comes next, before anything else.
    pub(crate) fn is_mid_batch(&self) -> bool {
        self.begun.borrow().is_some()
    }

    /// The feed has given bytes to the socket's own task.
    pub(crate) fn handed_over(&self) {
        self.writer.handed_over();
    }

    /// The feed has given all it had.
    pub(crate) fn over(&self) {
        self.writer.over();
    }

    /// What is next: the opening, then the ring.
    fn peek(&self) -> Option<Rc<Batch>> {
        self.reading(|reading| reading.next(&self.ring.borrow())).flatten()
    }

    /// What [`Self::peek`] found is on its way.
    fn has_read(&self, batch: &Batch) {
        if self.change(|reading| reading.has_read(batch)) == Some(true) {
            self.moved.notify_one();
        }
    }

    fn remember(&self, waker: &Waker) {
        let mut stored = self.waker.borrow_mut();
        if !stored.as_ref().is_some_and(|old| old.will_wake(waker)) {
            *stored = Some(waker.clone());
        }
    }

    /// Wakes the feed.
    pub(crate) fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Hands over a page of what the viewer missed, and waits until the feed has taken it: a slow reader slows this down.
    /// False where the viewer is gone, and reads no more.
    pub(crate) async fn serve_opening(&self, page: Batch) -> bool {
        self.change(|reading| reading.push(page));
        self.wake();
        while self.reading(Reading::has_pages).unwrap_or(false) {
            self.moved.notified().await;
        }
        !self.is_gone()
    }

    /// From here on the viewer reads the ring, after this last page of what they missed.
    pub(crate) fn admit(&self, last: Batch) {
        let end = self.ring.borrow().end();
        self.change(|reading| reading.admit(last, end));
        self.moved_on();
    }

    /// Reads nothing more: the goodbye comes next, as soon as the frame that is under way has ended.
    pub(crate) fn leave(&self, now: Instant) {
        if self.is_gone() {
            return;
        }
        self.state.replace(ViewerState::Gone { since: now });
        let mut begun = self.begun.borrow_mut();
        begun.iter_mut().for_each(Begun::cut);
        begun.take_if(|begun| begun.has_ended());
        self.moved_on();
    }

    /// The client was heard.
    pub(crate) fn heard(&self, now: Instant) {
        self.heard.set(now);
    }

    /// The place in the ring, if admitted.
    pub(crate) fn cursor(&self) -> Option<Cursor> {
        self.reading(Reading::cursor).flatten()
    }

    /// What is due at `now`: a ping, a goodbye to the silent or slow, and the end for who does not go.
    pub(crate) fn tend(&self, now: Instant, heartbeat: Duration) {
        if let ViewerState::Gone { since } = *self.state.borrow() {
            if now.duration_since(since) >= LEAVE_WITHIN {
                self.writer.shut();
            }
            return;
        }
        if now.duration_since(self.heard.get()) >= heartbeat * 2 {
            return self.dismiss(now, Close::Silent);
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
        let Some(cursor) = self.cursor() else { return false };
        let ring = self.ring.borrow();
        let has_waited = |since| now.duration_since(since) >= LATE_MAX;
        ring.has_lost(cursor) || ring.waiting_since(cursor).is_some_and(has_waited)
    }

    fn evict_late(&self, now: Instant) {
        self.evict(now, Evict { close: Close::TooSlow, missed: self.missed() });
    }

    /// The events that never come if the viewer leaves now. Who has read nothing of the log knows of no place in it.
    fn missed(&self) -> Option<(Seq, Seq)> {
        let begun = self.begun.borrow();
        let read = begun.as_ref().map_or_else(|| self.head(), Begun::head_if_cut)?;
        let (first, last) = (read.next(), self.ring.borrow().head()?);
        (first <= last).then_some((first, last))
    }

    /// How far the viewer has read the log, once all that was begun is read.
    fn head(&self) -> Option<Seq> {
        self.reading(Reading::head).flatten()
    }

    /// Sees the viewer out, whatever state their session is in. The first reason counts.
    pub(crate) fn dismiss(&self, now: Instant, close: Close) {
        self.evict(now, Evict { close, missed: None });
    }

    fn evict(&self, now: Instant, evict: Evict) {
        if self.is_gone() {
            return;
        }
        self.leave(now);
        if let Some(session) = &*self.session.borrow() {
            // One message in the life of a session, so no bound is needed; a full mailbox must not save a slow viewer.
            session.do_send(evict);
        }
    }
}

#[cfg(test)]
#[path = "seat_tests.rs"]
mod tests;
