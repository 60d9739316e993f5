//! The reader: a connection that reads a stream's log live as server-sent events. Its body polls the seat as a feed does; its
//! actor is told goodbyes. It must not know of requests, nor what events say.

use super::{
    connections::Place,
    door::{BackDoor, Door},
    gate::{Gate, Identity},
    upgrade::catch_up,
};
use crate::{
    domain::{
        ids::{ConnectionId, StreamId},
        stream::Seq,
        time::Millis,
    },
    room::{
        lobby::Enter,
        message::{Join, Joined, Leave, Line, Opening, Tell},
        room::Room,
        seat::{Evict, Ready, Seat},
        shard::Audience,
    },
    wire::{frame::Close, framing, problem::Refusal, sse},
};
use actix::prelude::*;
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    net::IpAddr,
    pin::Pin,
    rc::Rc,
    task::{self, Poll},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A reader who may come in.
pub struct Allowed {
    /// Its place among all connections.
    pub place: Place,
    /// From where.
    pub address: IpAddr,
    /// Which stream.
    pub stream: StreamId,
    /// Whose it is; none for a guest.
    pub identity: Option<Identity>,
    /// What has been read; none to begin now.
    pub after: Option<Seq>,
    /// The way to the connection from outside.
    pub door: Door,
}

/// Opens the stream of events.
///
/// # Errors
/// `not_found` where the stream is gone or may not be seen, `overloaded`.
pub async fn open(gate: Gate, allowed: Allowed) -> Result<Body, Refusal> {
    let Allowed { place, address, stream, identity, after, door } = allowed;
    let outlet = Box::new(BackDoor(door));
    let seat = gate.audience.borrow_mut().sit_down(stream, ConnectionId::new(), outlet);
    let goodbye = Rc::new(Cell::new(None));
    let audience = gate.audience.clone();
    let (answer, entered) = oneshot::channel();
    let reader = Reader {
        gate,
        address,
        stream,
        identity,
        after,
        seat: seat.clone(),
        goodbye: goodbye.clone(),
        room: None,
        answer: Some(answer),
        _place: place,
    };
    // From here on whoever drops the body ends the reader.
    let body = Body { reader: reader.start(), seat, audience, stream, goodbye, has_ended: false };
    entered.await.unwrap_or_else(|_| Err(Refusal::overloaded()))?;
    Ok(body)
}

/// The actor of a reading connection.
struct Reader {
    gate: Gate,
    address: IpAddr,
    stream: StreamId,
    identity: Option<Identity>,
    after: Option<Seq>,
    seat: Rc<Seat>,
    goodbye: Rc<Cell<Option<Close>>>,
    room: Option<Addr<Room>>,
    answer: Option<oneshot::Sender<Result<(), Refusal>>>,
    _place: Place,
}

/// The body is gone.
#[derive(Message)]
#[rtype(result = "()")]
struct HangUp;

impl Reader {
    fn enter(&mut self, ctx: &mut Context<Self>) {
        let line = Line {
            session: ctx.address().recipient(),
            shard: self.gate.shard.clone(),
            worker: self.gate.worker,
        };
        let account = self.identity.as_ref().map(|identity| identity.account(self.address));
        let join =
            Join { connection: self.seat.connection, account, line, opening: Opening::Reader(self.after) };
        let entered = self.gate.desk.lobby.send(Enter(self.stream, join));
        ctx.wait(entered.into_actor(self).map(|entered, reader, ctx| {
            let answer = match entered {
                Ok(Ok((room, joined))) => {
                    reader.entered(room, joined, ctx);
                    Ok(())
                }
                Ok(Err(refusal)) => Err(refusal),
                Err(_) => Err(Refusal::overloaded()),
            };
            if let Some(waiting) = reader.answer.take() {
                // Who does not wait for it any more drops the body, which ends the reader.
                _ = waiting.send(answer);
            }
        }));
    }

    fn entered(&mut self, room: Addr<Room>, joined: Joined, ctx: &mut Context<Self>) {
        self.room = Some(room.clone());
        if let Some(identity) = &self.identity {
            let (user, session, line) = (identity.user.id, identity.session.id, ctx.address().recipient());
            let left_ms = identity.expires_at.since(Millis::now());
            self.gate.connections.sign_in(user, session, self.seat.connection, line);
            ctx.run_later(Duration::from_millis(left_ms as u64), |reader, _| reader.close(Close::TokenEnded));
        }
        if let Joined::Behind { after, .. } = joined {
            let (store, seat) = (self.gate.desk.store.clone(), self.seat.clone());
            let caught_up = catch_up(store, seat, self.stream, room, after);
            ctx.spawn(caught_up.into_actor(self).map(|is_done, reader, _| {
                if !is_done {
                    reader.close(Close::Overloaded);
                }
            }));
        }
        self.seat.open();
    }

    fn close(&mut self, close: Close) {
        self.goodbye.set(Some(close));
        self.seat.leave();
        self.leave_room();
        self.seat.wake();
    }

    fn leave_room(&mut self) {
        let connection = self.seat.connection;
        if let Some(identity) = self.identity.take() {
            self.gate.connections.sign_out(identity.user.id, connection);
        }
        if let Some(room) = self.room.take() {
            // Once in the life of a connection.
            room.do_send(Leave { connection });
        }
    }
}

impl Actor for Reader {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.seat.belongs_to(ctx.address().recipient());
        self.enter(ctx);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.leave_room();
    }
}

impl Handler<Tell> for Reader {
    type Result = ();

    fn handle(&mut self, tell: Tell, _: &mut Self::Context) {
        // Frames for one alone are answers and rights: readers ask nothing and may do nothing.
        if let Tell::Close(close) = tell {
            self.close(close);
        }
    }
}

impl Handler<Evict> for Reader {
    type Result = ();

    fn handle(&mut self, evict: Evict, _: &mut Self::Context) {
        self.close(evict.close);
    }
}

impl Handler<HangUp> for Reader {
    type Result = ();

    fn handle(&mut self, _: HangUp, ctx: &mut Self::Context) {
        ctx.stop();
    }
}

/// The body of the response. Dropping it ends the reader.
pub struct Body {
    reader: Addr<Reader>,
    seat: Rc<Seat>,
    audience: Rc<RefCell<Audience>>,
    stream: StreamId,
    goodbye: Rc<Cell<Option<Close>>>,
    has_ended: bool,
}

impl Stream for Body {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        // Who takes what is sent is alive; a reader never says a word.
        self.seat.heard(Instant::now());
        let mut out = BytesMut::new();
        while out.is_empty() {
            if let Some(close) = self.goodbye.take() {
                sse::push_bye(&mut out, close.bye());
                self.has_ended = true;
                break;
            }
            match task::ready!(self.seat.poll_ready(cx)) {
                Ready::Ping => out.extend_from_slice(sse::COMMENT),
                Ready::Frames(frames) => {
                    framing::texts(&frames).for_each(|frame| sse::push_frame(&mut out, frame))
                }
            }
        }
        Poll::Ready(Some(Ok(out.freeze())))
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.audience.borrow_mut().stand_up(self.stream, self.seat.connection);
        // Once in the life of a connection.
        self.reader.do_send(HangUp);
    }
}
