//! What clients ask of a room, over sockets and by REST: each op begins here, goes to the journal where it is to be stored, and
//! ends here once it is. It must not judge; the core does, and operations do.

use super::room::Room;
use crate::{
    domain::{ConnectionId, Now, ReactionKind, Right, UserId},
    identity::Account,
    room::{
        core::{
            Part,
            comments::AfterCommit,
            posts::{Draft, ReactionDraft, Step},
        },
        journal::{Committed, Entry, What},
        operations::{Fault, acts, load},
        reply::{ConnectionHandle, Posted, ReactionReply, Reply, reply_to_all},
        rules::last_words::Background,
    },
    store::comments,
    wire::{
        Code, Frame, Refusal,
        frame::Ack,
        op::{CommentBody, DeleteBody, ReactBody, RoomOp, VoteBody},
    },
};
use actix::prelude::*;
use tokio::sync::oneshot;

/// An op on a room, from a session, to which its answer goes.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Ask {
    pub connection: ConnectionId,
    /// Comes back on the answer.
    pub reference: Option<String>,
    pub op: RoomOp,
}

impl Ask {
    /// Reactions without a `ref` are not answered.
    pub(crate) fn wants_answer(&self) -> bool {
        self.reference.is_some() || !matches!(self.op, RoomOp::React(_))
    }
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

    /// Judges a comment; reads what is needed for that, and goes on.
    fn post(&mut self, draft: Draft, background: Option<Background>, ctx: &mut Context<Self>) {
        let Some(core) = &mut self.core else { return };
        let now = Now::read();
        match core.post(draft, background, now) {
            Step::Done => {}
            Step::Store(ticket, what) => self.hand_over(ticket, what, ctx),
            Step::NeedsBackground(draft) => {
                let author = draft.account.user.id;
                self.read_background(author, now, ctx, move |read, room, ctx| match read {
                    Ok(background) => room.post(*draft, Some(background), ctx),
                    Err(refusal) => reply_to_all(draft.replies, Err(refusal)),
                });
            }
            Step::RefusedUnlessKnown(draft, refusal) => self.refuse_unless_known(*draft, refusal, ctx),
        }
    }

    fn hand_over(&mut self, ticket: u64, what: What, ctx: &mut Context<Self>) {
        let entry = Entry { stream_id: self.id, what, ticket, room: ctx.address().recipient() };
        if let (Err(_full), Some(core)) = (self.journal.write(entry), &mut self.core) {
            core.not_taken(ticket);
        }
    }
}

impl Handler<Committed> for Room {
    type Result = ();

    fn handle(&mut self, committed: Committed, ctx: &mut Self::Context) {
        let Some(core) = &mut self.core else { return };
        let (totals, news) = (committed.reactions.clone(), committed.news);
        let AfterCommit { new, has_held, drafts, reactions } = core.committed(committed);
        if self.bus.has_others() {
            self.tell_others(new.clone(), has_held, totals, news);
        }
        self.have_news(news);
        self.apply_all(new, ctx);
        if has_held {
            let refreshed = self.refresh(vec![Part::Queue], Vec::new());
            ctx.spawn(refreshed);
        }
        if !drafts.is_empty() || !reactions.is_empty() {
            let caught_up = self.catch_up_with_rules();
            ctx.spawn(caught_up.map(move |(), room, ctx| {
                drafts.into_iter().for_each(|draft| room.post(draft, None, ctx));
                reactions.into_iter().for_each(|draft| room.react(draft, ctx));
                room.settle(ctx);
            }));
        }
        self.settle(ctx);
    }
}

/// A comment by REST, in by the same handle.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Post {
    pub account: Account,
    pub body: CommentBody,
    pub answer: oneshot::Sender<Result<Posted, Refusal>>,
}

impl Handler<Post> for Room {
    type Result = ();

    fn handle(&mut self, post: Post, ctx: &mut Self::Context) {
        self.handled += 1;
        self.post(Draft::new(post.account, post.body, Reply::Rest(post.answer)), None, ctx);
        self.settle(ctx);
    }
}

/// Reactions by REST.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct React {
    pub account: Account,
    pub kind: ReactionKind,
    pub count: u8,
    pub answer: oneshot::Sender<Result<(), Refusal>>,
}

impl Handler<React> for Room {
    type Result = ();

    fn handle(&mut self, react: React, ctx: &mut Self::Context) {
        self.handled += 1;
        let reply = ReactionReply::Rest(react.answer);
        self.react(ReactionDraft::new(react.account, react.kind, react.count, reply), ctx);
        self.settle(ctx);
    }
}

impl Room {
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

    /// Judges reactions and hands them on.
    fn react(&mut self, draft: ReactionDraft, ctx: &mut Context<Self>) {
        let reacted = self.core.as_mut().and_then(|core| core.react(draft, Now::read()));
        if let Some((ticket, what)) = reacted {
            self.hand_over(ticket, what, ctx);
        }
    }

    /// Reads what the rules need to know of an author, and goes on with it.
    pub(super) fn read_background(
        &self,
        author: UserId,
        now: Now,
        ctx: &mut Context<Self>,
        then: impl FnOnce(Result<Background, Refusal>, &mut Self, &mut Context<Self>) + 'static,
    ) {
        let Some(core) = &self.core else { return };
        let (id, host, store) = (self.id, core.state.stream.host.user.id, self.store.clone());
        let read = async move { store.read(move |conn| load::background(conn, id, host, author, now)).await };
        ctx.spawn(read.into_actor(self).map(move |read, room, ctx| {
            then(read.map_err(|error| Refusal::database_away(&error)), room, ctx);
        }));
    }

    /// What is refused now may have been said before, under the same `client_id`: then that counts.
    fn refuse_unless_known(&mut self, draft: Draft, refusal: Refusal, ctx: &mut Context<Self>) {
        let (id, store, author) = (self.id, self.store.clone(), draft.account.user.id);
        let client_id = draft.body.client_id.as_ref().map(|id| id.to_string()).unwrap_or_default();
        let read =
            async move { store.read(move |conn| comments::by_client_id(conn, id, author, &client_id)).await };
        ctx.spawn(read.into_actor(self).map(move |read, room, _| match (read, &room.core) {
            (Ok(Some(fate)), _) => reply_to_all(draft.replies, fate.try_into()),
            (_, Some(core)) => core.refuse(draft.replies, refusal),
            (_, None) => reply_to_all(draft.replies, Err(refusal)),
        }));
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
