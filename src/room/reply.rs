//! How a room speaks to one: a reply, over a socket or to a REST handler, and the way to a connection: its session for frames
//! meant for it alone, its shard for its end. It must not know why something became so, nor what a socket is.

use super::fanout::shard::{Dismiss, Shard};
use crate::{
    domain::{CommentId, ConnectionId, StreamId},
    wire::{
        Close, Frame, Refusal,
        frame::{Ack, CommentAck, HeldState},
        view::CommentView,
    },
};
use actix::prelude::*;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What became of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Posted {
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

/// Where the reply to a comment goes.
pub(crate) enum Reply {
    /// To a session, with its op's `ref`.
    Session(ConnectionHandle, Option<String>),
    /// To a REST handler.
    Rest(oneshot::Sender<Result<Posted, Refusal>>),
}

/// The first is told what became of the comment, who repeated it meanwhile that it was a repeat.
pub(crate) fn reply_to_all(replies: Vec<Reply>, posted: Result<Posted, Refusal>) {
    let mut is_first = true;
    for reply in replies {
        let posted = match posted.clone() {
            Ok(Posted::Visible { comment, duplicate }) => {
                Ok(Posted::Visible { comment, duplicate: duplicate || !is_first })
            }
            other => other,
        };
        is_first = false;
        reply.give(posted);
    }
}

impl Reply {
    /// Says what became of a comment.
    pub(crate) fn give(self, posted: Result<Posted, Refusal>) {
        match self {
            Reply::Rest(reply) => drop(reply.send(posted)),
            Reply::Session(handle, reference) => match posted {
                Ok(posted) => handle.tell(&reply_frame(reference, posted)),
                Err(refusal) => handle.refuse(reference, refusal),
            },
        }
    }
}

fn reply_frame(reference: Option<String>, posted: Posted) -> Frame {
    match posted {
        Posted::Visible { comment, duplicate } => {
            let ack = CommentAck { id: comment.id, seq: comment.seq, duplicate, comment };
            Frame::Ack(Ack { reference, op: "comment", comment: Some(ack) })
        }
        Posted::Held(comment_id) => Frame::Held { reference, comment_id, state: HeldState::Held },
        Posted::Rejected(comment_id) => Frame::Held { reference, comment_id, state: HeldState::Rejected },
    }
}

/// What a room tells one session.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub(crate) enum Tell {
    /// Send this frame, encoded.
    Frame(Arc<str>),
    /// Say that an op, with this `ref`, is refused.
    Refused(Option<String>, Refusal),
}

/// How a connection is reached.
#[derive(Clone)]
pub(crate) struct ConnectionHandle {
    pub connection: ConnectionId,
    pub stream: StreamId,
    /// For frames meant for this one alone.
    pub session: Recipient<Tell>,
    /// The shard of the worker where its seat is.
    pub shard: Addr<Shard>,
    /// Which worker that is, counted from 0.
    pub worker: usize,
}

impl ConnectionHandle {
    /// Sends a frame to this one. Bounded: one answer for each op, of which a session has a limited number under way.
    pub(crate) fn tell(&self, frame: &Frame) {
        self.session.do_send(Tell::Frame(frame.encode().into()));
    }

    /// Says that its op is refused; bounded as [`ConnectionHandle::tell`] is.
    pub(crate) fn refuse(&self, reference: Option<String>, refusal: Refusal) {
        self.session.do_send(Tell::Refused(reference, refusal));
    }

    /// Ends the connection. Its seat is told, not its session: one whose client does not read would never hear of it.
    pub(crate) fn close(&self, close: Close) {
        // Once or twice in the life of a connection; a full mailbox must not save it.
        self.shard.do_send(Dismiss { stream_id: self.stream, connection: self.connection, close });
    }
}

/// Where the reply to a reaction goes.
pub(crate) enum ReactionReply {
    /// Nowhere: it had no `ref`.
    Nowhere,
    Session(ConnectionHandle, String),
    /// To a REST handler.
    Rest(oneshot::Sender<Result<(), Refusal>>),
}

impl ReactionReply {
    /// Says what became of it.
    pub(crate) fn give(self, done: Result<(), Refusal>) {
        match (self, done) {
            (ReactionReply::Nowhere, _) => {}
            (ReactionReply::Rest(reply), done) => drop(reply.send(done)),
            (ReactionReply::Session(handle, reference), Ok(())) => {
                handle.tell(&Frame::Ack(Ack { reference: Some(reference), op: "react", comment: None }));
            }
            (ReactionReply::Session(handle, reference), Err(refusal)) => {
                handle.refuse(Some(reference), refusal);
            }
        }
    }
}
