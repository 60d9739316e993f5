//! Replies: where what became of a comment or a reaction is told, over a socket or to a REST handler.
//! They must not know why it became so.

use crate::{
    domain::CommentId,
    room::fanout::handle::ConnectionHandle,
    wire::{
        Frame, Refusal,
        frame::{Ack, CommentAck, HeldState},
        view::CommentView,
    },
};
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
