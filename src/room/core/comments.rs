//! Posting: from a request to the journal. What comes back from there is in `committed`.
//! It must not wait for the database; where it needs it, it says so and is asked again.

use super::{
    Stage,
    reply::{Answer, ReactionAnswer, answer_all},
    roster::Account,
};
use crate::{
    domain::{
        accounts::fold::search_key,
        ids::{CommentId, UserId},
        stream::{reaction::ReactionKind, settings::CommentsBy},
        time::now::{Now, ms_between},
    },
    room::{
        journal::{Committed, Entry, What},
        operations::load::Background,
        rules::{self, Ruling, Speaker, last_words::Said},
    },
    store::comments::NewComment,
    wire::{
        op::CommentBody,
        problem::{Code, Refusal},
    },
};
use actix::Recipient;
use std::collections::HashMap;

/// How often something is judged while the rules keep changing under it.
pub const JUDGED_MAX: u32 = 8;

/// The refusal of what was judged as often as that.
pub fn judged_too_often() -> Refusal {
    Refusal::new(Code::Unavailable, "The rules of this room keep changing.").retry_after(1000)
}

/// A comment on its way.
pub struct Draft {
    /// By whom.
    pub account: Account,
    /// What.
    pub body: CommentBody,
    /// Where the answer goes: to who sent it, and to who repeated it meanwhile.
    pub answers: Vec<Answer>,
    /// How often it was judged.
    judged: u32,
}

impl Draft {
    /// A comment that nobody has judged yet.
    pub fn new(account: Account, body: CommentBody, answer: Answer) -> Self {
        Self { account, body, answers: vec![answer], judged: 0 }
    }
}

/// Reactions of one kind on their way.
pub struct Cheer {
    /// By whom.
    pub account: Account,
    /// Which.
    pub kind: ReactionKind,
    /// How many.
    pub count: u8,
    /// Where the answer goes.
    pub answer: ReactionAnswer,
    judged: u32,
}

impl Cheer {
    /// Reactions that nobody has judged yet.
    pub fn new(account: Account, kind: ReactionKind, count: u8, answer: ReactionAnswer) -> Self {
        Self { account, kind, count, answer, judged: 0 }
    }
}

/// What is left to do for a draft.
pub enum Step {
    /// Nothing: it is with the journal, or answered.
    Done,
    /// Read the author's background, then go on with it.
    NeedsBackground(Box<Draft>),
    /// It is refused, unless its `client_id` is in the log already.
    RefusedUnlessKnown(Box<Draft>, Refusal),
}

/// What is with the journal.
#[derive(Default)]
pub struct Posts {
    last_ticket: u64,
    pub(crate) waiting: HashMap<u64, Waiting>,
    pub(crate) in_flight: HashMap<(UserId, String), u64>,
}

/// What waits for the journal's answer.
pub(crate) enum Waiting {
    Comment { draft: Box<Draft>, is_paced: bool },
    Reaction(Box<Cheer>),
}

impl Posts {
    /// A number for something on its way, never given twice.
    pub fn ticket(&mut self) -> u64 {
        self.last_ticket += 1;
        self.last_ticket
    }

    /// Whether nothing is with the journal.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Stage {
    /// Judges a draft and hands it to the journal.
    pub fn post(
        &mut self,
        draft: Draft,
        background: Option<Background>,
        now: Now,
        room: Recipient<Committed>,
    ) -> Step {
        let Some(mut draft) = self.join_one_in_flight(draft) else { return Step::Done };
        if background.is_none() && self.needs_background(&draft.account, now) {
            return Step::NeedsBackground(Box::new(draft));
        }
        draft.judged += 1;
        let key = search_key(draft.body.content.as_str());
        match self.judge(&draft, &background.unwrap_or_default(), &key, now) {
            Ok(ruling) => {
                self.hand_over(draft, ruling, key, now, room);
                Step::Done
            }
            Err(refusal) if draft.body.client_id.is_some() => {
                Step::RefusedUnlessKnown(Box::new(draft), refusal)
            }
            Err(refusal) => {
                self.refuse(draft.answers, refusal);
                Step::Done
            }
        }
    }

    /// Refuses a draft.
    pub fn refuse(&self, answers: Vec<Answer>, refusal: Refusal) {
        self.rules.metrics.comments_refused.of(refusal.code.as_str()).inc();
        answer_all(answers, Err(refusal));
    }

