//! Posting: from a request to the journal, and from the journal's answer back to the author.
//! It must not wait for the database; where it needs it, it says so and is asked again.

use super::{
    answers::{Answer, ReactionAnswer, answer_all},
    journal::{Committed, Entry, Outcome, What},
    load::Background,
    message::{Numbered, Posted},
    roster::Account,
    rules::{self, Ruling, Said, Speaker},
    stage::Stage,
};
use crate::{
    domain::{
        fold::search_key,
        ids::{CommentId, UserId},
        reaction::ReactionKind,
        settings::CommentsBy,
        stream::Seq,
        time::Millis,
    },
    store::comments::{Appended, Fate, NewComment},
    wire::{
        event::CommentCreated,
        op::CommentBody,
        problem::{Code, Refusal},
        view::CommentView,
    },
};
use actix::Recipient;
use std::{
    collections::{HashMap, hash_map::Entry as Slot},
    sync::Arc,
};

/// Authors whose last words are kept in memory; the others' are read again.
const AUTHORS_MAX: usize = 50_000;

/// A comment on its way.
pub struct Draft {
    /// By whom.
    pub account: Account,
    /// What.
    pub body: CommentBody,
    /// Where the answer goes.
    pub answer: Answer,
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
    waiting: HashMap<u64, Waiting>,
    in_flight: HashMap<(UserId, String), u64>,
}

enum Waiting {
    Comment {
        answers: Vec<Answer>,
        author: UserId,
        client_id: Option<String>,
        said_before: Option<Said>,
        is_paced: bool,
    },
    Reaction(ReactionAnswer),
}

