//! Answers: where what became of a comment or a reaction is told, over a socket or to a REST handler.
//! They must not know why it became so.

use super::{refuse, tell};
use crate::{
    room::message::{Line, Posted},
    wire::{
        frame::{Ack, CommentAck, Frame, HeldState},
        problem::Refusal,
    },
};
use tokio::sync::oneshot;

/// Where an answer goes.
pub enum Answer {
    /// To a session, with its op's `ref`.
    Session(Line, Option<String>),
    /// To a REST handler.
    Rest(oneshot::Sender<Result<Posted, Refusal>>),
}

impl Answer {
    /// Says what became of a comment.
    pub fn give(self, posted: Result<Posted, Refusal>) {
        match self {
            Answer::Rest(answer) => drop(answer.send(posted)),
            Answer::Session(line, reference) => match posted {
                Ok(posted) => tell(&line, &answer_frame(reference, posted)),
                Err(refusal) => refuse(&line, reference, refusal),
            },
        }
    }
}

fn answer_frame(reference: Option<String>, posted: Posted) -> Frame {
    match posted {
        Posted::Visible { comment, duplicate } => {
            let ack = CommentAck { id: comment.id, seq: comment.seq, duplicate, comment };
            Frame::Ack(Ack { reference, op: "comment", comment: Some(ack) })
        }
        Posted::Held(comment_id) => Frame::Held { reference, comment_id, state: HeldState::Held },
        Posted::Rejected(comment_id) => Frame::Held { reference, comment_id, state: HeldState::Rejected },
    }
}

/// Where the answer to a reaction goes.
pub enum ReactionAnswer {
    /// Nowhere: it had no `ref`.
    Nowhere,
    /// To a session.
    Session(Line, String),
    /// To a REST handler.
    Rest(oneshot::Sender<Result<(), Refusal>>),
}

impl ReactionAnswer {
    /// Says what became of it.
    pub fn give(self, done: Result<(), Refusal>) {
        match (self, done) {
            (ReactionAnswer::Nowhere, _) => {}
            (ReactionAnswer::Rest(answer), done) => drop(answer.send(done)),
            (ReactionAnswer::Session(line, reference), Ok(())) => {
                tell(&line, &Frame::Ack(Ack { reference: Some(reference), op: "react", comment: None }));
            }
            (ReactionAnswer::Session(line, reference), Err(refusal)) => {
                refuse(&line, Some(reference), refusal);
            }
        }
    }
}

/// The first is told what became of the comment, who repeated it meanwhile that it was a repeat.
pub fn answer_all(answers: Vec<Answer>, posted: Result<Posted, Refusal>) {
    let mut is_first = true;
    for answer in answers {
        let posted = match posted.clone() {
            Ok(Posted::Visible { comment, duplicate }) => {
                Ok(Posted::Visible { comment, duplicate: duplicate || !is_first })
            }
            other => other,
        };
        is_first = false;
        answer.give(posted);
    }
}