    /// A repeat of what is with the journal shares its fate.
    fn join_one_in_flight(&mut self, draft: Draft) -> Option<Draft> {
        let Some(client_id) = &draft.body.client_id else { return Some(draft) };
        let key = (draft.account.user.id, client_id.to_string());
        let ticket = self.posts.in_flight.get(&key).copied();
        match ticket.and_then(|ticket| self.posts.waiting.get_mut(&ticket)) {
            Some(Waiting::Comment { draft: first, .. }) => {
                first.answers.extend(draft.answers);
                None
            }
            _ => Some(draft),
        }
    }

    pub(crate) fn needs_background(&self, account: &Account, now: Now) -> bool {
        if self.hall.role_of(Some(account)).is_staff() {
            return false;
        }
        let settings = &self.hall.settings;
        let window_s = i64::from(settings.slow_mode_s.max(settings.repeat_window_s));
        let may_have_spoken_before = ms_between(self.said.complete_since(), now.instant) < window_s * 1000;
        let is_unknown = may_have_spoken_before && self.said.of(account.user.id).is_none();
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
        if !self.hall.may_see(Some(&draft.account)) {
            return Err(Refusal::concealed());
        }
        let user = draft.account.user.id;
        let speaker = self.speaker(&draft.account, background, now);
        let is_staff = speaker.role.is_staff();
        let ruling = rules::judge(self.hall.place(), &speaker, draft.body.content.as_str(), key, now)?;
        if !is_staff {
            self.pace.take(user, now.instant).map_err(|wait_ms| {
                self.rules.metrics.limit_hits.of("COMMENTS_PER_USER").inc();
                Refusal::new(Code::TooFast, "Too many comments in a short time.").retry_after(wait_ms)
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
            role: self.hall.role_of(Some(account)),
            ban: self.hall.ban_of(user, now.wall),
            follows_host: background.follows_host,
            account_created_at: account.created_at,
            last: self.said.of(user).or(background.last.as_ref()),
        }
    }

    fn hand_over(&mut self, draft: Draft, ruling: Ruling, key: String, now: Now, room: Recipient<Committed>) {
        let author = draft.account.user.id;
        let ticket = self.posts.ticket();
        let comment = self.comment(&draft, ruling, &key, now);
        let is_paced = !comment.role.is_staff();
        let client_id = comment.client_id.clone();
        let what = What::Comment(Box::new(comment));
        if self.rules.journal.write(Entry { stream_id: self.id, what, ticket, room }).is_err() {
            if is_paced {
                self.pace.refund(&author);
            }
            return self.refuse(draft.answers, Refusal::overloaded());
        }
        self.said.begin(author, ticket, Said { at: now.instant, key });
        self.posts.in_flight.extend(client_id.map(|client_id| ((author, client_id), ticket)));
        self.posts.waiting.insert(ticket, Waiting::Comment { draft: Box::new(draft), is_paced });
    }

    fn comment(&self, draft: &Draft, ruling: Ruling, key: &str, now: Now) -> NewComment {
        let (content, held) = match ruling {
            Ruling::Publish(content) => (content, false),
            Ruling::Hold(content) => (content, true),
        };
        let is_as_written = content == draft.body.content.as_str();
        NewComment {
            id: CommentId::new(),
            author: draft.account.user.clone().into(),
            role: self.hall.role_of(Some(&draft.account)),
            search_key: if is_as_written { key.to_owned() } else { search_key(&content) },
            content,
            style: draft.body.style,
            reply_to: draft.body.reply_to,
            client_id: draft.body.client_id.as_ref().map(|client_id| client_id.to_string()),
            created_at: now.wall,
            held,
            rules: self.hall.rules,
        }
    }

    /// Whether reactions may be sent: judged before they use any allowance up.
    pub fn judge_reaction(&self, account: &Account, now: Now) -> Result<(), Refusal> {
        let role = self.hall.role_of(Some(account));
        let ban = self.hall.ban_of(account.user.id, now.wall);
        rules::may_write(self.hall.stream.status, role, ban, now.wall)
    }

    /// Hands reactions to the journal, if they may be sent.
    pub fn react(&mut self, mut cheer: Cheer, now: Now, room: Recipient<Committed>) {
        cheer.judged += 1;
        let judged =
            Self::is_judged_in_time(cheer.judged).and_then(|()| self.judge_reaction(&cheer.account, now));
        if let Err(refusal) = judged {
            return cheer.answer.give(Err(refusal));
        }
        let ticket = self.posts.ticket();
        let what = What::Reaction(cheer.kind, u32::from(cheer.count), self.hall.rules);
        match self.rules.journal.write(Entry { stream_id: self.id, what, ticket, room }) {
            Ok(()) => drop(self.posts.waiting.insert(ticket, Waiting::Reaction(Box::new(cheer)))),
            Err(_) => cheer.answer.give(Err(Refusal::overloaded())),
        }
    }
}
