//! Parts of a room's state that are read again when they have changed, and each as read.
//! It must not know how a part is read.

use crate::{
    domain::{PollId, Seq, TermList, UserId},
    room::state::{RoomState, SNAPSHOT_COMMENTS},
    wire::view::{BanView, CommentView, PollView, QuestionView, Reactions},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// A part of a room's state that is read again when it is said to have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    /// Who may see a private stream.
    Members,
    /// Bans, with their reasons.
    Bans,
    /// Who looks after the stream; what the log of one that is not over says, too.
    Moderators,
    /// The moderation terms.
    Terms,
    /// How many comments wait for a moderator.
    Queue,
    /// The open poll's tally.
    Tally,
    /// Questions and their votes.
    Questions,
    /// The last comments, and how many there are.
    Comments,
    /// Totals of reactions.
    Reactions,
    /// Somebody's vote in the open poll.
    Vote(UserId),
}

impl Part {
    /// Those that comments are judged by.
    pub(crate) const RULES: &'static [Part] = &[Part::Members, Part::Bans, Part::Terms];

    /// Those that a channel has for streams that are over, too.
    pub(crate) const OF_CHANNEL: &'static [Part] = &[Part::Bans, Part::Moderators];

    /// All of them but what is of one account, and the moderators, whom the log tells of.
    pub(crate) const ALL: &'static [Part] = &[
        Part::Members,
        Part::Bans,
        Part::Terms,
        Part::Queue,
        Part::Tally,
        Part::Questions,
        Part::Comments,
        Part::Reactions,
    ];
}

/// A part as read.
pub(crate) enum Fresh {
    Members(Vec<UserId>),
    Bans(HashMap<UserId, BanView>),
    Moderators(HashSet<UserId>),
    Terms(TermList),
    Queue(i64),
    Tally(Option<PollView>),
    Questions(Vec<QuestionView>),
    Comments(LastComments),
    Reactions(Reactions),
    Vote(UserId, Option<(PollId, u32)>),
}

/// The last comments as of one place in the log.
pub(crate) struct LastComments {
    pub head: Seq,
    pub count: i64,
    pub last: Vec<Arc<CommentView>>,
}

impl LastComments {
    /// What was read may be behind what the room has applied since, or ahead of what it will apply next.
    fn put_into(self, state: &mut RoomState) {
        let is_after = |comment: &CommentView, head: Seq| comment.seq.is_some_and(|seq| seq > head);
        let (ahead, known): (Vec<_>, Vec<_>) =
            self.last.into_iter().partition(|comment| is_after(comment, state.head));
        let newer: Vec<_> = state.comments.drain(..).filter(|comment| is_after(comment, self.head)).collect();
        state.comment_count = self.count - ahead.len() as i64 + newer.len() as i64;
        state.comments.extend(known);
        state.comments.extend(newer);
        let too_many = state.comments.len().saturating_sub(SNAPSHOT_COMMENTS);
        state.comments.drain(..too_many);
    }
}

impl Fresh {
    /// Takes the place of what was there.
    pub(crate) fn put_into(self, state: &mut RoomState) {
        match self {
            Fresh::Members(members) => state.members = members.into_iter().collect(),
            Fresh::Bans(bans) => state.bans = bans,
            Fresh::Moderators(moderators) => state.moderators = moderators,
            Fresh::Terms(terms) => state.terms = terms,
            Fresh::Queue(held) => state.held = held,
            // What was read may be of a poll that was closed since, or of one whose opening is yet to be told.
            Fresh::Tally(read) => {
                if let (Some(poll), Some(read)) = (&mut state.poll, read)
                    && poll.id == read.id
                {
                    poll.tally = read.tally;
                }
            }
            Fresh::Questions(questions) => {
                state.questions = questions;
                state.sort_questions();
            }
            Fresh::Comments(fresh) => fresh.put_into(state),
            // They only grow, and some may have been counted since this was read.
            Fresh::Reactions(read) => {
                for (kind, total) in read {
                    let known = state.reactions.entry(kind).or_default();
                    *known = total.max(*known);
                }
            }
            // Of those who are here, not of the state.
            Fresh::Vote(..) => {}
        }
    }
}
