//! Questions to the host, before they are stored: judged by the same rules as comments, with a rate of their own.
//! It must not store them, nor count who wants to know too.

use super::{
    load::{self, Background},
    message::MayAsk,
    room::{Room, unavailable},
    roster::Account,
    rules::{self, Said},
    stage::Stage,
};
use crate::{
    domain::{fold::search_key, text::Content, time::Millis},
    wire::problem::{Code, Refusal},
};
use actix::prelude::*;

impl Stage {
    /// The wording in which a question may be asked. It counts as something said, for slow mode and repeats.
    fn judge_question(
        &mut self,
        account: &Account,
        content: &Content,
        background: &Background,
        now: Millis,
    ) -> Result<String, Refusal> {
        let (user, key) = (account.user.id, search_key(content.as_str()));
        let speaker = self.speaker(account, background, now);
        let is_staff = speaker.role.is_staff();
        let wording = rules::judge_question(self.hall.place(), &speaker, content.as_str(), &key, now)?;
        if !is_staff {
            self.asking.take(user, now).map_err(|wait_ms| {
                self.rules.metrics.limit_hits.of("COMMENTS_PER_USER").inc();
                Refusal::new(Code::TooFast, "Too many questions in a short time.").retry_after(wait_ms)
            })?;
        }
        self.remember(user, Said { at: now, key });
        Ok(wording)
    }
}

impl Room {
    fn may_ask(&mut self, question: MayAsk, background: Option<Background>, ctx: &mut Context<Self>) {
        let Some(stage) = &mut self.stage else { return };
        let now = Millis::now();
        if background.is_none() && stage.needs_background(&question.account, now) {
            let (id, host, store) = (self.id, stage.hall.stream.host.id, stage.rules.store.clone());
            let author = question.account.user.id;
            let read =
                async move { store.reading(move |conn| load::background(conn, id, host, author)).await };
            ctx.spawn(read.into_actor(self).map(move |read, room, ctx| match read {
                Ok(background) => room.may_ask(question, Some(background), ctx),
                Err(error) => _ = question.answer.send(Err(unavailable(&error))),
            }));
            return;
        }
        let background = background.unwrap_or_default();
        let judged = stage.judge_question(&question.account, &question.content, &background, now);
        // Who no longer waits for it does not ask.
        _ = question.answer.send(judged);
    }
}

impl Handler<MayAsk> for Room {
    type Result = ();

    fn handle(&mut self, question: MayAsk, ctx: &mut Self::Context) {
        self.handled += 1;
        self.may_ask(question, None, ctx);
    }
}
