//! Questions to the host by REST: may one be asked, and in which wording? It is stored by who asks.
//! It must not judge, nor store.

use super::room::Room;
use crate::{
    domain::{Content, Now},
    identity::Account,
    room::{core::questions::Judged, rules::last_words::Background},
    wire::Refusal,
};
use actix::prelude::*;
use tokio::sync::oneshot;

/// A question by REST: may it be asked, and in which wording? It is stored by who asks, in a transaction that looks whether the
/// rules it was judged by still hold.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct MayAsk {
    pub account: Account,
    pub content: Content,
    pub answer: oneshot::Sender<Result<MayBeAsked, Refusal>>,
}

/// A question that may be asked.
#[derive(Debug)]
pub(crate) struct MayBeAsked {
    pub question: Judged,
    /// It counts as said until this is dropped; from then on as never said, unless it was told before that it was stored.
    pub stored: oneshot::Sender<()>,
}

impl Room {
    fn may_ask(&mut self, question: MayAsk, background: Option<Background>, ctx: &mut Context<Self>) {
        let Some(core) = &mut self.core else { return };
        let now = Now::read();
        if background.is_none() && core.needs_background(&question.account, now) {
            let author = question.account.user.id;
            return self.read_background(author, now, ctx, move |read, room, ctx| match read {
                Ok(background) => room.may_ask(question, Some(background), ctx),
                Err(refusal) => _ = question.answer.send(Err(refusal)),
            });
        }
        let background = background.unwrap_or_default();
        let judged = core.judge_question(&question.account, &question.content, &background, now);
        let answer = judged.map(|(question, asked)| {
            let (stored, is_stored) = oneshot::channel();
            // Who asks may go away at any moment: then the sender is dropped, and the question was never asked.
            ctx.spawn(is_stored.into_actor(self).map(move |is_stored, room, _| {
                if let Some(core) = &mut room.core {
                    core.asked(asked, is_stored.is_ok());
                }
            }));
            MayBeAsked { question, stored }
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
