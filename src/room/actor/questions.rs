//! Questions to the host, before they are stored: judged by the same rules as comments, with a rate of their own.
//! It must not store them, nor count who wants to know too.

use super::room::{Room, unavailable};
use crate::{
    domain::{accounts::fold::search_key, ids::UserId, text::Content, time::now::Now},
    room::{
        core::{Stage, roster::Account},
        message::{Judged, MayAsk},
        operations::load::{self, Background},
        rules,
        rules::last_words::Said,
    },
    wire::problem::{Code, Refusal},
};
use actix::prelude::*;
use tokio::sync::oneshot;

/// A question that counts as said, and by which ticket.
struct Asked {
    author: UserId,
    ticket: u64,
    is_paced: bool,
}

impl Stage {
    /// The wording in which a question may be asked. It counts as something said, for slow mode and repeats.
    fn judge_question(
        &mut self,
        account: &Account,
        content: &Content,
        background: &Background,
        now: Now,
    ) -> Result<(String, Asked), Refusal> {
        let (author, key) = (account.user.id, search_key(content.as_str()));
        let speaker = self.speaker(account, background, now);
        let is_paced = !speaker.role.is_staff();
        let wording = rules::judge_question(self.hall.place(), &speaker, content.as_str(), &key, now)?;
        if is_paced {
            self.asking.take(author, now.instant).map_err(|wait_ms| {
                self.rules.metrics.limit_hits.of("COMMENTS_PER_USER").inc();
                Refusal::new(Code::TooFast, "Too many questions in a short time.").retry_after(wait_ms)
            })?;
        }
        let ticket = self.posts.ticket();
        self.said.begin(author, ticket, Said { at: now.instant, key });
        Ok((wording, Asked { author, ticket, is_paced }))
    }

    fn asked(&mut self, Asked { author, ticket, is_paced }: Asked, is_stored: bool) {
        if is_stored {
            return self.said.stored(author, ticket);
        }
        self.said.take_back(author, ticket);
        if is_paced {
            self.asking.refund(&author);
        }
    }
}

impl Room {
    fn may_ask(&mut self, question: MayAsk, background: Option<Background>, ctx: &mut Context<Self>) {
        let Some(stage) = &mut self.stage else { return };
        let now = Now::read();
        if background.is_none() && stage.needs_background(&question.account, now) {
            let (id, host, store) = (self.id, stage.hall.stream.host.id, stage.rules.store.clone());
            let author = question.account.user.id;
            let read =
                async move { store.reading(move |conn| load::background(conn, id, host, author, now)).await };
            ctx.spawn(read.into_actor(self).map(move |read, room, ctx| match read {
                Ok(background) => room.may_ask(question, Some(background), ctx),
                Err(error) => _ = question.answer.send(Err(unavailable(&error))),
            }));
            return;
        }
        let background = background.unwrap_or_default();
        let judged = stage.judge_question(&question.account, &question.content, &background, now);
        let rules = stage.hall.rules;
        let answer = judged.map(|(wording, asked)| {
            let (stored, is_stored) = oneshot::channel();
            // Who asks may go away at any moment: then the sender is dropped, and the question was never asked.
            ctx.spawn(is_stored.into_actor(self).map(move |is_stored, room, _| {
                if let Some(stage) = &mut room.stage {
                    stage.asked(asked, is_stored.is_ok());
                }
            }));
            Judged { wording, rules, stored }
        });
        _ = question.answer.send(answer);
    }
}

impl Handler<MayAsk> for Room {
    type Result = ();

    fn handle(&mut self, question: MayAsk, ctx: &mut Self::Context) {
        self.handled += 1;
        self.may_ask(question, None, ctx);
    }
}
