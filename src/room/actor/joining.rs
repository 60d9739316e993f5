//! Coming to a room and going: what a session says of itself.
//! It must not decide who may see what; the stage does.

use super::{
    membership::Membership,
    room::{PAGE, Room},
};
use crate::{
    domain::{
        ids::{PollId, UserId},
        time::Millis,
    },
    room::{
        message::{CatchUp, Identify, Join, Joined, Leave, Numbered, Part, Since},
        operations::load,
    },
    store::events,
    wire::{frame::You, problem::Refusal},
};
use actix::prelude::*;

impl Handler<Join> for Room {
    type Result = ResponseActFuture<Self, Result<(Membership, Joined), Refusal>>;

    fn handle(&mut self, join: Join, _: &mut Self::Context) -> Self::Result {
        let ahead = self.read_ahead(join.opening.since());
        Box::pin(ahead.then(move |(), room, _| room.let_in(join)))
    }
}

impl Room {
    fn let_in(&mut self, join: Join) -> ResponseActFuture<Self, Result<(Membership, Joined), Refusal>> {
        let (user, connection) = (join.account.as_ref().map(|account| account.user.id), join.line.connection);
        let (vote, asked) = (self.vote_of(user), self.asked);
        Box::pin(vote.into_actor(self).map(move |vote, room, ctx| {
            // Not before: till now, the room must not close.
            room.handled += 1;
            let Some(stage) = &mut room.stage else { return Err(Refusal::not_found()) };
            let joined = stage.join(join, (vote, asked), Millis::now());
            let joined = joined.map(|joined| (Membership::new(connection, ctx.address()), joined));
            room.read_vote_again(user, asked, ctx);
            room.settle(ctx);
            joined
        }))
    }

    /// Who has read more than this room knows has it from another node, or from before a restart: the log says whether.
    fn read_ahead(&self, since: Option<&Since>) -> ResponseActFuture<Self, ()> {
        let head = self.stage.as_ref().map(|stage| stage.sequencer.head());
        let Some(head) = head.filter(|head| since.is_some_and(|since| since.seq > *head)) else {
            return Box::pin(actix::fut::ready(()));
        };
        let (id, store) = (self.id, self.rules.store.clone());
        let read = async move { store.reading(move |conn| events::after(conn, id, head, PAGE)).await };
        Box::pin(read.into_actor(self).map(|read, room, ctx| {
            // Where it cannot be read they begin with a snapshot, as those whose place is of no log.
            room.take_in(read.unwrap_or_default().iter().map(Numbered::read).collect(), ctx);
        }))
    }
}

impl Handler<CatchUp> for Room {
    type Result = bool;

    fn handle(&mut self, catch_up: CatchUp, ctx: &mut Self::Context) -> bool {
        let Some(stage) = &mut self.stage else { return false };
        let is_served = stage.catch_up(catch_up);
        self.settle(ctx);
        is_served
    }
}

impl Handler<Leave> for Room {
    type Result = ();

    fn handle(&mut self, Leave { connection }: Leave, ctx: &mut Self::Context) {
        if let Some(stage) = &mut self.stage {
            stage.leave(connection);
        }
        self.settle(ctx);
    }
}

impl Handler<Identify> for Room {
    type Result = ResponseActFuture<Self, Result<You, Refusal>>;

    fn handle(&mut self, identify: Identify, _: &mut Self::Context) -> Self::Result {
        let connection = identify.connection;
        let user = identify.account.as_ref().map(|account| account.user.id);
        let (vote, asked) = (self.vote_of(user), self.asked);
        Box::pin(vote.into_actor(self).map(move |vote, room, ctx| {
            let Some(stage) = &mut room.stage else { return Err(Refusal::not_found()) };
            stage.identify(identify, Millis::now())?;
            if let Some(reach) = stage.roster.line_mut(connection) {
                (reach.vote, reach.vote_as_of) = (vote, asked);
            }
            let you = stage.you(connection, Millis::now());
            room.read_vote_again(user, asked, ctx);
            room.settle(ctx);
            Ok(you)
        }))
    }
}

impl Room {
    fn vote_of(&self, user: Option<UserId>) -> impl Future<Output = Option<(PollId, u32)>> + 'static {
        let user = user.filter(|_| self.stage.as_ref().is_some_and(|stage| stage.hall.poll.is_some()));
        let (id, store) = (self.id, self.rules.store.clone());
        async move {
            let user = user?;
            store.reading(move |conn| load::vote_of(conn, id, user)).await.ok()?
        }
    }

    /// Who came in while something was being read may have voted meanwhile, by another hand.
    fn read_vote_again(&mut self, user: Option<UserId>, asked: u64, ctx: &mut Context<Self>) {
        let has_poll = self.stage.as_ref().is_some_and(|stage| stage.hall.poll.is_some());
        if let Some(user) = user.filter(|_| has_poll && self.asked != asked) {
            let refreshed = self.refresh(vec![Part::Vote(user)], Vec::new());
            ctx.spawn(refreshed);
        }
    }
}
