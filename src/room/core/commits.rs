//! The journal's answers: authors learn what became of what they sent, and what is new goes to the log.
//! It must not judge; what was judged by rules that hold no more goes back to be judged again.

use super::{
    Stage,
    comments::{Cheer, Draft, Waiting},
    reply::answer_all,
};
use crate::{
    domain::{
        ids::UserId,
        stream::{Seq, reaction::ReactionKind},
        time::Millis,
    },
    room::{
        actor::room::Room,
        journal::{Committed, Outcome},
        message::{Numbered, Part, Posted},
    },
    store::comments::{Appended, Comment, Fate},
    wire::{
        event::CommentCreated,
        problem::{Code, Refusal},
        view::CommentView,
    },
};
use actix::prelude::*;
use std::sync::Arc;

/// What a commit leaves to do.
#[derive(Default)]
pub struct Settled {
    /// New in the log.
    pub new: Vec<Numbered>,
    /// Whether more comments wait for a moderator than before.
    pub has_held: bool,
    /// Comments to be judged again.
    pub drafts: Vec<Draft>,
    /// Reactions to be judged again.
    pub cheers: Vec<Cheer>,
}

impl Stage {
    /// Takes in what became of what was with the journal.
    pub fn committed(&mut self, committed: Committed) -> Settled {
        let mut settled = Settled { new: Vec::with_capacity(committed.outcomes.len()), ..Settled::default() };
        for (ticket, outcome) in committed.outcomes {
            match (self.posts.waiting.remove(&ticket), outcome) {
                (Some(Waiting::Reaction(cheer)), Outcome::JudgeAgain) => settled.cheers.push(*cheer),
                (Some(Waiting::Reaction(cheer)), outcome) => self.reacted(*cheer, &outcome),
                (Some(Waiting::Comment { draft, is_paced }), outcome) => {
                    self.commented(ticket, *draft, is_paced, outcome, committed.at, &mut settled);
                }
                (None, _) => log::error!("the journal answered what nobody asked"),
            }
        }
        settled
    }

    fn commented(
        &mut self,
        ticket: u64,
        draft: Draft,
        is_paced: bool,
        outcome: Outcome,
        at: Millis,
        settled: &mut Settled,
    ) {
        let author = draft.account.user.id;
        if let Some(client_id) = &draft.body.client_id {
            self.posts.in_flight.remove(&(author, client_id.to_string()));
        }
        match outcome {
            Outcome::Comment(Appended::New(fate)) => {
                self.said.stored(author, ticket);
                settled.has_held |= matches!(fate, Fate::Held(_));
                answer_all(draft.answers, self.is_new(fate, at, &mut settled.new));
            }
            Outcome::JudgeAgain | Outcome::Comment(Appended::JudgeAgain) => {
                self.take_back(author, ticket, is_paced);
                settled.drafts.push(draft);
            }
            outcome => {
                self.take_back(author, ticket, is_paced);
                answer_all(draft.answers, not_new(outcome));
            }
        }
    }

    fn is_new(&mut self, fate: Fate, at: Millis, new: &mut Vec<Numbered>) -> Result<Posted, Refusal> {
        let Fate::Visible(comment) = fate else { return fate.try_into() };
        self.rules.metrics.comments_accepted.inc();
        self.minute.comments += 1;
        let comment = CommentView::from(*comment);
        let seq = comment.seq.unwrap_or(Seq(0));
        let event = Arc::new(CommentCreated { comment: comment.clone() }.into());
        new.push(Numbered { seq, ts: at, event });
        Ok(Posted::Visible { comment: Arc::new(comment), duplicate: false })
    }

    fn take_back(&mut self, author: UserId, ticket: u64, is_paced: bool) {
        self.said.take_back(author, ticket);
        if is_paced {
            self.pace.refund(&author);
        }
    }

    fn reacted(&mut self, cheer: Cheer, outcome: &Outcome) {
        let &Outcome::Reaction(kind, count) = outcome else {
            let refusal = Refusal::new(Code::Unavailable, "The reaction could not be counted.");
            return cheer.answer.give(Err(refusal.retry_after(1000)));
        };
        self.count_reaction(kind, count);
        cheer.answer.give(Ok(()));
    }

    fn count_reaction(&mut self, kind: ReactionKind, count: u32) {
        *self.hall.reactions.entry(kind).or_default() += i64::from(count);
        self.snapshot = None;
    }
}

fn not_new(outcome: Outcome) -> Result<Posted, Refusal> {
    match outcome {
        Outcome::Comment(Appended::New(fate) | Appended::Duplicate(fate)) => fate.try_into(),
        Outcome::Comment(Appended::StreamEnded) => {
            Err(Refusal::new(Code::StreamEnded, "This stream is over."))
        }
        Outcome::Comment(Appended::NoAccount) => {
            Err(Refusal::new(Code::Unauthenticated, "This account is gone."))
        }
        Outcome::Failed(error) if matches!(*error, crate::store::Error::NotFound) => {
            Err(Refusal::not_found())
        }
        Outcome::Failed(error) => {
            log::debug!("a comment could not be stored: {error}");
            let refusal = Refusal::new(Code::Unavailable, "The comment could not be stored.");
            Err(refusal.retry_after(1000))
        }
        Outcome::Reaction(..) | Outcome::JudgeAgain | Outcome::Comment(Appended::JudgeAgain) => {
            Err(Refusal::internal())
        }
    }
}

/// A fate that was known before this request.
impl TryFrom<Fate> for Posted {
    type Error = Refusal;

    fn try_from(fate: Fate) -> Result<Self, Refusal> {
        let visible =
            |comment: Comment| Posted::Visible { comment: Arc::new(comment.into()), duplicate: true };
        match fate {
            Fate::Visible(comment) => Ok(visible(*comment)),
            Fate::Held(id) => Ok(Posted::Held(id)),
            Fate::Rejected(id) => Ok(Posted::Rejected(id)),
            Fate::Deleted => Err(Refusal::not_found()),
        }
    }
}

impl Handler<Committed> for Room {
    type Result = ();

    fn handle(&mut self, committed: Committed, ctx: &mut Self::Context) {
        let Some(stage) = &mut self.stage else { return };
        let Settled { new, has_held, drafts, cheers } = stage.committed(committed);
        self.take_in(new, ctx);
        if has_held {
            let refreshed = self.refresh(vec![Part::Queue], Vec::new());
            ctx.spawn(refreshed);
        }
        if !drafts.is_empty() || !cheers.is_empty() {
            let caught_up = self.catch_up_with_rules();
            ctx.spawn(caught_up.map(move |(), room, ctx| {
                drafts.into_iter().for_each(|draft| room.post(draft, None, ctx));
                cheers.into_iter().for_each(|cheer| room.cheer(cheer, ctx));
                room.settle(ctx);
            }));
        }
        self.settle(ctx);
    }
}
