//! Coming to a room and going: what a session says of itself.
//! It must not decide who may see what; the stage does.

use super::{
    message::{CatchUp, Identify, Join, Joined, Leave},
    room::Room,
};
use crate::{
    domain::{
        ids::{PollId, UserId},
        time::Millis,
    },
    store::polls,
    wire::{frame::You, problem::Refusal},
};
use actix::prelude::*;

impl Handler<Join> for Room {
    type Result = ResponseActFuture<Self, Result<Joined, Refusal>>;

    fn handle(&mut self, join: Join, _: &mut Self::Context) -> Self::Result {
        self.handled += 1;
        let vote = self.vote_of(join.account.as_ref().map(|account| account.user.id));
        Box::pin(vote.into_actor(self).map(|vote, room, ctx| {
            let Some(stage) = &mut room.stage else { return Err(Refusal::not_found()) };
            let joined = stage.join(join, vote, Millis::now());
            room.settle(ctx);
            joined
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
        let vote = self.vote_of(identify.account.as_ref().map(|account| account.user.id));
        Box::pin(vote.into_actor(self).map(move |vote, room, ctx| {
            let Some(stage) = &mut room.stage else { return Err(Refusal::not_found()) };
            stage.identify(identify, Millis::now())?;
            if let Some(reach) = stage.roster.line_mut(connection) {
                reach.vote = vote;
            }
            let you = stage.you(connection, Millis::now());
            room.settle(ctx);
            Ok(you)
        }))
    }
}

impl Room {
    fn vote_of(&self, user: Option<UserId>) -> impl Future<Output = Option<(PollId, u32)>> + 'static {
        let poll = self.stage.as_ref().and_then(|stage| stage.hall.poll.as_ref()).map(|poll| poll.id);
        let store = self.rules.store.clone();
        async move {
            let (poll, user) = (poll?, user?);
            let vote = store.reading(move |conn| polls::vote_of(conn, poll, user)).await.ok()??;
            Some((poll, vote))
        }
    }
}
