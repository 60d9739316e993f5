//! What is asked of a room, from sockets and by REST: who asks is looked up here, and what must be read first is read.
//! It must not judge; the stage does.

use super::room::{Room, unavailable};
use crate::{
    domain::time::now::Now,
    room::{
        core::{
            comments::{Cheer, Draft, Step},
            refuse,
            reply::{Answer, ReactionAnswer, answer_all},
        },
        message::{Act, Ask, Post, React},
        operations::load,
    },
    store::comments,
    wire::problem::{Code, Refusal},
};
use actix::prelude::*;

impl Room {
    /// Judges a comment; reads what is needed for that, and goes on.
    pub(crate) fn post(
        &mut self,
        draft: Draft,
        background: Option<load::Background>,
        ctx: &mut Context<Self>,
    ) {
        let Some(stage) = &mut self.stage else { return };
        let now = Now::read();
        let (id, store, host) = (self.id, stage.rules.store.clone(), stage.hall.stream.host.id);
        match stage.post(draft, background, now, ctx.address().recipient()) {
            Step::Done => {}
            Step::NeedsBackground(draft) => {
                let author = draft.account.user.id;
                let read = async move {
                    store.reading(move |conn| load::background(conn, id, host, author, now)).await
                };
                ctx.spawn(read.into_actor(self).map(move |read, room, ctx| match read {
                    Ok(background) => room.post(*draft, Some(background), ctx),
                    Err(error) => answer_all(draft.answers, Err(unavailable(&error))),
                }));
            }
            Step::RefusedUnlessKnown(draft, refusal) => {
                let author = draft.account.user.id;
                let client_id = draft.body.client_id.as_ref().map(|id| id.to_string()).unwrap_or_default();
                let read = async move {
                    store.reading(move |conn| comments::by_client_id(conn, id, author, &client_id)).await
                };
                ctx.spawn(read.into_actor(self).map(move |read, room, _| match (read, &room.stage) {
                    (Ok(Some(fate)), _) => answer_all(draft.answers, fate.try_into()),
                    (_, Some(stage)) => stage.refuse(draft.answers, refusal),
                    (_, None) => answer_all(draft.answers, Err(refusal)),
                }));
            }
        }
    }
}

impl Room {
    /// Judges reactions and hands them on.
    pub(crate) fn cheer(&mut self, cheer: Cheer, ctx: &mut Context<Self>) {
        if let Some(stage) = &mut self.stage {
            stage.react(cheer, Now::read(), ctx.address().recipient());
        }
    }
}

impl Handler<Ask> for Room {
    type Result = ();

    fn handle(&mut self, request: Ask, ctx: &mut Self::Context) {
        let Some((account, line)) = self.stage.as_ref().and_then(|stage| stage.asker(request.connection))
        else {
            return;
        };
        match (request.act, account) {
            (Act::Comment(body), Some(account)) => {
                let answer = Answer::Session(line, request.reference);
                self.post(Draft::new(account, body, answer), None, ctx);
            }
            (Act::React(kind, count), account) => {
                self.react(request.connection, account, kind, count, line, request.reference, ctx)
            }
            (Act::Stored(act), account) => self.act(act, account, line, request.reference, ctx),
            // The session refuses a guest's comment itself; who lost their account meanwhile is told so here.
            (Act::Comment(_), None) => {
                let refusal = Refusal::new(Code::Unauthenticated, "Log in to take part.");
                refuse(&line, request.reference, refusal);
            }
        }
        self.settle(ctx);
    }
}

impl Handler<Post> for Room {
    type Result = ();

    fn handle(&mut self, post: Post, ctx: &mut Self::Context) {
        self.handled += 1;
        let answer = Answer::Rest(post.answer);
        self.post(Draft::new(post.account, post.body, answer), None, ctx);
        self.settle(ctx);
    }
}

impl Handler<React> for Room {
    type Result = ();

    fn handle(&mut self, react: React, ctx: &mut Self::Context) {
        self.handled += 1;
        let answer = ReactionAnswer::Rest(react.answer);
        self.cheer(Cheer::new(react.account, react.kind, react.count, answer), ctx);
        self.settle(ctx);
    }
}
