//! The reader: a connection that reads a stream's log live as server-sent events. Its body polls the seat as a feed does; its
//! actor is told goodbyes. It must not know of requests, nor what events say.

use super::{
    catch_up::{CatchUpEnd, catch_up},
    limits::{Place, SignedIn},
    worker::WorkerContext,
};
use crate::{
    domain::{ConnectionId, Millis, StreamId},
    identity::Identity,
    room::{
        actor::joining::{Join, Membership},
        core::openings::{Joined, Opening, Since},
        fanout::{
            batch::Form,
            seat::{Evict, Ready, Seat},
            shard::Seated,
            socket::{ServerWrites, Socket, SocketHandle},
        },
        front::registry::Enter,
        reply::{ConnectionHandle, Tell},
    },
    wire::{Close, Refusal, framing, sse},
};
use actix::prelude::*;
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use std::{
    cell::Cell,
    convert::Infallible,
    pin::Pin,
    rc::Rc,
    task::{self, Poll},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A reader who may come in.
pub(crate) struct Allowed {
    /// Its place among all connections.
    pub place: Place,
    pub stream: StreamId,
    /// Whose it is; none for a guest.
    pub identity: Option<Identity>,
    /// What has been read; none to begin now.
    pub after: Option<Since>,
    /// The way to the connection from outside.
    pub handle: SocketHandle,
}

/// Opens the stream of events.
/// Errors: `not_found` where the stream is gone or may not be seen, `overloaded`.
pub(crate) async fn open(worker: Rc<WorkerContext>, allowed: Allowed) -> Result<Body, Refusal> {
    let Allowed { place, stream, identity, after, handle } = allowed;
    // Its frames are read back into events, which plain ones alone can be.
    let socket = Socket { writer: Box::new(ServerWrites(handle.clone())), form: Form::Plain };
    let seat = Seated::new(&worker.audience, stream, ConnectionId::new(), socket);
    let goodbye = Rc::new(Cell::new(None));
    let (answer, entered) = oneshot::channel();
    let reader = Reader {
        worker,
        stream,
        identity,
        after,
        seat: seat.seat().clone(),
        goodbye: goodbye.clone(),
        membership: None,
        signed_in: None,
        answer: Some(answer),
        _place: place,
    };
    // From here on whoever drops the body ends the reader.
    let mut body =
        Body { reader: reader.start(), seat, handle, goodbye, epoch: String::new(), has_ended: false };
    body.epoch = entered.await.unwrap_or_else(|_| Err(Refusal::overloaded()))?;
    Ok(body)
}

/// The actor of a reading connection.
struct Reader {
    worker: Rc<WorkerContext>,
    stream: StreamId,
    identity: Option<Identity>,
    after: Option<Since>,
    seat: Rc<Seat>,
    goodbye: Rc<Cell<Option<Close>>>,
    membership: Option<Membership>,
    signed_in: Option<SignedIn>,
    /// Takes the epoch of the log.
    answer: Option<oneshot::Sender<Result<String, Refusal>>>,
    _place: Place,
}

/// The body is gone.
#[derive(Message)]
#[rtype(result = "()")]
struct HangUp;

impl Reader {
    fn own_handle(&self, ctx: &Context<Self>) -> ConnectionHandle {
        self.worker.handle(self.seat.connection, self.stream, ctx.address().recipient())
    }

    fn enter(&mut self, ctx: &mut Context<Self>) {
        let account = self.identity.as_ref().map(|identity| identity.account());
        let join =
            Join { account, handle: self.own_handle(ctx), opening: Opening::Reader(self.after.take()) };
        let entered = self.worker.streams.registry.send(Enter(self.stream, join));
        ctx.wait(entered.into_actor(self).map(|entered, reader, ctx| {
            let answer = match entered {
                Ok(Ok((membership, joined))) => Ok(reader.entered(membership, joined, ctx)),
                Ok(Err(refusal)) => Err(refusal),
                Err(_) => Err(Refusal::overloaded()),
            };
            if let Some(waiting) = reader.answer.take() {
                // Who does not wait for it any more drops the body, which ends the reader.
                _ = waiting.send(answer);
            }
        }));
    }

    /// Is in; the epoch of the log that is read from here on.
    fn entered(&mut self, membership: Membership, joined: Joined, ctx: &mut Context<Self>) -> String {
        if let Some(identity) = &self.identity {
            let (user, login) = (identity.user.id, identity.login);
            self.signed_in = Some(self.worker.connections.sign_in(user, login, self.own_handle(ctx)));
            if let Some(expires_at) = identity.expires_at {
                let left = Duration::from_millis(expires_at.since(Millis::now()) as u64);
                ctx.run_later(left, |reader, _| reader.close(Close::TokenEnded));
            }
            let has_ended = self.worker.identities.clone().has_ended(login, identity.address);
            ctx.spawn(has_ended.into_actor(self).map(|has_ended, reader, _| {
                if has_ended {
                    reader.close(Close::Revoked);
                }
            }));
        }
        if let Some(behind) = joined.behind {
            let (store, seat, room) =
                (self.worker.streams.store.clone(), self.seat.clone(), membership.room().clone());
            let caught_up = catch_up(store, seat, self.stream, room, behind.after);
            ctx.spawn(caught_up.into_actor(self).map(|end, reader, _| {
                if end == CatchUpEnd::Failed {
                    reader.close(Close::Overloaded);
                }
            }));
        }
        self.membership = Some(membership);
        self.seat.open();
        joined.epoch
    }

    /// The first reason counts.
    fn close(&mut self, close: Close) {
        if self.membership.is_none() {
            return;
        }
        self.goodbye.set(Some(close));
        self.seat.leave(Instant::now());
        self.leave_room();
        self.seat.wake();
    }

    fn leave_room(&mut self) {
        self.signed_in = None;
        self.membership = None;
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

    /// Frames for one alone are answers and rights: readers ask nothing and may do nothing.
    fn handle(&mut self, _: Tell, _: &mut Self::Context) {}
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
pub(crate) struct Body {
    reader: Addr<Reader>,
    seat: Seated,
    handle: SocketHandle,
    goodbye: Rc<Cell<Option<Close>>>,
    epoch: String,
    has_ended: bool,
}

impl Stream for Body {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        // The server that polls this has just looked whether something came; an end would not stop it by itself.
        if self.has_ended || self.handle.has_been_left() {
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
                    framing::texts(&frames).for_each(|frame| sse::push_frame(&mut out, &self.epoch, frame))
                }
            }
        }
        Poll::Ready(Some(Ok(out.freeze())))
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        // Once in the life of a connection.
        self.reader.do_send(HangUp);
    }
}
