//! Comments and reactions, from sockets and by REST: judged by the core, stored by the journal, and what came of it.
//! It must not judge; what must be read first for that is read here.

use super::room::Room;
use crate::{
    domain::{Now, ReactionKind, UserId},
    identity::Account,
    room::{
        core::{
            Part,
            commits::AfterCommit,
            posts::{Draft, ReactionDraft, Step},
            reply::{Posted, ReactionReply, Reply, reply_to_all},
        },
        journal::{Committed, Entry, What},
        operations::load,
        rules::last_words::Background,
    },
    store::comments,
    wire::{Refusal, op::CommentBody},
};
use actix::prelude::*;
use tokio::sync::oneshot;

/// A comment by REST, in by the same handle.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Post {
    pub account: Account,
    pub body: CommentBody,
    pub answer: oneshot::Sender<Result<Posted, Refusal>>,
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

impl Handler<Post> for Room {
    type Result = ();

    fn handle(&mut self, post: Post, ctx: &mut Self::Context) {
        self.handled += 1;
        self.post(Draft::new(post.account, post.body, Reply::Rest(post.answer)), None, ctx);
        self.settle(ctx);
    }
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
    /// Judges a comment; reads what is needed for that, and goes on.
    pub(super) fn post(&mut self, draft: Draft, background: Option<Background>, ctx: &mut Context<Self>) {
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

    /// Judges reactions and hands them on.
    pub(super) fn react(&mut self, draft: ReactionDraft, ctx: &mut Context<Self>) {
        let reacted = self.core.as_mut().and_then(|core| core.react(draft, Now::read()));
        if let Some((ticket, what)) = reacted {
            self.hand_over(ticket, what, ctx);
        }
    }

    fn hand_over(&mut self, ticket: u64, what: What, ctx: &mut Context<Self>) {
        let entry = Entry { stream_id: self.id, what, ticket, room: ctx.address().recipient() };
        if let (Err(_full), Some(core)) = (self.journal.write(entry), &mut self.core) {
            core.not_taken(ticket);
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
