//! The journal's answers: authors learn what became of what they sent, and what is new goes to the log.
//! It must not judge; what was judged by rules that hold no more goes back to be judged again.

use super::{
    RoomCore,
    posts::{Draft, ReactionDraft, Waiting},
    reply::{Posted, reply_to_all},
};
use crate::{
    domain::{Millis, ReactionKind, Seq, UserId},
    room::journal::{Committed, Outcome},
    store::{
        Comment,
        comments::{Appended, Fate, fences::Kind},
    },
    wire::{Code, Numbered, Refusal, event::CommentCreated, view::CommentView},
};
use std::sync::Arc;

/// What a commit leaves to do.
#[derive(Default)]
pub(crate) struct AfterCommit {
    /// New in the log.
    pub new: Vec<Numbered>,
    /// Whether more comments wait for a moderator than before.
    pub has_held: bool,
    /// Comments to be judged again.
    pub drafts: Vec<Draft>,
    /// Reactions to be judged again.
    pub reactions: Vec<ReactionDraft>,
}

impl RoomCore {
    /// Takes in what became of what was with the journal.
    pub(crate) fn committed(&mut self, committed: Committed) -> AfterCommit {
        let mut after =
            AfterCommit { new: Vec::with_capacity(committed.outcomes.len()), ..AfterCommit::default() };
        for (ticket, outcome) in committed.outcomes {
            match (self.posts.take(ticket), outcome) {
                (Some(Waiting::Reaction(draft)), Outcome::JudgeAgain) => after.reactions.push(*draft),
                (Some(Waiting::Reaction(draft)), outcome) => self.reacted(*draft, &outcome),
                (Some(Waiting::Comment { draft, used_rate }), outcome) => {
                    self.commented(ticket, *draft, used_rate, outcome, committed.at, &mut after);
                }
                (None, _) => log::error!("the journal answered what nobody asked"),
            }
        }
        self.have_reactions(committed.reactions);
        after
    }

    fn commented(
        &mut self,
        ticket: u64,
        draft: Draft,
        used_rate: bool,
        outcome: Outcome,
        at: Millis,
        after: &mut AfterCommit,
    ) {
        let author = draft.account.user.id;
        match outcome {
            Outcome::Comment(Appended::New(fate)) => {
                self.last_words.stored(author, ticket);
                after.has_held |= matches!(fate, Fate::Held(_));
                reply_to_all(draft.replies, self.is_new(fate, at, &mut after.new));
            }
            Outcome::JudgeAgain | Outcome::Comment(Appended::JudgeAgain) => {
                self.take_back(author, ticket, used_rate);
                after.drafts.push(draft);
            }
            Outcome::Comment(Appended::Fenced(fenced)) => {
                self.take_back(author, ticket, used_rate);
                self.refuse(draft.replies, self.fenced(fenced, Kind::Comment));
            }
            outcome => {
                self.take_back(author, ticket, used_rate);
                reply_to_all(draft.replies, not_new(outcome));
            }
        }
    }

    fn is_new(&mut self, fate: Fate, at: Millis, new: &mut Vec<Numbered>) -> Result<Posted, Refusal> {
        let Fate::Visible(comment) = fate else { return fate.try_into() };
        self.parts.metrics.comments_accepted.inc();
        self.minute.comments += 1;
        let comment = CommentView::from(*comment);
        let seq = comment.seq.unwrap_or(Seq(0));
        new.push(Numbered::new(seq, at, CommentCreated { comment: comment.clone() }.into()));
        Ok(Posted::Visible { comment: Arc::new(comment), duplicate: false })
    }

    pub(super) fn take_back(&mut self, author: UserId, ticket: u64, used_rate: bool) {
        self.last_words.take_back(author, ticket);
        if used_rate {
            self.comment_rates.refund(&author);
        }
    }

    fn reacted(&mut self, draft: ReactionDraft, outcome: &Outcome) {
        let done = match outcome {
            Outcome::Reaction => Ok(()),
            _ => Err(Refusal::new(Code::Unavailable, "The reaction could not be counted.").retry_after(1000)),
        };
        draft.reply.give(done);
    }

    /// Totals of reactions as of some moment. They only grow, so that of two the greater is the later, in whichever order they come.
    pub(crate) fn have_reactions(&mut self, totals: impl IntoIterator<Item = (ReactionKind, i64)>) {
        for (kind, total) in totals {
            let known = self.state.reactions.entry(kind).or_default();
            if total > *known {
                *known = total;
                self.snapshot = None;
            }
        }
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
        Outcome::Reaction
        | Outcome::JudgeAgain
        | Outcome::Comment(Appended::JudgeAgain | Appended::Fenced(_)) => Err(Refusal::internal()),
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
