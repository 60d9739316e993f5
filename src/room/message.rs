//! What is said to a room and by it, between actors.
//! It must not know how any of it is carried out.

use super::{
    actor::membership::Membership,
    core::roster::Account,
    fanout::shard::{Dismiss, Shard},
};
use crate::{
    domain::{
        ids::*,
        stream::{RulesVersion, Seq, reaction::ReactionKind},
        text::Content,
        time::Millis,
    },
    store::events::Logged,
    wire::{
        event::Event,
        frame::{Close, Pulse, You},
        op::CommentBody,
        problem::Refusal,
        view::{CommentView, UserRef},
    },
};
use actix::prelude::*;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What a room tells one session.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub enum Tell {
    /// Send this frame, encoded.
    Frame(Arc<str>),
    /// Say that an op, with this `ref`, is refused.
    Refused(Option<String>, Refusal),
}

/// How a connection is reached.
#[derive(Clone)]
pub struct Line {
    /// Which connection it is.
    pub connection: ConnectionId,
    /// In which room.
    pub stream: StreamId,
    /// For frames meant for this one alone.
    pub session: Recipient<Tell>,
    /// The shard of the worker where its seat is.
    pub shard: Addr<Shard>,
    /// Which worker that is, counted from 0.
    pub worker: usize,
}

impl Line {
    /// Ends the connection. Its seat is told, not its session: one whose client does not read would never hear of it.
    pub fn close(&self, close: Close) {
        // Once or twice in the life of a connection; a full mailbox must not save it.
        self.shard.do_send(Dismiss { stream_id: self.stream, connection: self.connection, close });
    }
}

/// Comes in. The answer says who one is; the opening comes through the seat.
#[derive(Message)]
#[rtype(result = "Result<(Membership, Joined), Refusal>")]
pub struct Join {
    /// Whose; none for a guest.
    pub account: Option<Account>,
    /// Which connection it is, and how to reach it.
    pub line: Line,
    /// Where to begin.
    pub opening: Opening,
}

/// Where a newcomer begins to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// A viewer, with everything of now.
    Snapshot,
    /// A viewer who has read up to a place.
    Resume(Since),
    /// A reader of the event stream, from now on or after a place.
    Reader(Option<Since>),
}

/// What has been read: up to here, in this epoch (the one in force where none is named).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The last event.
    pub seq: Seq,
    /// The epoch of its log.
    pub epoch: Option<String>,
}

impl Opening {
    /// What has been read already.
    pub fn since(&self) -> Option<&Since> {
        match self {
            Opening::Resume(since) | Opening::Reader(Some(since)) => Some(since),
            Opening::Snapshot | Opening::Reader(None) => None,
        }
    }

    /// Readers are not counted as viewers.
    pub fn counts(&self) -> bool {
        !matches!(self, Opening::Reader(_))
    }
}

/// What became of a [`Join`].
#[derive(Debug)]
pub struct Joined {
    /// Who one is.
    pub you: You,
    /// The epoch in force.
    pub epoch: String,
    /// None: the seat is served at the next flush. Else there is something to be read first.
    pub behind: Option<Behind>,
}

/// What was missed is no longer in memory: read the log from `after`, say so with `to` as the head, then [`CatchUp`].
#[derive(Debug)]
pub struct Behind {
    /// What has been read.
    pub after: Seq,
    /// The head at joining.
    pub to: Seq,
    /// The latest values.
    pub pulse: Pulse,
}

/// Has read the log up to here. True: the seat has been served with the rest. False: still too far behind, read on.
#[derive(Message)]
#[rtype(result = "bool")]
pub struct CatchUp {
    /// The connection.
    pub connection: ConnectionId,
    /// What has been read.
    pub after: Seq,
}

/// Goes. Said by a [`Membership`] that ends.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Leave {
    /// The connection.
    pub connection: ConnectionId,
}

/// Signs in on an open connection, or becomes a guest again.
#[derive(Message)]
#[rtype(result = "Result<You, Refusal>")]
pub struct Identify {
    /// The connection.
    pub connection: ConnectionId,
    /// As whom.
    pub account: Option<Account>,
}

