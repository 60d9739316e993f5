//! Questions to the host, before they are stored: judged by the same rules as comments, with a rate of their own.
//! It must not store them, nor count who wants to know too.

use super::RoomCore;
use crate::{
    domain::{Content, Millis, Now, RulesVersion, UserId, text::fold::search_key},
    identity::Account,
    room::rules::{
        self,
        last_words::{Background, Said},
    },
    store::comments::fences::{Fences, Kind},
    wire::Refusal,
};

/// A question that may be asked.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub wording: String,
    /// By these rules.
    pub rules: RulesVersion,
    /// What its author is held to over all nodes; `None` for staff.
    pub fences: Option<Fences>,
    /// When it was said.
    pub at: Millis,
}

/// A question that counts as said, and by which ticket.
pub(crate) struct Asked {
    author: UserId,
    ticket: u64,
    /// Whether it has used its author's rate once, which is given back where it is not stored.
    used_rate: bool,
}

impl RoomCore {
    /// A question as it may be asked. It counts as something said, for slow mode and repeats.
    pub(crate) fn judge_question(
        &mut self,
        account: &Account,
        content: &Content,
        background: &Background,
        now: Now,
    ) -> Result<(Judged, Asked), Refusal> {
        let (author, key) = (account.user.id, search_key(content.as_str()));
        let speaker = self.speaker(account, background, now);
        let (role, used_rate) = (speaker.role, !speaker.role.is_staff());
        let wording = rules::judge_question(self.state.rules(), &speaker, content.as_str(), &key, now)?;
        if used_rate {
            self.question_rates.take(author, now.instant).map_err(|wait_ms| {
                self.parts.metrics.limit_hits.of("COMMENTS_PER_USER").inc();
                rules::too_fast(Kind::Question, wait_ms)
            })?;
        }
        let ticket = self.posts.ticket();
        self.last_words.begin(author, ticket, Said { at: now.instant, key });
        let fences = self.fences(role, wording == content.as_str());
        let judged = Judged { wording, rules: self.state.rules_version, fences, at: now.wall };
        Ok((judged, Asked { author, ticket, used_rate }))
    }

    /// What became of a question that counts as said.
    pub(crate) fn asked(&mut self, Asked { author, ticket, used_rate }: Asked, is_stored: bool) {
        if is_stored {
            return self.last_words.stored(author, ticket);
        }
        self.last_words.take_back(author, ticket);
        if used_rate {
            self.question_rates.refund(&author);
        }
    }
}
