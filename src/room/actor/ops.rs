//! Ops of sessions: who asks is looked up here, and each op begins here.
//! It must not judge; the core does, and operations do.

use super::room::Room;
use crate::{
    domain::{ConnectionId, Now, Right},
    identity::Account,
    room::{
        core::{
            posts::{Draft, ReactionDraft},
            reply::{ReactionReply, Reply},
        },
        fanout::handle::ConnectionHandle,
        operations::{Fault, acts},
    },
    wire::{
        Code, Frame, Refusal,
        frame::Ack,
        op::{DeleteBody, ReactBody, RoomOp, VoteBody},
    },
};
use actix::prelude::*;

/// An op on a room, from a session, to which its answer goes.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Ask {
    pub connection: ConnectionId,
    /// Comes back on the answer.
    pub reference: Option<String>,
    pub op: RoomOp,
}

impl Handler<Ask> for Room {
    type Result = ();

    fn handle(&mut self, ask: Ask, ctx: &mut Self::Context) {
        let Some(occupant) = self.core.as_ref().and_then(|core| core.roster.find(ask.connection)) else {
            return;
        };
        let (account, handle) = (occupant.account.clone(), occupant.handle.clone());
        match account {
            Some(account) => self.carry_out(ask, account, handle, ctx),
            // The session refuses a guest itself; who lost their account meanwhile is told so here.
            None if ask.wants_answer() => handle.refuse(ask.reference, Refusal::log_in_first()),
            None => {}
        }
        self.settle(ctx);
    }
}

impl Ask {
    /// Reactions without a `ref` are not answered.
    pub(crate) fn wants_answer(&self) -> bool {
        self.reference.is_some() || !matches!(self.op, RoomOp::React(_))
    }
}

impl Room {
    fn carry_out(&mut self, ask: Ask, account: Account, handle: ConnectionHandle, ctx: &mut Context<Self>) {
        let Ask { connection, reference, op } = ask;
        let (id, transactions) = (self.id, self.transactions.clone());
        match op {
            RoomOp::Comment(body) => {
                self.post(Draft::new(account, body, Reply::Session(handle, reference)), None, ctx);
            }
            RoomOp::React(ReactBody { kind, count }) => {
                let reply = match reference {
                    Some(reference) => ReactionReply::Session(handle, reference),
                    None => ReactionReply::Nowhere,
                };
                self.react_from(connection, ReactionDraft::new(account, kind, count.0, reply), ctx);
            }
            RoomOp::Delete(DeleteBody { comment_id }) => {
                let delete =
                    transactions.act_as(None, account, id, move |act| acts::delete_comment(act, comment_id));
                self.once_stored(delete, answer("delete", handle, reference), ctx);
            }
            RoomOp::Vote(VoteBody { poll_id, option }) => {
                let vote = transactions
                    .act_as(Right::Vote, account, id, move |act| acts::vote(act, poll_id, option));
                self.once_stored(vote, answer("vote", handle, reference), ctx);
            }
        }
    }

    /// Counts reactions, within the connection's limit.
    fn react_from(&mut self, connection: ConnectionId, draft: ReactionDraft, ctx: &mut Context<Self>) {
        let Some(core) = &mut self.core else { return };
        let now = Now::read();
        if let Err(refusal) = core.judge_reaction(&draft.account, now) {
            return draft.reply.give(Err(refusal));
        }
        if let Err(wait_ms) = core.take_reactions(connection, draft.count, now) {
            core.parts.metrics.limit_hits.of("REACTIONS_PER_CONNECTION").inc();
            let refusal = Refusal::new(Code::RateLimited, "Too many reactions; these were not counted.");
            return draft.reply.give(Err(refusal.retry_after(wait_ms)));
        }
        self.react(draft, ctx);
    }

    /// Waits for an act on this stream, then says how it went. What it did comes back to this room as to any other.
    pub(super) fn once_stored(
        &mut self,
        done: impl Future<Output = Result<(), Fault>> + 'static,
        then: impl FnOnce(Result<(), Refusal>, &mut Room, &mut Context<Room>) + 'static,
        ctx: &mut Context<Self>,
    ) {
        ctx.spawn(done.into_actor(self).map(|done, room, ctx| then(done.map_err(Refusal::from), room, ctx)));
    }
}

/// Says how an op went that was stored first.
fn answer(
    op: &'static str,
    handle: ConnectionHandle,
    reference: Option<String>,
) -> impl FnOnce(Result<(), Refusal>, &mut Room, &mut Context<Room>) {
    move |done, _, _| match done {
        Ok(()) => handle.tell(&Frame::Ack(Ack { reference, op, comment: None })),
        Err(refusal) => handle.refuse(reference, refusal),
    }
}
