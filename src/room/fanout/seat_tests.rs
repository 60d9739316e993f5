//! What reaches a viewer is each batch once, whole and in order, however little the socket takes.

use super::Seat;
use crate::{
    domain::{ConnectionId, Seq},
    room::fanout::{
        batch::{Batch, Form, Mark, PendingBatch, Run},
        ring::Ring,
        socket::{DirectWriter, Socket, WriteState},
    },
    wire::Close,
};
use futures_util::FutureExt;
use std::{
    cell::{Cell, RefCell},
    io::IoSlice,
    rc::Rc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

/// A socket that takes so many bytes, and keeps them.
#[derive(Default)]
struct Narrow {
    takes: Cell<usize>,
    /// How often it was asked to.
    calls: Cell<usize>,
    has: RefCell<Vec<u8>>,
    is_busy: Cell<bool>,
    is_shut: Cell<bool>,
}

impl DirectWriter for Rc<Narrow> {
    fn state(&self) -> WriteState {
        if self.is_busy.get() { WriteState::Busy } else { WriteState::Clear }
    }

    fn when_clear(&self, _: &Waker) {}

    fn send(&self, frames: &[IoSlice<'_>]) -> usize {
        assert!(!self.is_busy.get(), "something was overtaken");
        self.calls.set(self.calls.get() + 1);
        let frames: Vec<u8> = frames.iter().flat_map(|frames| frames.to_vec()).collect();
        let taken = frames.len().min(self.takes.get());
        self.takes.set(self.takes.get() - taken);
        self.has.borrow_mut().extend_from_slice(&frames[..taken]);
        taken
    }

    fn poll_takes(&self, _: &mut Context<'_>) -> Poll<()> {
        if self.takes.get() > 0 { Poll::Ready(()) } else { Poll::Pending }
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
        Self::with(takes, Form::Plain)
    }

    fn with(takes: usize, form: Form) -> Self {
        let socket = Rc::new(Narrow { takes: Cell::new(takes), ..Narrow::default() });
        let ring = Rc::new(RefCell::new(Ring::new(1000)));
        let writer = Box::new(socket.clone());
        let seat = Seat::new(ConnectionId::new(), ring.clone(), Instant::now(), Socket { writer, form });
        Self { socket, ring, seat }
    }

    fn said(&self, text: &'static str) {
        self.has_said(Batch::raw(text));
    }

    fn has_said(&self, batch: Batch) {
        self.ring.borrow_mut().push(batch, Instant::now());
        self.seat.send_now();
    }

    /// The feed is asked for what it has to hand over, which is nothing: all goes to the socket from the seat.
    fn polled(&self) {
        assert_eq!(self.seat.poll_ready(&mut Context::from_waker(Waker::noop())), Poll::Pending);
    }

    /// The socket takes so many bytes more.
    fn takes(&self, bytes: usize) {
        self.socket.takes.set(bytes);
        self.polled();
    }

    fn has(&self) -> String {
        String::from_utf8(self.socket.has.borrow().clone()).unwrap()
    }
}

#[test]
fn a_batch_that_the_socket_takes_is_sent_at_once() {
    let viewer = Viewer::inside(100);
    viewer.said("one");
    viewer.said("two");
    assert_eq!(viewer.has(), "onetwo");
}

#[test]
fn what_the_socket_does_not_take_waits_and_nothing_comes_before_it() {
    let viewer = Viewer::inside(2);
    viewer.said("one");
    viewer.said("two");
    viewer.polled();
    assert!(viewer.seat.is_mid_batch());
    assert_eq!(viewer.has(), "on", "nothing may follow half a batch but its other half");
    viewer.takes(2);
    assert_eq!(viewer.has(), "onet");
    viewer.takes(100);
    assert_eq!(viewer.has(), "onetwo");
    assert!(!viewer.seat.is_mid_batch());
}

#[test]
fn nothing_overtakes_what_was_handed_over() {
    let viewer = Viewer::inside(100);
    viewer.seat.handed_over();
    viewer.said("one");
    viewer.polled();
    assert_eq!(viewer.has(), "");
    viewer.socket.is_busy.set(false);
    viewer.polled();
    assert_eq!(viewer.has(), "one");
}

#[test]
fn a_socket_that_is_full_costs_one_call_and_all_that_waited_goes_out_together() {
    let viewer = Viewer::inside(0);
    (0..20).for_each(|_| viewer.said("one"));
    viewer.polled();
    assert_eq!(
        viewer.socket.calls.get(),
        1,
        "it is not asked again before it has said that it takes something"
    );
    viewer.takes(1000);
    assert_eq!((viewer.has(), viewer.socket.calls.get()), ("one".repeat(20), 3));
    viewer.said("two");
    assert_eq!(viewer.has(), format!("{}two", "one".repeat(20)), "the feed is out of it again");
}

#[test]
fn what_says_nothing_keeps_nobody_waiting() {
    let viewer = Viewer::outside(100);
    viewer.seat.open();
    assert_eq!(viewer.seat.serve_opening(Batch::raw("")).now_or_never(), Some(true));
    viewer.seat.admit(Batch::raw(""));
    viewer.said("");
    viewer.said("one");
    assert_eq!((viewer.has(), viewer.socket.calls.get()), ("one".to_owned(), 1));
}

#[test]
fn nothing_comes_before_the_opening() {
    let viewer = Viewer::outside(100);
    viewer.seat.admit(Batch::raw("opening "));
    viewer.said("one");
    viewer.polled();
    assert_eq!(viewer.has(), "", "nobody has said welcome");
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
    viewer.polled();
    assert_eq!((viewer.has(), viewer.seat.cursor()), (String::new(), None));
    assert_eq!(viewer.seat.serve_opening(Batch::raw("page")).now_or_never(), Some(false));
    assert_eq!(viewer.seat.is_inside().now_or_never(), Some(()), "nobody waits for what does not come");
}

#[test]
fn who_leaves_in_the_middle_of_a_batch_gets_the_frame_that_has_begun_and_no_other() {
    // Two frames of one letter; no real first byte would be text.
    const TWO: &str = "\u{1}\u{1}a\u{1}\u{1}b";
    for (takes, sent) in [(0, 0), (1, 3), (3, 3), (4, 6)] {
        let viewer = Viewer::inside(takes);
        viewer.said(TWO);
        viewer.seat.leave(Instant::now());
        viewer.takes(100);
        assert_eq!(viewer.has(), TWO[..sent], "{takes}");
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

/// Five events, compressed to frames of three bytes: so much of it that a plain one would be two frames and a half.
fn deflated() -> Batch {
    let frames = b"\xc1\x01a\xc1\x01b\xc1\x01c\xc1\x01d\xc1\x01e";
    let marks = (1..=5).map(|seq| Mark { bytes: seq as usize * 3, head: Seq(seq) }).collect();
    Batch { deflated: Some(Run { frames: frames.as_slice().into(), marks }), ..batch(1..=5) }
}

#[test]
fn who_takes_it_compressed_is_cut_off_by_the_places_of_what_they_took() {
    for (takes, sent, first) in [(0, 0, 1), (1, 3, 2), (3, 3, 2), (4, 6, 3), (14, 15, 6)] {
        let viewer = Viewer::with(takes, Form::Deflated);
        viewer.seat.open();
        viewer.seat.admit(PendingBatch::new(Seq(0)).take());
        viewer.has_said(deflated());
        viewer.has_said(batch([6]));
        assert_eq!(viewer.seat.missed(), Some((Seq(first), Seq(6))), "{takes} bytes are sent");
        viewer.seat.leave(Instant::now());
        viewer.takes(100);
        assert_eq!(viewer.socket.has.borrow().len(), sent, "{takes} bytes are sent");
    }
    let viewer = Viewer::inside(1000);
    viewer.has_said(deflated());
    assert_eq!(*viewer.socket.has.borrow(), deflated().plain.frames, "others take it plain");
}

#[test]
fn what_went_out_late_is_not_missed() {
    let viewer = Viewer::inside(0);
    viewer.has_said(batch(1..=3));
    viewer.has_said(batch([4]));
    assert_eq!(viewer.seat.missed(), Some((Seq(1), Seq(4))));
    viewer.takes(15);
    assert_eq!(viewer.seat.missed(), Some((Seq(4), Seq(4))));
}

#[test]
fn who_has_not_read_the_opening_is_told_of_no_place_but_one_that_they_know() {
    let viewer = Viewer::outside(0);
    viewer.seat.open();
    viewer.seat.admit(batch([3]));
    viewer.has_said(batch([4]));
    assert_eq!(viewer.seat.missed(), None, "the socket has nothing of it");
    viewer.takes(5);
    assert_eq!(viewer.seat.missed(), Some((Seq(4), Seq(4))));

    let viewer = Viewer::outside(7);
    viewer.seat.open();
    viewer.seat.admit(batch(4..=5));
    viewer.has_said(batch([6]));
    assert_eq!(viewer.seat.missed(), Some((Seq(6), Seq(6))));
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
