//! How a connection is reached from its room: its session for frames meant for it alone, its shard for its end.
//! It must not know what a frame says, nor what a socket is.

use super::shard::{Dismiss, Shard};
use crate::{
    domain::{ConnectionId, StreamId},
    wire::{Close, Frame, Refusal},
};
use actix::prelude::*;
use std::sync::Arc;

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
