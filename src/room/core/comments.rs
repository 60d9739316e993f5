//! A comment on its way: from a request to what the journal is to store, and from its answer to the log and the author.
//! It must not wait for the database; where it needs it, it says so and is asked again.

use super::{
    RoomCore,
    posts::{Draft, ReactionDraft, Step, Waiting},
};
use crate::{
    domain::{
        CommentId, Millis, Now, Role, Seq, UserId, stream::settings::CommentsBy, text::fold::search_key,
        time::now::ms_between,
    },
    identity::Account,
    room::{
        journal::{Committed, Outcome, What},
        reply::{Posted, Reply, reply_to_all},
        rules::{
            self, Ruling, Speaker,
            last_words::{Background, Said},
        },
    },
    store::{
        self, Comment,
        comments::{
            Appended, Fate, NewComment,
            fences::{Fence, Fenced, Fences, Kind},
        },
    },
    wire::{Code, Numbered, Refusal, event::CommentCreated, view::CommentView},
};
use std::sync::Arc;

/// How often something is judged while the rules keep changing under it.
pub(crate) const JUDGED_MAX: u32 = 8;

/// The refusal of what was judged as often as that.
pub(crate) fn judged_too_often() -> Refusal {
    Refusal::new(Code::Unavailable, "The rules of this room keep changing.").retry_after(1000)
}

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

    fn take_back(&mut self, author: UserId, ticket: u64, used_rate: bool) {
        self.last_words.take_back(author, ticket);
        if used_rate {
            self.comment_rates.refund(&author);
        }
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

    /// Refuses a draft.
    pub(crate) fn refuse(&self, replies: Vec<Reply>, refusal: Refusal) {
        self.parts.metrics.comments_refused.of(refusal.code.as_str()).inc();
        reply_to_all(replies, Err(refusal));
    }

    /// Fails where the rules have changed under something too often.
    pub(super) fn is_judged_in_time(judged: u32) -> Result<(), Refusal> {
        if judged <= JUDGED_MAX { Ok(()) } else { Err(judged_too_often()) }
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
        Outcome::Failed(error) if matches!(*error, store::Error::NotFound) => Err(Refusal::not_found()),
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

#[cfg(test)]
#[path = "tests/comments.rs"]
mod tests;
