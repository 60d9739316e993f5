//! The feed: the bytes of one socket, from two sources that yield whole frames: the session's own, and the room's ring.
//! It must not know what the frames say.

use crate::{
    room::fanout::{seat::Ready, shard::Seated},
    wire::framing,
};
use actix_web::{Error, web::Bytes};
use futures_util::Stream;
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// Every how many frames of the room the session's own come first, so that goodbyes and answers cannot starve.
const OWN_TURN: u8 = 4;

/// The body of an upgraded response.
pub(crate) struct Feed<S> {
    own: Pin<Box<S>>,
    seat: Seated,
    turn: u8,
}

impl<S: Stream<Item = Result<Bytes, Error>>> Feed<S> {
    /// A feed of a session's own frames and of its seat's.
    pub(crate) fn new(own: S, seat: Seated) -> Self {
        Self { own: Box::pin(own), seat, turn: 0 }
    }

    fn poll_sources(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        self.turn = (self.turn + 1) % OWN_TURN;
        if (self.turn != 0 || self.seat.is_mid_batch())
            && let Poll::Ready(frames) = self.poll_seat(cx)
        {
            return Poll::Ready(frames);
        }
        if self.seat.is_mid_batch() {
            return Poll::Pending;
        }
        match self.own.as_mut().poll_next(cx) {
            Poll::Ready(own) => Poll::Ready(own),
            // The session may have opened its seat just now.
            Poll::Pending => self.poll_seat(cx),
        }
    }

    fn poll_seat(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        self.seat.poll_ready(cx).map(|ready| {
            Some(Ok(match ready {
                Ready::Frames(frames) => frames,
                Ready::Ping => Bytes::from_static(&framing::PING),
            }))
        })
    }
}

impl<S: Stream<Item = Result<Bytes, Error>>> Stream for Feed<S> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let feed = &mut *self;
        let next = feed.poll_sources(cx);
        if next.is_ready() {
            feed.seat.handed_over();
        }
        next
    }
}

impl<S> Drop for Feed<S> {
    fn drop(&mut self) {
        self.seat.over();
    }
}
