//! What is on its way from a request to the journal: drafts, and what waits for the journal's answer under which ticket.
//! It must not judge.

use crate::{
    domain::{ReactionKind, UserId},
    identity::Account,
    room::{
        journal::What,
        reply::{ReactionReply, Reply},
    },
    wire::{Refusal, op::CommentBody},
};
use std::collections::HashMap;

/// A comment on its way.
pub(crate) struct Draft {
    pub account: Account,
    pub body: CommentBody,
    /// To who sent it, and to who repeated it meanwhile.
    pub replies: Vec<Reply>,
    /// How often it was judged.
    pub(super) judged: u32,
}

impl Draft {
    /// A comment that nobody has judged yet.
    pub(crate) fn new(account: Account, body: CommentBody, reply: Reply) -> Self {
        Self { account, body, replies: vec![reply], judged: 0 }
    }
}

/// Reactions of one kind on their way.
pub(crate) struct ReactionDraft {
    pub account: Account,
    pub kind: ReactionKind,
    pub count: u8,
    pub reply: ReactionReply,
    pub(super) judged: u32,
}

impl ReactionDraft {
    /// Reactions that nobody has judged yet.
    pub(crate) fn new(account: Account, kind: ReactionKind, count: u8, reply: ReactionReply) -> Self {
        Self { account, kind, count, reply, judged: 0 }
    }
}

/// What is left to do for a draft.
pub(crate) enum Step {
    /// It is answered, or shares the fate of one that is with the journal.
    Done,
    /// The journal stores it under this ticket.
    Store(u64, What),
    /// Read the author's background, then go on with it.
    NeedsBackground(Box<Draft>),
    /// It is refused, unless its `client_id` is in the log already.
    RefusedUnlessKnown(Box<Draft>, Refusal),
}

/// What is with the journal.
#[derive(Default)]
pub(crate) struct Posts {
    last_ticket: u64,
    pub(super) waiting: HashMap<u64, Waiting>,
    /// Tickets of comments that may be repeated meanwhile.
    in_flight: HashMap<(UserId, String), u64>,
}

/// What waits for the journal's answer.
pub(super) enum Waiting {
    Comment {
        draft: Box<Draft>,
        /// Whether it has used its author's rate once, which is given back where it is not stored. Staff have no rate.
        used_rate: bool,
    },
    Reaction(Box<ReactionDraft>),
}

impl Posts {
    /// A number for something on its way, never given twice.
    pub(crate) fn ticket(&mut self) -> u64 {
        self.last_ticket += 1;
        self.last_ticket
    }

    /// Whether nothing is with the journal.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What waited under this ticket, and does so no more.
    pub(super) fn take(&mut self, ticket: u64) -> Option<Waiting> {
        let waiting = self.waiting.remove(&ticket)?;
        if let Waiting::Comment { draft, .. } = &waiting
            && let Some(key) = key_of(draft)
        {
            self.in_flight.remove(&key);
        }
        Some(waiting)
    }

    pub(super) fn begin(&mut self, ticket: u64, draft: Draft, used_rate: bool) {
        self.in_flight.extend(key_of(&draft).map(|key| (key, ticket)));
        self.waiting.insert(ticket, Waiting::Comment { draft: Box::new(draft), used_rate });
    }

    /// A repeat of what is with the journal shares its fate.
    pub(super) fn join_one_in_flight(&mut self, draft: Draft) -> Option<Draft> {
        let ticket = key_of(&draft).and_then(|key| self.in_flight.get(&key).copied());
        match ticket.and_then(|ticket| self.waiting.get_mut(&ticket)) {
            Some(Waiting::Comment { draft: first, .. }) => {
                first.replies.extend(draft.replies);
                None
            }
            _ => Some(draft),
        }
    }
}

/// By what a repeat is known.
fn key_of(draft: &Draft) -> Option<(UserId, String)> {
    let client_id = draft.body.client_id.as_ref()?;
    Some((draft.account.user.id, client_id.to_string()))
}
