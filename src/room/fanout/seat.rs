//! A seat: what one viewer's feed and their worker's shard share. Both live on one thread, so there are no locks.
//! It must not know what the frames say, nor of actors other than the one it tells to leave.

use super::{
    batch::{Batch, Form},
    reading::{Begun, Reading, ViewerState},
    ring::{Cursor, Ring},
    socket::{DirectWriter, Socket, WriteState},
};
use crate::{
    domain::{ConnectionId, Seq},
    wire::Close,
};
use actix::prelude::*;
use bytes::Bytes;
use std::{
    cell::{Cell, RefCell},
    io::IoSlice,
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
    /// One or more encoded frames.
    Frames(Bytes),
    /// A ping is due.
    Ping,
}

/// One viewer's place in the audience.
pub(crate) struct Seat {
    pub connection: ConnectionId,
    /// How the viewer takes what is said to all.
    pub form: Form,
    ring: Rc<RefCell<Ring>>,
    state: RefCell<ViewerState>,
    moved: Notify,
    ping_due: Cell<bool>,
    pinged: Cell<Instant>,
    heard: Cell<Instant>,
    session: RefCell<Option<Recipient<Evict>>>,
    writer: Box<dyn DirectWriter>,
    begun: RefCell<Option<Begun>>,
    /// Whether the feed waits until the socket takes something.
    is_full: Cell<bool>,
    waker: RefCell<Option<Waker>>,
    pub(crate) index: Cell<usize>,
}

/// How many batches one system call writes.
const AT_ONCE: usize = 16;

/// What was offered to the socket in one call: fewer than [`AT_ONCE`] pieces are all there was.
struct Offer {
    pieces: usize,
    bytes: usize,
    /// Bytes that the socket took.
    taken: usize,
}

/// How long a batch may wait for its reader.
const LATE_MAX: Duration = Duration::from_secs(20);
/// How long one who is on the way out has to take their leave before the socket is shut from outside.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

impl Seat {
    /// A seat at a ring, not yet admitted, for a viewer with this socket.
    pub(crate) fn new(
        connection: ConnectionId,
        ring: Rc<RefCell<Ring>>,
        now: Instant,
        Socket { writer, form }: Socket,
    ) -> Self {
        Self {
            connection,
            form,
            ring,
            state: RefCell::new(ViewerState::Here(Reading::new())),
            moved: Notify::new(),
            ping_due: Cell::new(false),
            pinged: Cell::new(now),
            heard: Cell::new(now),
            session: RefCell::new(None),
            writer,
            begun: RefCell::new(None),
            is_full: Cell::new(false),
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
        self.state.borrow().reading().map(look)
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

    /// What the feed has to hand over: what may not pass it by. All else goes to the socket from here, without a copy for each
    /// viewer, and what the socket does not take waits here until it does.
    pub(crate) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Ready> {
        if !self.is_mid_batch() && self.is_welcome() && self.ping_due.take() {
            return Poll::Ready(Ready::Ping);
        }
        self.remember(cx.waker());
        match self.writer.state() {
            WriteState::Clear => self.send_all(cx),
            WriteState::Busy if self.has_more() => self.writer.when_clear(cx.waker()),
            WriteState::Busy => {}
            WriteState::Closed => {
                if let Some(next) = self.next() {
                    self.has_read(&next);
                    return Poll::Ready(Ready::Frames(next.run(self.form).frames.clone()));
                }
            }
        }
        Poll::Pending
    }

    /// Sends all there is for this viewer, each time that the socket takes something.
    fn send_all(&self, cx: &mut Context<'_>) {
        self.is_full.set(false);
        while self.has_more() && !self.is_full.get() {
            match self.writer.poll_takes(cx) {
                Poll::Ready(()) => drop(self.send()),
                Poll::Pending => self.is_full.set(true),
            }
        }
    }

    /// Sends what there is for this viewer, if the socket takes it at once; otherwise the feed sees to it, once the socket
    /// takes something.
    pub(crate) fn send_now(&self) {
        if self.is_full.get() {
            return;
        }
        if !self.is_welcome() || self.writer.state() != WriteState::Clear {
            return self.wake();
        }
        if self.send().is_pending() {
            self.is_full.set(true);
            self.wake();
        }
    }

    /// Sends the rest of what was begun and the batches after it; pending once the socket takes no more of them.
    fn send(&self) -> Poll<()> {
        loop {
            let Offer { pieces, bytes, taken } = self.write();
            self.has_sent(taken);
            if taken < bytes {
                return Poll::Pending;
            }
            if pieces < AT_ONCE {
                return Poll::Ready(());
            }
        }
    }

    /// Writes what is next in one system call, if there is anything.
    fn write(&self) -> Offer {
        let (begun, ring, state) = (self.begun.borrow(), self.ring.borrow(), self.state.borrow());
        let mut frames = [IoSlice::new(&[]); AT_ONCE];
        let rest = begun.iter().map(Begun::rest);
        let ahead = state.reading().into_iter().flat_map(|reading| reading.ahead(&ring));
        let (mut pieces, mut bytes) = (0, 0);
        for (slot, next) in
            frames.iter_mut().zip(rest.chain(ahead.map(|batch| &batch.run(self.form).frames[..])))
        {
            *slot = IoSlice::new(next);
            (pieces, bytes) = (pieces + 1, bytes + next.len());
        }
        let taken = if pieces > 0 { self.writer.send(&frames[..pieces]) } else { 0 };
        Offer { pieces, bytes, taken }
    }

    /// So many bytes are sent of what was begun and of what comes next.
    fn has_sent(&self, bytes: usize) {
        let mut left = bytes;
        let mut begun = self.begun.borrow_mut();
        while left > 0 {
            if begun.is_none() {
                let Some(next) = self.next() else { return };
                let before = self.head();
                self.has_read(&next);
                *begun = Some(Begun::new(next, self.form, before));
            }
            left -= begun.as_mut().map_or(left, |begun| begun.has_sent(left));
            begun.take_if(|begun| begun.has_ended());
        }
    }

    fn has_more(&self) -> bool {
        self.is_mid_batch() || self.next().is_some()
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
    fn next(&self) -> Option<Rc<Batch>> {
        self.reading(|reading| reading.ahead(&self.ring.borrow()).next().cloned()).flatten()
    }

    /// What [`Self::next`] found is on its way.
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
