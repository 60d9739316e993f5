//! Server frames that are not log events: greetings, answers, latest values, goodbyes.
//! They must not know which sockets they go to.

use super::{
    Code,
    picture::{IngestFrame, PictureFrame},
    view::*,
};
use crate::domain::{Millis, Right, Role, Seq, Settings, ids::*};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What a client should keep to, sent with `welcome`.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct ClientLimits {
    /// Longest comment, in grapheme clusters.
    pub content_graphemes: usize,
    /// Longest comment, in bytes after cleaning.
    pub content_bytes: usize,
    /// Longest frame, in bytes, fragments together.
    pub frame_bytes: usize,
    /// Comments an account may write in `per_ms`; null where there is no such limit.
    pub comments: Option<u32>,
    /// The time in which `comments` count, in milliseconds.
    pub per_ms: i64,
}

/// Who one is in this room and what one may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct You {
    /// One's role in the room.
    pub role: Role,
    /// One's account; null for a guest.
    pub user: Option<UserRef>,
    /// What one may do now.
    pub can: Vec<Right>,
    /// The ban against oneself.
    pub ban: Option<BanView>,
    /// One's own vote in the open poll.
    pub vote: Option<u32>,
}

/// Everything of a room at one `seq`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Snapshot {
    /// Changes when the log was restored from a backup; a `since` of another epoch means nothing.
    pub epoch: String,
    /// Nothing numbered up to here is missing.
    pub seq: Seq,
    /// The stream as it is.
    pub stream: StreamView,
    /// The room's settings.
    pub settings: Settings,
    /// The pinned comment.
    pub pinned: Option<CommentView>,
    /// The last announcement.
    pub announcement: Option<AnnouncementView>,
    /// The open poll.
    pub poll: Option<PollView>,
    /// Questions not yet answered, most wanted first.
    pub questions: Vec<QuestionView>,
    /// The last 50 comments, oldest first.
    #[schema(value_type = Vec<CommentView>)]
    pub comments: Vec<Arc<CommentView>>,
}

/// The fate of an op on a comment that waits for a moderator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HeldState {
    /// It waits for a moderator.
    Held,
    /// It was turned down.
    Rejected,
}

/// A frame from the server.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Frame {
    /// Always comes first.
    Welcome {
        /// Names this connection in logs.
        connection_id: ConnectionId,
        /// The server's clock.
        now: Millis,
        /// Who one is.
        you: You,
        /// How often the server pings, in milliseconds.
        heartbeat_ms: u64,
        /// What to keep to.
        limits: ClientLimits,
    },
    /// Second, unless resuming.
    Snapshot(Box<Snapshot>),
    /// Instead of `snapshot` where `since` can be honoured.
    Resumed {
        /// As that of `snapshot`.
        epoch: String,
        /// The first event that follows.
        from: Seq,
        /// The head at joining.
        to: Seq,
    },
    /// Latest values, at most two a second.
    Pulse(Pulse),
    /// How the picture is: latest values, too.
    Picture(PictureFrame),
    /// To host and moderators: where the picture comes from.
    Ingest(IngestFrame),
    /// Who one is, after `auth` and whenever it changes.
    You {
        /// The `auth` this answers.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        reference: Option<String>,
        /// Who one is.
        #[serde(flatten)]
        you: You,
    },
    /// What was asked is done.
    Ack(Ack),
    /// Waits for a moderator, or was turned down.
    Held {
        /// The op's `ref`; absent when sent later.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        reference: Option<String>,
        /// Which one is meant.
        comment_id: CommentId,
        /// What became of it.
        state: HeldState,
    },
    /// Refused; the socket stays open.
    Error {
        /// The op's `ref`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        reference: Option<String>,
        /// A code for programs.
        code: Code,
        /// A text for people.
        message: String,
        /// Where waiting helps.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        retry_after_ms: Option<i64>,
    },
    /// The answer to `ping`.
    Pong {
        /// The op's `ref`.
        #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        reference: Option<String>,
    },
    /// To moderators: how many comments wait.
    Queue {
        /// How many wait.
        held: i64,
    },
    /// Events were left out for this viewer.
    Lagged {
        /// The first event of the range.
        from: Seq,
        /// The last event of the range.
        to: Seq,
        /// How many of the range were left out.
        missed: u64,
    },
    /// The token ends soon; send `auth`.
    #[serde(rename = "token.expiring")]
    TokenExpiring {
        /// When it happened.
        expires_at: Millis,
    },
    /// The last frame.
    Bye(Bye),
}

