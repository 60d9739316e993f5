//! What an act did inside its transaction, and what must be told once that is committed.
//! It must not know how anything is told, nor to whom.

use crate::{
    domain::{
        CommentId, KeyId, News, RulesVersion, SessionId, StreamId, UserId,
        stream::{ingest_key::KeyOf, picture::IngestRefusal},
    },
    room::core::Part,
    wire::{
        Event, Numbered,
        view::{BanView, Reactions, UserRef},
    },
};
use actix::prelude::*;
use serde::{Deserialize, Serialize};

/// What an act on one stream did.
#[derive(Debug)]
pub(crate) struct Effects<T> {
    /// For the caller.
    pub value: T,
    /// For the log: they are numbered at the end of the transaction.
    pub events: Vec<Event>,
    /// In the log already: the act has numbered them itself.
    pub numbered: Vec<Numbered>,
    /// Parts of the room's state that must be read again.
    pub refresh: Vec<Part>,
    /// What is told beside the log.
    pub notices: Vec<Notice>,
}

/// Something that is told, but stands in no stream's log.
#[derive(Message, Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[rtype(result = "()")]
pub(crate) enum Notice {
    /// A stream was deleted: its room closes, and its sockets with it.
    RoomGone(StreamId),
    /// A held comment was turned down: its author is told.
    Rejected { stream: StreamId, author: UserId, comment: CommentId },
    /// An account has another shown name.
    Renamed(UserRef),
    /// Somebody may write nowhere on the site, or may again: the change of this number.
    Barred { change: i64, user: UserId, ban: Option<BanView> },
    /// Bans or moderators of a host's channel have changed: streams that have ended, whose logs do not say so, look again.
    ChannelChanged(UserId),
    /// Tokens have died: the sockets opened with them close.
    SignedOut(SignedOut),
    /// The key of an encoder is worthless: who came by it is sent away.
    KeyRotated(KeyOf),
    /// The picture of a stream has changed at a node, or was taken away from one: each looks into the tables.
    PictureMoved(StreamId),
    /// A source was not let in at a node that has not the picture: its host is told, wherever they are.
    SourceRefused { stream: StreamId, refusal: IngestRefusal },
}

/// Whose tokens have died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignedOut {
    /// Those of one session.
    Session(SessionId),
    /// A key, which is gone.
    Key(KeyId),
    /// Those of the sessions of an account, but for one where it is kept. Keys go on.
    Sessions {
        user: UserId,
        /// The session that goes on.
        kept: Option<SessionId>,
    },
    /// All of an account, which is gone, with its keys.
    Account(UserId),
}

impl<T> Effects<T> {
    /// Nothing that anybody else must know.
    pub(crate) fn none(value: T) -> Self {
        Self { value, events: Vec::new(), numbered: Vec::new(), refresh: Vec::new(), notices: Vec::new() }
    }

    /// One event for the log.
    pub(crate) fn event(value: T, event: impl Into<Event>) -> Self {
        Self { events: vec![event.into()], ..Self::none(value) }
    }

    /// Some events for the log, in this order.
    pub(crate) fn events(value: T, events: Vec<Event>) -> Self {
        Self { events, ..Self::none(value) }
    }

    /// With parts of the room's state to be read again.
    pub(crate) fn refreshing(mut self, parts: &[Part]) -> Self {
        self.refresh.extend_from_slice(parts);
        self
    }

    /// With something told beside the log.
    pub(crate) fn notifying(mut self, notice: Notice) -> Self {
        self.notices.push(notice);
        self
    }

    /// The same effects for another value.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Effects<U> {
        Effects {
            value: change(self.value),
            events: self.events,
            numbered: self.numbered,
            refresh: self.refresh,
            notices: self.notices,
        }
    }

    /// Whether it changed what comments are judged by.
    pub(crate) fn change_rules(&self) -> bool {
        self.events.iter().any(is_rule)
            || self.refresh.iter().any(|part| matches!(part, Part::Terms | Part::Bans | Part::Members))
    }
}

/// Whether an event changes what comments are judged by. Who may see a stream is [`Part::Members`], beside its event.
fn is_rule(event: &Event) -> bool {
    matches!(
        event,
        Event::ViewerBanned(_)
            | Event::ViewerUnbanned(_)
            | Event::SettingsUpdated(_)
            | Event::ModeratorAdded(_)
            | Event::ModeratorRemoved(_)
            | Event::StreamEnded(_)
    )
}

/// What was stored is told to the room, if there is one. The answer comes when it holds there.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub(crate) struct Stored {
    pub stream_id: StreamId,
    /// New in the log.
    pub events: Vec<Numbered>,
    /// What else has changed and must be read again.
    pub stale: Vec<Part>,
    /// Where what comments are judged by has changed: the version of the rules that holds with it.
    pub rules: Option<RulesVersion>,
    /// Where something has changed that is not in the log: the count of such changes with it.
    pub news: Option<News>,
    /// Totals of reactions that have changed.
    pub reactions: Reactions,
}

/// What a committed transaction has for rooms and sockets.
#[derive(Debug, Default)]
pub(crate) struct Publication {
    pub streams: Vec<Stored>,
    /// Beside the logs.
    pub notices: Vec<Notice>,
}

impl Publication {
    /// What one stream's room must hear; nothing where nothing has changed.
    pub(crate) fn of(stored: Stored, notices: Vec<Notice>) -> Self {
        let is_silent = stored.events.is_empty() && stored.stale.is_empty() && stored.reactions.is_empty();
        Self { streams: if is_silent { Vec::new() } else { vec![stored] }, notices }
    }

    /// Whether any room must hear of it.
    pub(crate) fn concerns_rooms(&self) -> bool {
        let is_for_rooms = |notice: &Notice| {
            !matches!(notice, Notice::SignedOut(_) | Notice::KeyRotated(_) | Notice::PictureMoved(_))
        };
        !self.streams.is_empty() || self.notices.iter().any(is_for_rooms)
    }
}

impl From<Notice> for Publication {
    fn from(notice: Notice) -> Self {
        Self { streams: Vec::new(), notices: vec![notice] }
    }
}

impl From<SignedOut> for Publication {
    fn from(who: SignedOut) -> Self {
        Notice::SignedOut(who).into()
    }
}
