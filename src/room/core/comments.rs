//! Comments and reactions on their way: from a request to what the journal is to store. What comes back is in `commits`.
//! It must not wait for the database; where it needs it, it says so and is asked again.

use super::{
    RoomCore,
    posts::{Draft, ReactionDraft, Step, Waiting},
    reply::{Reply, reply_to_all},
};
use crate::{
    domain::{
        CommentId, ConnectionId, Now, Role, stream::settings::CommentsBy, text::fold::search_key,
        time::now::ms_between,
    },
    identity::Account,
    room::{
        journal::What,
        rules::{
            self, Ruling, Speaker,
            last_words::{Background, Said},
        },
    },
    store::comments::{
        NewComment,
        fences::{Fence, Fenced, Fences, Kind},
    },
    wire::{Code, Refusal},
};

/// How often something is judged while the rules keep changing under it.
pub(crate) const JUDGED_MAX: u32 = 8;

/// The refusal of what was judged as often as that.
pub(crate) fn judged_too_often() -> Refusal {
    Refusal::new(Code::Unavailable, "The rules of this room keep changing.").retry_after(1000)
}

impl RoomCore {
    /// Judges a draft.
    pub(crate) fn post(&mut self, draft: Draft, background: Option<Background>, now: Now) -> Step {
        let Some(mut draft) = self.posts.join_one_in_flight(draft) else { return Step::Done };
        if background.is_none() && self.needs_background(&draft.account, now) {
            return Step::NeedsBackground(Box::new(draft));
        }
        draft.judged += 1;
        let key = search_key(draft.body.content.as_str());
        match self.judge(&draft, &background.unwrap_or_default(), &key, now) {
            Ok(ruling) => self.begin(draft, ruling, key, now),
            Err(refusal) if draft.body.client_id.is_some() => {
                Step::RefusedUnlessKnown(Box::new(draft), refusal)
            }
            Err(refusal) => {
                self.refuse(draft.replies, refusal);
                Step::Done
            }
        }
    }

    /// Refuses a draft.
    pub(crate) fn refuse(&self, replies: Vec<Reply>, refusal: Refusal) {
        self.parts.metrics.comments_refused.of(refusal.code.as_str()).inc();
        reply_to_all(replies, Err(refusal));
    }

    /// Whether what the rules need to know of an author is in the database alone.
    pub(crate) fn needs_background(&self, account: &Account, now: Now) -> bool {
        if self.role_of(Some(account)).is_staff() {
            return false;
        }
        let settings = &self.state.settings;
        let window_s = i64::from(settings.slow_mode_s.max(settings.repeat_window_s));
        let may_have_spoken_before =
            ms_between(self.last_words.complete_since(), now.instant) < window_s * 1000;
        let is_unknown = may_have_spoken_before && self.last_words.of(account.user.id).is_none();
        settings.comments == CommentsBy::Followers || is_unknown
    }

    fn judge(
        &mut self,
        draft: &Draft,
        background: &Background,
        key: &str,
        now: Now,
    ) -> Result<Ruling, Refusal> {
        Self::is_judged_in_time(draft.judged)?;
        if !self.state.may_see(Some(&draft.account)) {
            return Err(Refusal::concealed());
        }
        let user = draft.account.user.id;
        let speaker = self.speaker(&draft.account, background, now);
        let is_staff = speaker.role.is_staff();
        let ruling = rules::judge(self.state.rules(), &speaker, draft.body.content.as_str(), key, now)?;
        if !is_staff {
            self.comment_rates.take(user, now.instant).map_err(|wait_ms| {
                self.parts.metrics.limit_hits.of("COMMENTS_PER_USER").inc();
                rules::too_fast(Kind::Comment, wait_ms)
            })?;
        }
        Ok(ruling)
    }

    /// Fails where the rules have changed under something too often.
    fn is_judged_in_time(judged: u32) -> Result<(), Refusal> {
        if judged <= JUDGED_MAX { Ok(()) } else { Err(judged_too_often()) }
    }

    /// Somebody, as the rules need to know them.
    pub(crate) fn speaker<'a>(
        &'a self,
        account: &Account,
        background: &'a Background,
        now: Now,
    ) -> Speaker<'a> {
        let user = account.user.id;
        Speaker {
            role: self.role_of(Some(account)),
            ban: self.ban_of(user, now.wall),
            follows_host: background.follows_host,
            account_created_at: account.created_at,
            last: self.last_words.of(user).or(background.last.as_ref()),
        }
    }

    fn begin(&mut self, draft: Draft, ruling: Ruling, key: String, now: Now) -> Step {
        let ticket = self.posts.ticket();
        let comment = self.comment(&draft, ruling, &key, now);
        let used_rate = !comment.role.is_staff();
        self.last_words.begin(draft.account.user.id, ticket, Said { at: now.instant, key });
        self.posts.begin(ticket, draft, used_rate);
        Step::Store(ticket, What::Comment(Box::new(comment)))
    }

    fn comment(&self, draft: &Draft, ruling: Ruling, key: &str, now: Now) -> NewComment {
        let (content, held) = match ruling {
            Ruling::Publish(content) => (content, false),
            Ruling::Hold(content) => (content, true),
        };
        let is_as_written = content == draft.body.content.as_str();
        let role = self.role_of(Some(&draft.account));
        NewComment {
            id: CommentId::new(),
            author: draft.account.user.clone().into(),
            by_bot: draft.account.is_bot,
            role,
            search_key: if is_as_written { key.to_owned() } else { search_key(&content) },
            content,
            style: draft.body.style,
            reply_to: draft.body.reply_to,
            client_id: draft.body.client_id.as_ref().map(|client_id| client_id.to_string()),
            created_at: now.wall,
            held,
            rules: self.state.rules_version,
            fences: self.fences(role, is_as_written),
        }
    }

    /// What somebody is held to over all nodes; staff are not.
    pub(super) fn fences(&self, role: Role, is_as_written: bool) -> Option<Fences> {
        let pace = self.parts.comments_rate();
        (!role.is_staff()).then(|| rules::fences(&self.state.settings, pace, is_as_written))
    }

    /// The refusal of what was let pass here and came upon words of the same author on another node.
    pub(crate) fn fenced(&self, fenced: Fenced, what: Kind) -> Refusal {
        let refusal = rules::fenced(fenced, what);
        self.parts.metrics.fences.of(refusal.code.as_str()).inc();
        if fenced.by == Fence::TooFast {
            self.parts.metrics.limit_hits.of("COMMENTS_PER_USER").inc();
        }
        refusal
    }

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

    /// The journal has no room for what has this ticket: it was never said.
    pub(crate) fn not_taken(&mut self, ticket: u64) {
        match self.posts.take(ticket) {
            Some(Waiting::Comment { draft, used_rate }) => {
                self.take_back(draft.account.user.id, ticket, used_rate);
                self.refuse(draft.replies, Refusal::overloaded());
            }
            Some(Waiting::Reaction(draft)) => draft.reply.give(Err(Refusal::overloaded())),
            None => {}
        }
    }
}

#[cfg(test)]
#[path = "tests/comments.rs"]
mod tests;
