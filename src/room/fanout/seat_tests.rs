//! What reaches a viewer is each batch once, whole and in order, however little the socket takes.

use super::{Ready, Seat};
use crate::{
    domain::{ConnectionId, Seq},
    room::fanout::{
        batch::{Batch, PendingBatch},
        ring::Ring,
        writer::{DirectWriter, WriteState},
    },
    wire::Close,
};
use bytes::Bytes;
use futures_util::FutureExt;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

/// A socket that takes so many bytes at once, and keeps them.
#[derive(Default)]
struct Narrow {
    takes: Cell<usize>,
    has: RefCell<Vec<u8>>,
    is_busy: Cell<bool>,
    is_shut: Cell<bool>,
}

impl DirectWriter for Rc<Narrow> {
    fn state(&self) -> WriteState {
        if self.is_busy.get() { WriteState::Busy } else { WriteState::Clear }
    }

    fn when_clear(&self, _: &Waker) {}

    fn send(&self, frames: &[u8]) -> usize {
        assert!(!self.is_busy.get(), "something was overtaken");
        let taken = frames.len().min(self.takes.get());
        self.takes.set(self.takes.get() - taken);
        self.has.borrow_mut().extend_from_slice(&frames[..taken]);
        taken
    }

    fn handed_over(&self) {
        self.is_busy.set(true);
    }

    fn over(&self) {}

    fn shut(&self) {
        self.is_shut.set(true);
    }
}

struct Viewer {
    socket: Rc<Narrow>,
    ring: Rc<RefCell<Ring>>,
    seat: Seat,
}

impl Viewer {
    fn inside(takes: usize) -> Self {
        let viewer = Viewer::outside(takes);
        viewer.seat.open();
        viewer.seat.admit(PendingBatch::new(Seq(0)).take());
        viewer
    }

    fn outside(takes: usize) -> Self {
        let socket = Rc::new(Narrow { takes: Cell::new(takes), ..Narrow::default() });
        let ring = Rc::new(RefCell::new(Ring::new(1000)));
        let seat = Seat::new(ConnectionId::new(), ring.clone(), Instant::now(), Box::new(socket.clone()));
        Self { socket, ring, seat }
    }

    fn said(&self, text: &'static str) {
        self.has_said(Batch::raw(text));
    }

    fn has_said(&self, batch: Batch) {
        self.ring.borrow_mut().push(batch, Instant::now());
        self.seat.send_now();
    }

    /// What the feed hands over, if anything.
    fn fed(&self) -> Option<String> {
        self.fed_bytes().map(|frames| String::from_utf8(frames.to_vec()).unwrap())
    }

    fn fed_bytes(&self) -> Option<Bytes> {
        match self.seat.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ready::Frames(frames)) => Some(frames),
            Poll::Ready(Ready::Ping) => Some(Bytes::from_static(b"ping")),
            Poll::Pending => None,
        }
    }

    fn has(&self) -> String {
        String::from_utf8(self.socket.has.borrow().clone()).unwrap()
    }
}

#[test]
fn a_batch_that_the_socket_takes_never_meets_the_feed() {
    let viewer = Viewer::inside(100);
    viewer.said("one");
    viewer.said("two");
    assert_eq!((viewer.has(), viewer.fed()), ("onetwo".to_owned(), None));
}

#[test]
fn what_the_socket_does_not_take_is_fed_before_anything_else() {
    let viewer = Viewer::inside(2);
    viewer.said("one");
    viewer.said("two");
    assert_eq!(viewer.has(), "on", "nothing may follow half a batch but its other half");
    assert!(viewer.seat.is_mid_batch());
    assert_eq!(viewer.fed().as_deref(), Some("e"));
    viewer.socket.takes.set(100);
    assert_eq!((viewer.fed(), viewer.has().as_str()), (None, "ontwo"));
}

#[test]
fn nothing_overtakes_what_was_handed_over() {
    let viewer = Viewer::inside(100);
    viewer.seat.handed_over();
    viewer.said("one");
    assert_eq!((viewer.has(), viewer.fed()), (String::new(), None));
    viewer.socket.is_busy.set(false);
    assert_eq!((viewer.fed(), viewer.has().as_str()), (None, "one"));
}

#[test]
fn a_socket_that_is_full_costs_one_batch_and_no_more() {
    let viewer = Viewer::inside(0);
    viewer.said("one");
    viewer.said("two");
    assert_eq!(viewer.fed().as_deref(), Some("one"));
    viewer.seat.handed_over();
    assert_eq!(viewer.fed(), None, "the rest waits in the ring");
}