impl Posts {
    fn ticket(&mut self) -> u64 {
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
        now: Millis,
        room: Recipient<Committed>,
    ) -> Step {
        let Some(draft) = self.join_one_in_flight(draft) else { return Step::Done };
        if background.is_none() && self.needs_background(&draft.account, now) {
            return Step::NeedsBackground(Box::new(draft));
        }
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
                self.refuse(draft.answer, refusal);
                Step::Done
            }
        }
    }

    /// Refuses a draft.
    pub fn refuse(&self, answer: Answer, refusal: Refusal) {
        self.rules.metrics.comments_refused.of(refusal.code.as_str()).inc();
        answer.give(Err(refusal));
    }

    /// A repeat of what is with the journal shares its fate.
    fn join_one_in_flight(&mut self, draft: Draft) -> Option<Draft> {
        let Some(client_id) = &draft.body.client_id else { return Some(draft) };
        let key = (draft.account.user.id, client_id.to_string());
        let ticket = self.posts.in_flight.get(&key).copied();
        match ticket.and_then(|ticket| self.posts.waiting.get_mut(&ticket)) {
            Some(Waiting::Comment { answers, .. }) => {
                answers.push(draft.answer);
                None
            }
            _ => Some(draft),
        }
    }

    pub(super) fn needs_background(&self, account: &Account, now: Millis) -> bool {
        if self.hall.role_of(Some(account)).is_staff() {
            return false;
        }
        let settings = &self.hall.settings;
        let window_s = i64::from(settings.slow_mode_s.max(settings.repeat_window_s));
        let may_have_spoken_before = now.since(self.opened_at) < window_s * 1000;
        let is_unknown = may_have_spoken_before && !self.said.contains_key(&account.user.id);
        settings.comments == CommentsBy::Followers || is_unknown
    }

    fn judge(
        &mut self,
        draft: &Draft,
        background: &Background,
        key: &str,
        now: Millis,
    ) -> Result<Ruling, Refusal> {
        let user = draft.account.user.id;
        let speaker = self.speaker(&draft.account, background, now);
        let is_staff = speaker.role.is_staff();
        let ruling = rules::judge(self.hall.place(), &speaker, draft.body.content.as_str(), key, now)?;
        if !is_staff {
            self.pace.take(user, now).map_err(|wait_ms| {
                self.rules.metrics.limit_hits.of("COMMENTS_PER_USER").inc();
                Refusal::new(Code::TooFast, "Too many comments in a short time.").retry_after(wait_ms)
            })?;
        }
        Ok(ruling)
    }

    /// Somebody, as the rules need to know them.
    pub(super) fn speaker<'a>(
        &'a self,
        account: &Account,
        background: &'a Background,
        now: Millis,
    ) -> Speaker<'a> {
        let user = account.user.id;
        Speaker {
            role: self.hall.role_of(Some(account)),
            ban: self.hall.ban_of(user, now),
            follows_host: background.follows_host,
            account_created_at: account.created_at,
            last: self.said.get(&user).or(background.last.as_ref()),
        }
    }

    fn hand_over(
        &mut self,
        draft: Draft,
        ruling: Ruling,
        key: String,
        now: Millis,
        room: Recipient<Committed>,
    ) {
        let Draft { account, body, answer } = draft;
        let role = self.hall.role_of(Some(&account));
        let (content, held) = match ruling {
            Ruling::Publish(content) => (content, false),
            Ruling::Hold(content) => (content, true),
        };
        let client_id = body.client_id.map(|client_id| client_id.to_string());
        let author = account.user.id;
        let comment = NewComment {
            id: CommentId::new(),
            author: account.user.into(),
            role,
            search_key: if content == body.content.as_str() { key.clone() } else { search_key(&content) },
            content,
            style: body.style,
            reply_to: body.reply_to,
            client_id: client_id.clone(),
            created_at: now,
            held,
        };
        let ticket = self.posts.ticket();
        let what = What::Comment(Box::new(comment));
        if self.rules.journal.write(Entry { stream_id: self.id, what, ticket, room }).is_err() {
            self.pace.refund(&author);
            return self.refuse(answer, Refusal::overloaded());
        }
        let said_before = self.remember(author, Said { at: now, key });
        if let Some(client_id) = &client_id {
            self.posts.in_flight.insert((author, client_id.clone()), ticket);
        }
        let is_paced = !role.is_staff();
        let waiting = Waiting::Comment { answers: vec![answer], author, client_id, said_before, is_paced };
        self.posts.waiting.insert(ticket, waiting);
    }

    pub(super) fn remember(&mut self, author: UserId, said: Said) -> Option<Said> {
        if self.said.len() >= AUTHORS_MAX && !self.said.contains_key(&author) {
            self.said.clear();
            self.opened_at = said.at; // from here on the others' last words are read again
        }
        self.said.insert(author, said)
    }

    /// Hands reactions to the journal, if they may be sent.
    pub fn react(
        &mut self,
        account: &Account,
        kind: ReactionKind,
        count: u8,
        answer: ReactionAnswer,
        now: Millis,
        room: Recipient<Committed>,
    ) {
        let role = self.hall.role_of(Some(account));
        let ban = self.hall.ban_of(account.user.id, now);
        if let Err(refusal) = rules::may_write(self.hall.stream.status, role, ban, now) {
            return answer.give(Err(refusal));
        }
        let ticket = self.posts.ticket();
        let what = What::Reaction(kind, u32::from(count));
        match self.rules.journal.write(Entry { stream_id: self.id, what, ticket, room }) {
            Ok(()) => drop(self.posts.waiting.insert(ticket, Waiting::Reaction(answer))),
            Err(_) => answer.give(Err(Refusal::overloaded())),
        }
    }

    /// The journal's answers: authors learn what became of their comments, and what is new is returned for the log.
    /// True beside it where comments wait for a moderator now.
    pub fn committed(&mut self, committed: Committed) -> (Vec<Numbered>, bool) {
        let at = committed.at;
        let mut new = Vec::with_capacity(committed.outcomes.len());
        let mut has_held = false;
        for (ticket, outcome) in committed.outcomes {
            match (self.posts.waiting.remove(&ticket), outcome) {
                (Some(Waiting::Reaction(answer)), outcome) => self.reacted(answer, outcome),
                (Some(Waiting::Comment { answers, author, client_id, said_before, is_paced }), outcome) => {
                    client_id.map(|client_id| self.posts.in_flight.remove(&(author, client_id)));
                    let (posted, is_new) = self.posted(outcome, at, &mut new);
                    has_held |= is_new && matches!(posted, Ok(Posted::Held(_)));
                    if !is_new {
                        self.take_back(author, said_before, is_paced);
                    }
                    answer_all(answers, posted);
                }
                (None, _) => log::error!("the journal answered what nobody asked"),
            }
        }
        (new, has_held)
    }

    fn posted(
        &mut self,
        outcome: Outcome,
        at: Millis,
        new: &mut Vec<Numbered>,
    ) -> (Result<Posted, Refusal>, bool) {
        let metrics = &self.rules.metrics;
        match outcome {
            Outcome::Comment(Appended::New(Fate::Visible(comment))) => {
                metrics.comments_accepted.inc();
                let comment = CommentView::from(*comment);
                let seq = comment.seq.unwrap_or(Seq(0));
                let event = Arc::new(CommentCreated { comment: comment.clone() }.into());
                new.push(Numbered { seq, ts: at, event });
                (Ok(Posted::Visible { comment: Arc::new(comment), duplicate: false }), true)
            }
            Outcome::Comment(Appended::New(fate)) => (Ok(fate.into()), true),
            Outcome::Comment(Appended::Duplicate(fate)) => (Ok(fate.into()), false),
            Outcome::Comment(Appended::StreamEnded) => {
                (Err(Refusal::new(Code::StreamEnded, "This stream is over.")), false)
            }
            Outcome::Comment(Appended::NoAccount) => {
                (Err(Refusal::new(Code::Unauthenticated, "This account is gone.")), false)
            }
            Outcome::Failed(crate::store::Error::NotFound) => (Err(Refusal::not_found()), false),
            Outcome::Failed(error) => {
                log::warn!("a comment could not be stored: {error}");
                let refusal = Refusal::new(Code::Unavailable, "The comment could not be stored.");
                (Err(refusal.retry_after(1000)), false)
            }
            Outcome::Reaction(..) => (Err(Refusal::internal()), false),
        }
    }

    fn take_back(&mut self, author: UserId, said_before: Option<Said>, is_paced: bool) {
        if is_paced {
            self.pace.refund(&author);
        }
        match (self.said.entry(author), said_before) {
            (Slot::Occupied(mut said), Some(before)) => drop(said.insert(before)),
            (Slot::Occupied(said), None) => drop(said.remove()),
            (Slot::Vacant(_), _) => {}
        }
    }

    fn reacted(&mut self, answer: ReactionAnswer, outcome: Outcome) {
        let Outcome::Reaction(kind, count) = outcome else {
            return answer.give(Err(Refusal::new(Code::Unavailable, "The reaction could not be counted.")));
        };
        *self.hall.reactions.entry(kind).or_default() += i64::from(count);
        self.snapshot = None;
        answer.give(Ok(()));
    }
}

/// A fate that was known before this request.
impl From<Fate> for Posted {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Visible(comment) => {
                Posted::Visible { comment: Arc::new((*comment).into()), duplicate: true }
            }
            Fate::Held(id) => Posted::Held(id),
            Fate::Rejected(id) => Posted::Rejected(id),
        }
    }
}
