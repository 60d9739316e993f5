//! Coming to a room and going: what a session says of itself, and the membership it gets.
//! It must not decide who may see what; the core does.

use super::room::Room;
use crate::{
    domain::{ConnectionId, Millis, PollId, Seq, UserId},
    identity::Account,
    room::{
        core::{
            Part,
            openings::{Joined, Opening},
        },
        operations::load,
        reply::ConnectionHandle,
    },
    wire::{Refusal, frame::You},
};
use actix::prelude::*;

/// Comes in. The answer says who one is; the opening comes through the seat.
#[derive(Message)]
#[rtype(result = "Result<(Membership, Joined), Refusal>")]
pub(crate) struct Join {
    /// None for a guest.
    pub account: Option<Account>,
    pub handle: ConnectionHandle,
    pub opening: Opening,
}

/// Has read the log up to here. True: the seat has been served with the rest. False: still too far behind, read on.
#[derive(Message)]
#[rtype(result = "bool")]
pub(crate) struct CatchUp {
    pub connection: ConnectionId,
    /// What has been read.
    pub after: Seq,
}

/// Goes. Said by a [`Membership`] that ends.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Leave {
    pub connection: ConnectionId,
}

/// Signs in on an open connection, or becomes a guest again.
#[derive(Message)]
#[rtype(result = "Result<You, Refusal>")]
pub(crate) struct Identify {
    pub connection: ConnectionId,
    /// None for a guest.
    pub account: Option<Account>,
}

/// A connection's being in a room, for as long as somebody holds this: the room gives it out when it lets the connection in, and
/// wherever it is dropped, answered or not, the connection leaves.
pub(crate) struct Membership {
    connection: ConnectionId,
    room: Addr<Room>,
}

impl Membership {
    /// The room, for what its session asks.
    pub(crate) fn room(&self) -> &Addr<Room> {
        &self.room
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        // Once in the life of a connection.
        self.room.do_send(Leave { connection: self.connection });
    }
}

impl Handler<Join> for Room {
    type Result = ResponseActFuture<Self, Result<(Membership, Joined), Refusal>>;

    fn handle(&mut self, join: Join, _: &mut Self::Context) -> Self::Result {
        let ahead = self.read_ahead(join.opening.since().map(|since| since.seq));
        Box::pin(ahead.then(move |(), room, _| room.let_in(join)))
    }
}

impl Room {
    fn let_in(&mut self, join: Join) -> ResponseActFuture<Self, Result<(Membership, Joined), Refusal>> {
        let Join { account, handle, opening } = join;
        let (user, connection) = (account.as_ref().map(|account| account.user.id), handle.connection);
        let (vote, number) = (self.vote_of(user), self.refreshes);
        Box::pin(vote.into_actor(self).map(move |vote, room, ctx| {
            // Not before: till now, the room must not close.
            room.handled += 1;
            let Some(core) = &mut room.core else { return Err(Refusal::not_found()) };
            let joined = core.join(account, handle, opening, (vote, number), Millis::now());
            let joined = joined.map(|joined| (Membership { connection, room: ctx.address() }, joined));
            room.read_vote_again(user, number, ctx);
            room.settle(ctx);
            joined
        }))
    }

    /// Who has read more than this room knows has it from another node, or from before a restart: the log says whether.
    fn read_ahead(&self, since: Option<Seq>) -> ResponseActFuture<Self, ()> {
        let head = self.core.as_ref().map(|core| core.sequencer.head());
        let Some(head) = head.filter(|head| since.is_some_and(|since| since > *head)) else {
            return Box::pin(actix::fut::ready(()));
        };
        Box::pin(self.read_log(head).into_actor(self).map(|read, room, ctx| {
            // Where it cannot be read their place is of no log that is known here.
            room.apply_all(read.unwrap_or_default(), ctx);
        }))
    }

    fn vote_of(&self, user: Option<UserId>) -> impl Future<Output = Option<(PollId, u32)>> + use<> {
        let user = user.filter(|_| self.core.as_ref().is_some_and(|core| core.state.poll.is_some()));
        let (id, store) = (self.id, self.store.clone());
        async move {
            let user = user?;
            store.read(move |conn| load::vote_of(conn, id, user)).await.ok()?
        }
    }

    /// Who came in while something was being read may have voted meanwhile, by another hand.
    fn read_vote_again(&mut self, user: Option<UserId>, number: u64, ctx: &mut Context<Self>) {
        let has_poll = self.core.as_ref().is_some_and(|core| core.state.poll.is_some());
        if let Some(user) = user.filter(|_| has_poll && self.refreshes != number) {
            let refreshed = self.refresh(vec![Part::Vote(user)], Vec::new());
            ctx.spawn(refreshed);
        }
    }
}

impl Handler<CatchUp> for Room {
    type Result = ResponseActFuture<Self, bool>;

    fn handle(&mut self, CatchUp { connection, after }: CatchUp, _: &mut Self::Context) -> Self::Result {
        let ahead = self.read_ahead(Some(after));
        Box::pin(ahead.map(move |(), room, ctx| {
            let is_served = room.core.as_mut().is_some_and(|core| core.catch_up(connection, after));
            room.settle(ctx);
            is_served
        }))
    }
}

impl Handler<Leave> for Room {
    type Result = ();

    fn handle(&mut self, Leave { connection }: Leave, ctx: &mut Self::Context) {
        if let Some(core) = &mut self.core {
            core.leave(connection);
        }
        self.settle(ctx);
    }
}

impl Handler<Identify> for Room {
    type Result = ResponseActFuture<Self, Result<You, Refusal>>;

    fn handle(&mut self, Identify { connection, account }: Identify, _: &mut Self::Context) -> Self::Result {
        let user = account.as_ref().map(|account| account.user.id);
        let (vote, number) = (self.vote_of(user), self.refreshes);
        Box::pin(vote.into_actor(self).map(move |vote, room, ctx| {
            let Some(core) = &mut room.core else { return Err(Refusal::not_found()) };
            let you = core.identify(connection, account, (vote, number), Millis::now())?;
            room.read_vote_again(user, number, ctx);
            room.settle(ctx);
            Ok(you)
        }))
    }
}