/// Latest values of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Pulse {
    /// Who is here.
    pub viewers: u64,
    /// Totals by kind.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    pub reactions: Reactions,
    /// Votes of the open poll.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tally: Option<Vec<i64>>,
}

/// An op was carried out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Ack {
    /// The op's `ref`.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reference: Option<String>,
    /// Which op is answered.
    pub op: &'static str,
    /// For a comment.
    #[serde(flatten)]
    pub comment: Option<CommentAck>,
}

/// What the answer to a comment says more.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CommentAck {
    /// What names it for good.
    pub id: CommentId,
    /// Its place in the log.
    pub seq: Option<Seq>,
    /// Whether the same `client_id` had been used before.
    pub duplicate: bool,
    /// The comment it is about.
    #[schema(value_type = CommentView)]
    pub comment: Arc<CommentView>,
}

/// Why the server closes a socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Bye {
    /// The close code that follows.
    pub code: u16,
    /// A text for people.
    pub reason: &'static str,
    /// Whether to come back.
    pub retry: bool,
    /// When, at the earliest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_after_ms: Option<u64>,
}

impl Frame {
    /// The frame as JSON text.
    pub(crate) fn encode(&self) -> String {
        serde_json::to_string(self).expect("frames have string keys and finite numbers only")
    }

    /// The answer to an op that was refused.
    pub(crate) fn refused(reference: Option<String>, refusal: &super::Refusal) -> Frame {
        Frame::Error {
            reference,
            code: refusal.code,
            message: refusal.message.to_string(),
            retry_after_ms: refusal.retry_after_ms,
        }
    }
}

/// Why a socket is closed: the close codes of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Close {
    /// This node restarts (1012).
    Restart {
        /// When to come back.
        retry_after_ms: u64,
    },
    Overloaded,
    /// This viewer reads too slowly (1013).
    TooSlow,
    /// Protocol error (1002).
    Protocol,
    /// Binary frame (1003).
    Binary,
    BadUtf8,
    TooBig,
    /// Too many bad frames (4400).
    BadFrames,
    /// Session revoked or account gone (4401).
    Revoked,
    /// The token ended in a private room (4401).
    TokenEnded,
    /// Third refused `auth` (4401).
    RefusedAuth,
    /// The stream is gone or no longer visible (4404).
    Gone,
    /// No sign of life (4408).
    Silent,
    /// Replaced by a newer connection (4409).
    Replaced,
    TooManyFrames {
        /// When to come back.
        retry_after_ms: u64,
    },
}

impl Close {
    /// The `bye` frame before the close.
    pub fn bye(self) -> Bye {
        let bye = |code, reason, retry, retry_after_ms| Bye { code, reason, retry, retry_after_ms };
        match self {
            Close::Restart { retry_after_ms } => bye(1012, "the server restarts", true, Some(retry_after_ms)),
            Close::Overloaded => bye(1013, "the server is at its limit", true, Some(5000)),
            Close::TooSlow => bye(1013, "this connection reads too slowly", true, Some(1000)),
            Close::Protocol => bye(1002, "protocol error", false, None),
            Close::Binary => bye(1003, "only text frames are understood", false, None),
            Close::BadUtf8 => bye(1007, "text that is not UTF-8, or that cannot be inflated", false, None),
            Close::TooBig => bye(1009, "frame too big", false, None),
            Close::BadFrames => bye(4400, "too many bad frames", false, None),
            Close::Revoked => bye(4401, "session revoked", false, None),
            Close::TokenEnded => bye(4401, "the token has ended", false, None),
            Close::RefusedAuth => bye(4401, "three refused tokens", false, None),
            Close::Gone => bye(4404, "the stream is gone or no longer visible", false, None),
            Close::Silent => bye(4408, "no sign of life", true, None),
            Close::Replaced => bye(4409, "replaced by a newer connection", false, None),
            Close::TooManyFrames { retry_after_ms } => {
                bye(4429, "too many frames", true, Some(retry_after_ms))
            }
        }
    }
}
