//! Who comes in and where they begin to read, and which workers have somebody to be told.
//! It must not know what is true in the room.

use crate::{
    domain::{ConnectionId, Seq},
    room::fanout::shard::Shard,
    wire::{
        frame::{Pulse, You},
        picture::PictureFrame,
    },
};
use actix::Addr;
use std::{sync::Arc, time::Instant};

/// Where a newcomer begins to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// A viewer, with everything of now.
    Snapshot,
    /// A viewer who has read up to a place.
    Resume(Since),
    /// A reader of the event stream, from now on or after a place.
    Reader(Option<Since>),
}

/// What has been read: up to here, in this epoch (the one in force where none is named).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Since {
    pub seq: Seq,
    /// The epoch of its log.
    pub epoch: Option<String>,
}

impl Opening {
    /// What has been read already.
    pub(crate) fn since(&self) -> Option<&Since> {
        match self {
            Opening::Resume(since) | Opening::Reader(Some(since)) => Some(since),
            Opening::Snapshot | Opening::Reader(None) => None,
        }
    }

    /// Readers are not counted as viewers.
    pub(crate) fn counts(&self) -> bool {
        !matches!(self, Opening::Reader(_))
    }
}

/// What became of a join.
#[derive(Debug)]
pub(crate) struct Joined {
    pub you: You,
    /// The epoch in force.
    pub epoch: String,
    /// None: the seat is served at the next flush. Else there is something to be read first.
    pub behind: Option<Behind>,
}

/// What was missed is no longer in memory: read the log from `after`, say so with `to` as the head, then catch up.
#[derive(Debug)]
pub(crate) struct Behind {
    /// What has been read.
    pub after: Seq,
    /// The head at joining.
    pub to: Seq,
    pub pulse: Pulse,
    /// As they may know of it.
    pub picture: PictureFrame,
}

/// Somebody who waits for the next flush: they begin to read right after it, so that nothing of it reaches them twice.
pub(crate) struct Admission {
    pub connection: ConnectionId,
    pub opening: Opening,
    pub says_resumed: bool,
}

/// The snapshot as the audience reads it, encoded once for all who join before the next change.
pub(crate) struct CachedSnapshot {
    pub frame: Arc<str>,
    pub made_at: Instant,
}

/// A worker that has viewers of this room.
pub(crate) struct WorkerPart {
    pub worker: usize,
    pub shard: Addr<Shard>,
    pub count: usize,
}
