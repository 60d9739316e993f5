//! Reactions on their way: from a request to what the journal is to count, and back.
//! They must not wait for the database.

use super::{
    RoomCore,
    posts::{ReactionDraft, Waiting},
};
use crate::{
    domain::{ConnectionId, Now, ReactionKind},
    identity::Account,
    room::{
        journal::{Outcome, What},
        rules,
    },
    wire::{Code, Refusal},
};

impl RoomCore {
    /// Whether reactions may be sent: judged before they use any allowance up.
    pub(crate) fn judge_reaction(&self, account: &Account, now: Now) -> Result<(), Refusal> {
        let role = self.role_of(Some(account));
        let ban = self.ban_of(account.user.id, now.wall);
        rules::may_write(self.state.stream.status, role, ban.as_ref(), now.wall)
    }

    /// Uses the connection's allowance of reactions.
    /// Errors: After how many milliseconds there is one again.
    pub(crate) fn take_reactions(
        &mut self,
        connection: ConnectionId,
        count: u8,
        now: Now,
    ) -> Result<(), i64> {
        let Some(rate) = self.parts.reactions_rate() else { return Ok(()) };
        let Some(occupant) = self.roster.find_mut(connection) else { return Err(rate.per_ms) };
        occupant.reactions.take_many(rate, count.into(), now.instant)
    }

    /// Judges reactions; what the journal is to store of them, and under which ticket.
    pub(crate) fn react(&mut self, mut draft: ReactionDraft, now: Now) -> Option<(u64, What)> {
        draft.judged += 1;
        let judged =
            Self::is_judged_in_time(draft.judged).and_then(|()| self.judge_reaction(&draft.account, now));
        if let Err(refusal) = judged {
            draft.reply.give(Err(refusal));
            return None;
        }
        let ticket = self.posts.ticket();
        let what = What::Reaction(draft.kind, u32::from(draft.count), self.state.rules_version);
        self.posts.waiting.insert(ticket, Waiting::Reaction(Box::new(draft)));
        Some((ticket, what))
    }

    /// What became of reactions that were with the journal.
    pub(super) fn reacted(&mut self, draft: ReactionDraft, outcome: &Outcome) {
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
