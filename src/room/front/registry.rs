//! The lobby: the way to each room. It starts a room when somebody comes and lets it go when nobody is left.
//! It must not know what happens inside a room.

use super::streams::Desk;
use crate::{
    domain::ids::StreamId,
    room::{
        actor::{
            membership::Membership,
            room::{Room, Rules},
        },
        message::{AboutUser, Drain, Gone, Join, Joined, MayAsk, Post, React, Stored, TurnedDown},
    },
    wire::problem::Refusal,
};
use actix::prelude::*;
use std::collections::HashMap;

/// Most rooms at once on this node.
const ROOMS_MAX: usize = 100_000;

/// Finds, starts and forgets rooms.
pub struct Lobby {
    rooms: HashMap<StreamId, Entry>,
    arbiters: Vec<ArbiterHandle>,
    rules: Rules,
    draining: bool,
}

struct Entry {
    room: Addr<Room>,
    /// Messages sent on to the room; it may close once it has handled as many.
    sent: u64,
}

impl Lobby {
    /// A lobby without rooms; `rules` is what each room is started with.
    pub fn new(rules: Rules) -> Self {
        Self { rooms: HashMap::new(), arbiters: Vec::new(), rules, draining: false }
    }

    fn open(&mut self, stream: StreamId, me: Addr<Lobby>) -> Result<&mut Entry, Refusal> {
        if self.draining || (self.rooms.len() >= ROOMS_MAX && !self.rooms.contains_key(&stream)) {
            return Err(Refusal::overloaded());
        }
        let arbiters = &self.arbiters;
        let rules = &self.rules;
        let entry = self.rooms.entry(stream).or_insert_with(|| {
            let rules = rules.clone();
            let desk = Desk::new(rules.store.clone(), me, rules.presence.clone(), rules.sign_out.clone());
            let start = move |_: &mut Context<Room>| Room::new(stream, rules, desk);
            // The same room always on the same worker, and rooms spread over all of them.
            let room = match arbiters.len() {
                0 => Room::create(start),
                workers => Room::start_in_arbiter(&arbiters[stream.0.as_u128() as usize % workers], start),
            };
            Entry { room, sent: 0 }
        });
        entry.sent += 1;
        Ok(entry)
    }
}

impl Actor for Lobby {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(4096);
    }
}

/// A worker is up and can hold rooms.
#[derive(Message)]
#[rtype(result = "()")]
pub struct WorkerUp(pub ArbiterHandle);

impl Handler<WorkerUp> for Lobby {
    type Result = ();
    fn handle(&mut self, WorkerUp(arbiter): WorkerUp, _: &mut Self::Context) {
        self.arbiters.push(arbiter);
    }
}

/// Enters a room.
#[derive(Message)]
#[rtype(result = "Result<(Membership, Joined), Refusal>")]
pub struct Enter(pub StreamId, pub Join);

impl Handler<Enter> for Lobby {
    type Result = ResponseFuture<Result<(Membership, Joined), Refusal>>;

    fn handle(&mut self, Enter(stream, join): Enter, ctx: &mut Self::Context) -> Self::Result {
        let joined = match self.open(stream, ctx.address()) {
            Ok(entry) => entry.room.send(join),
            Err(refusal) => return Box::pin(async { Err(refusal) }),
        };
        Box::pin(async move { joined.await.unwrap_or_else(|_| Err(Refusal::not_found())) })
    }
}

/// What handlers have to say to a room that may not be there yet.
#[derive(Message)]
#[rtype(result = "()")]
pub enum Forward {
    /// A comment.
    Post(StreamId, Post),
    /// Reactions.
    React(StreamId, React),
    /// A question.
    MayAsk(StreamId, MayAsk),
}

impl Handler<Forward> for Lobby {
    type Result = ();

    fn handle(&mut self, forward: Forward, ctx: &mut Self::Context) {
        let me = ctx.address();
        // A room that cannot take it drops the answer's sender, which tells the caller `overloaded`.
        match forward {
            Forward::Post(stream, post) => match self.open(stream, me) {
                Ok(entry) => entry.send(post),
                Err(refusal) => drop(post.answer.send(Err(refusal))),
            },
            Forward::React(stream, react) => match self.open(stream, me) {
                Ok(entry) => entry.send(react),
                Err(refusal) => drop(react.answer.send(Err(refusal))),
            },
            Forward::MayAsk(stream, question) => match self.open(stream, me) {
                Ok(entry) => entry.send(question),
                Err(refusal) => drop(question.answer.send(Err(refusal))),
            },
        }
    }
}