/// An op on a room, from a session; its answer goes to the session's line.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub struct Ask {
    /// From whom.
    pub connection: ConnectionId,
    /// Comes back on the answer.
    pub reference: Option<String>,
    /// What.
    pub act: Act,
}

/// What a session may ask of its room.
#[derive(Debug)]
pub enum Act {
    /// Say something.
    Comment(CommentBody),
    /// React.
    React(ReactionKind, u8),
    /// Do something that is stored first.
    Stored(StoredAct),
}

/// What is stored before it is told.
#[derive(Clone, Copy, Debug)]
pub enum StoredAct {
    /// Delete a comment.
    Delete(CommentId),
    /// Vote in the open poll.
    Vote(PollId, u32),
}

impl StoredAct {
    /// The op that asks for it.
    pub fn name(self) -> &'static str {
        match self {
            StoredAct::Delete(_) => "delete",
            StoredAct::Vote(..) => "vote",
        }
    }
}

/// A comment by REST, in by the same door.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Post {
    /// By whom.
    pub account: Account,
    /// What.
    pub body: CommentBody,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<Posted, Refusal>>,
}

/// Reactions by REST.
#[derive(Message)]
#[rtype(result = "()")]
pub struct React {
    /// By whom.
    pub account: Account,
    /// Which.
    pub kind: ReactionKind,
    /// How many.
    pub count: u8,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<(), Refusal>>,
}

/// A question by REST: may it be asked, and in which wording? It is stored by who asks, in a transaction that looks whether the
/// rules it was judged by still hold.
#[derive(Message)]
#[rtype(result = "()")]
pub struct MayAsk {
    /// By whom.
    pub account: Account,
    /// What.
    pub content: Content,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<Judged, Refusal>>,
}

/// A question that may be asked.
#[derive(Debug)]
pub struct Judged {
    /// In this wording.
    pub wording: String,
    /// By these rules.
    pub rules: RulesVersion,
    /// It counts as said until this is dropped; from then on as never said, unless it was told before that it was stored.
    pub stored: oneshot::Sender<()>,
}

/// What became of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It is in the log.
    Visible {
        /// As all see it.
        comment: Arc<CommentView>,
        /// Whether the same `client_id` had been used before.
        duplicate: bool,
    },
    /// It waits for a moderator.
    Held(CommentId),
    /// A moderator turned it down.
    Rejected(CommentId),
}

/// What was stored is told to the room, if there is one. The answer comes when it holds there.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub struct Stored {
    /// Which room.
    pub stream_id: StreamId,
    /// New in the log.
    pub events: Vec<Numbered>,
    /// What else has changed and must be read again.
    pub stale: Vec<Part>,
    /// Where what comments are judged by has changed: the version of the rules that holds with it.
    pub rules: Option<RulesVersion>,
}

/// An event with its place in the log.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// Its place.
    pub seq: Seq,
    /// When it got it.
    pub ts: Millis,
    /// What it says.
    pub event: Arc<Event>,
}

impl Numbered {
    /// A place of the log as read back.
    pub fn read(logged: &Logged) -> Self {
        let event = crate::wire::rows::decode_logged(logged);
        Self { seq: logged.seq, ts: logged.ts, event: Arc::new(event) }
    }
}

/// A part of a room's state that is read again when it is said to have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Who may see a private stream.
    Members,
    /// Bans, with their reasons.
    Bans,
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
    pub const RULES: &'static [Part] = &[Part::Members, Part::Bans, Part::Terms];

    /// All of them but what is of one account.
    pub const ALL: &'static [Part] = &[
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

/// The stream is gone.
#[derive(Message, Clone, Copy)]
#[rtype(result = "()")]
pub struct Gone;

/// Something about an account that every room must know.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub enum AboutUser {
    /// Another shown name.
    Renamed(UserRef),
}

/// A moderator turned a held comment down: its author, if here, is told.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct TurnedDown {
    /// In which stream.
    pub stream: StreamId,
    /// Whose it was.
    pub author: UserId,
    /// Which one.
    pub comment: CommentId,
}

/// The server stops: say goodbye to all, each with a time to come back at.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub struct Drain {
    /// Goodbyes are spread over this time, in milliseconds.
    pub spread_ms: u64,
}
