//! How many watch each stream that has a room on this node, for lists and profiles: written by rooms, read by handlers.
//! It must not know who they are.

use crate::domain::StreamId;
use parking_lot::RwLock;
use std::{collections::HashMap, sync::Arc};

/// Viewers by stream; streams that nobody watches are absent. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct ViewerCounts {
    viewers: Arc<RwLock<HashMap<StreamId, Viewers>>>,
}

/// How many watch a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Viewers {
    /// By this node.
    pub here: u64,
    /// On all nodes, as far as is known here.
    pub shown: u64,
}

impl ViewerCounts {
    /// How many watch a stream.
    pub(crate) fn of(&self, stream: StreamId) -> u64 {
        self.viewers.read().get(&stream).map_or(0, |viewers| viewers.shown)
    }

    /// The streams with the most viewers, most first, at most `count`.
    pub(crate) fn top(&self, count: usize) -> Vec<(StreamId, u64)> {
        let mut all: Vec<_> =
            self.viewers.read().iter().map(|(&stream, viewers)| (stream, viewers.shown)).collect();
        all.sort_by_key(|&(stream, viewers)| (std::cmp::Reverse(viewers), stream));
        all.truncate(count);
        all
    }

    /// How many streams somebody watches by this node.
    pub(crate) fn watched_here(&self) -> usize {
        self.viewers.read().values().filter(|viewers| viewers.here > 0).count()
    }

    /// A room says how many it has.
    pub(crate) fn set(&self, stream: StreamId, viewers: Viewers) {
        let mut all = self.viewers.write();
        match viewers.shown {
            0 => drop(all.remove(&stream)),
            _ => drop(all.insert(stream, viewers)),
        }
    }
}