impl Entry {
    fn send<M>(&mut self, message: M)
    where
        M: Message + Send + 'static,
        M::Result: Send,
        Room: Handler<M>,
    {
        if self.room.try_send(message).is_err() {
            self.sent -= 1;
        }
    }
}

impl Handler<Stored> for Lobby {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, stored: Stored, _: &mut Self::Context) -> Self::Result {
        let Some(entry) = self.rooms.get_mut(&stored.stream_id) else { return Box::pin(async {}) };
        entry.sent += 1;
        let told = entry.room.send(stored);
        Box::pin(async move { _ = told.await })
    }
}

/// The stream was deleted: its room closes, its sockets with it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct StreamGone(pub StreamId);

impl Handler<StreamGone> for Lobby {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, StreamGone(stream): StreamGone, _: &mut Self::Context) -> Self::Result {
        let Some(entry) = self.rooms.remove(&stream) else { return Box::pin(async {}) };
        let told = entry.room.send(Gone);
        Box::pin(async move { _ = told.await })
    }
}

impl Handler<TurnedDown> for Lobby {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, turned_down: TurnedDown, _: &mut Self::Context) -> Self::Result {
        let Some(entry) = self.rooms.get_mut(&turned_down.stream) else { return Box::pin(async {}) };
        entry.sent += 1;
        let told = entry.room.send(turned_down);
        Box::pin(async move { _ = told.await })
    }
}

impl Handler<AboutUser> for Lobby {
    type Result = ResponseFuture<()>;

    fn handle(&mut self, about: AboutUser, _: &mut Self::Context) -> Self::Result {
        let told: Vec<_> = self
            .rooms
            .values_mut()
            .map(|entry| {
                entry.sent += 1;
                entry.room.send(about.clone())
            })
            .collect();
        Box::pin(async move { drop(futures_util::future::join_all(told).await) })
    }
}

impl Handler<Drain> for Lobby {
    type Result = ();

    fn handle(&mut self, drain: Drain, _: &mut Self::Context) {
        self.draining = true;
        // Once in the life of a server.
        self.rooms.values().for_each(|entry| entry.room.do_send(drain));
    }
}

/// A room has nobody left; it has handled so many messages that came through the lobby.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct MayClose {
    /// Which.
    pub stream: StreamId,
    /// How many it has handled.
    pub handled: u64,
}

impl Handler<MayClose> for Lobby {
    type Result = bool;

    /// Only if nothing is on its way to the room; what comes later finds a new one.
    fn handle(&mut self, may_close: MayClose, _: &mut Self::Context) -> bool {
        let is_idle = self.rooms.get(&may_close.stream).is_some_and(|entry| entry.sent == may_close.handled);
        if is_idle {
            self.rooms.remove(&may_close.stream);
        }
        is_idle
    }
}

/// A room could not be opened (its stream is not there).
#[derive(Message)]
#[rtype(result = "()")]
pub struct Closed(pub StreamId, pub Addr<Room>);

impl Handler<Closed> for Lobby {
    type Result = ();

    fn handle(&mut self, Closed(stream, room): Closed, _: &mut Self::Context) {
        if self.rooms.get(&stream).is_some_and(|entry| entry.room == room) {
            self.rooms.remove(&stream);
        }
    }
}

/// How many rooms are open.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct Rooms;

impl Handler<Rooms> for Lobby {
    type Result = usize;
    fn handle(&mut self, _: Rooms, _: &mut Self::Context) -> usize {
        self.rooms.len()
    }
}

/// The room of a stream, if somebody is there. Not counted: who uses the address must bear that the room closes meanwhile.
#[derive(Message)]
#[rtype(result = "Option<Addr<Room>>")]
pub struct Find(pub StreamId);

impl Handler<Find> for Lobby {
    type Result = Option<Addr<Room>>;

    fn handle(&mut self, Find(stream): Find, _: &mut Self::Context) -> Self::Result {
        self.rooms.get(&stream).map(|entry| entry.room.clone())
    }
}