#[test]
fn nothing_comes_before_the_opening() {
    let viewer = Viewer::outside(100);
    viewer.seat.admit(Batch::raw("opening "));
    viewer.said("one");
    assert_eq!((viewer.has(), viewer.fed()), (String::new(), None), "nobody has said welcome");
    viewer.seat.open();
    viewer.said("two");
    assert_eq!(viewer.has(), "opening onetwo");
}

#[test]
fn who_is_gone_reads_nothing_more_whatever_is_put_before_them() {
    let viewer = Viewer::inside(100);
    viewer.seat.leave(Instant::now());
    viewer.seat.admit(Batch::raw("opening"));
    viewer.seat.open();
    viewer.seat.go_in();
    viewer.said("one");
    assert_eq!((viewer.has(), viewer.fed(), viewer.seat.cursor()), (String::new(), None, None));
    assert_eq!(viewer.seat.serve_opening(Batch::raw("page")).now_or_never(), Some(false));
    assert_eq!(viewer.seat.is_inside().now_or_never(), Some(()), "nobody waits for what does not come");
}

#[test]
fn who_leaves_in_the_middle_of_a_batch_gets_the_frame_that_has_begun_and_no_other() {
    for (takes, rest) in [(0, None), (1, Some("\u{1}a")), (3, None), (4, Some("\u{1}b"))] {
        let viewer = Viewer::inside(takes);
        // Two frames of one letter; no real first byte would be text.
        viewer.said("\u{1}\u{1}a\u{1}\u{1}b");
        viewer.seat.leave(Instant::now());
        assert_eq!((viewer.fed().as_deref(), viewer.fed()), (rest, None), "{takes}");
    }
}

/// A batch of these events, each of three letters: five bytes as a frame.
fn batch(events: impl IntoIterator<Item = i64>) -> Batch {
    let mut pending = PendingBatch::new(Seq(0));
    events.into_iter().for_each(|seq| pending.event(Seq(seq), "one"));
    pending.take()
}

#[test]
fn who_is_cut_off_misses_all_from_the_first_event_that_was_not_sent_whole() {
    // The frame that has begun is still sent to its end.
    for (takes, first) in [(0, 1), (4, 2), (5, 2), (6, 3), (14, 4), (15, 4), (19, 5), (20, 5), (25, 6)] {
        let viewer = Viewer::inside(takes);
        viewer.has_said(batch(1..=3));
        viewer.has_said(batch(4..=5));
        viewer.has_said(batch([6]));
        assert_eq!(viewer.seat.missed(), Some((Seq(first), Seq(6))), "{takes} bytes are sent");
    }
    let viewer = Viewer::inside(30);
    viewer.has_said(batch(1..=6));
    assert_eq!(viewer.seat.missed(), None);
}

#[test]
fn what_the_feed_was_given_is_sent() {
    let viewer = Viewer::inside(0);
    viewer.has_said(batch(1..=3));
    viewer.has_said(batch([4]));
    assert_eq!(viewer.seat.missed(), Some((Seq(1), Seq(4))));
    assert_eq!(viewer.fed_bytes().map(|piece| piece.len()), Some(15));
    assert_eq!(viewer.seat.missed(), Some((Seq(4), Seq(4))));
}

#[test]
fn who_has_not_read_the_opening_is_told_of_no_place_but_one_that_they_know() {
    let viewer = Viewer::outside(0);
    viewer.seat.open();
    viewer.seat.admit(batch([3]));
    viewer.has_said(batch([4]));
    assert_eq!(viewer.seat.missed(), None, "the socket has nothing of it");
    assert_eq!(viewer.fed_bytes().map(|page| page.len()), Some(5));
    assert_eq!(viewer.seat.missed(), Some((Seq(4), Seq(4))));

    let viewer = Viewer::outside(7);
    viewer.seat.open();
    viewer.seat.admit(batch(4..=5));
    viewer.has_said(batch([6]));
    assert_eq!(viewer.seat.missed(), Some((Seq(6), Seq(6))));
}

#[test]
fn a_long_batch_is_fed_in_pieces() {
    let viewer = Viewer::inside(1);
    viewer.said(Box::leak("x".repeat(100_000).into_boxed_str()));
    let pieces: Vec<_> = std::iter::from_fn(|| viewer.fed()).map(|piece| piece.len()).collect();
    assert_eq!(pieces, [32_768, 32_768, 32_768, 99_999 - 3 * 32_768]);
}

#[test]
fn who_does_not_go_is_shut_out() {
    let viewer = Viewer::inside(100);
    let (now, heartbeat) = (Instant::now(), Duration::from_secs(20));
    viewer.seat.dismiss(now, Close::Gone);
    viewer.seat.tend(now + Duration::from_secs(1), heartbeat);
    assert!(!viewer.socket.is_shut.get());
    viewer.seat.tend(now + Duration::from_secs(2), heartbeat);
    assert!(viewer.socket.is_shut.get());
}
