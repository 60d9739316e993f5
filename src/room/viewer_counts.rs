//! How many watch each stream on this node, for lists and profiles: written by rooms, read by handlers.
//! It must not know who they are.

use crate::domain::StreamId;
use parking_lot::RwLock;
use std::{collections::HashMap, sync::Arc};

/// Viewers by stream; streams that nobody watches are absent. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct ViewerCounts {
    viewers: Arc<RwLock<HashMap<StreamId, u64>>>,
}

impl ViewerCounts {
    /// How many watch a stream.
    pub(crate) fn of(&self, stream: StreamId) -> u64 {
        self.viewers.read().get(&stream).copied().unwrap_or(0)
    }

    /// The streams with the most viewers, most first, at most `count`.
    pub(crate) fn top(&self, count: usize) -> Vec<(StreamId, u64)> {
        let mut all: Vec<_> =
            self.viewers.read().iter().map(|(&stream, &viewers)| (stream, viewers)).collect();
        all.sort_by_key(|&(stream, viewers)| (std::cmp::Reverse(viewers), stream));
        all.truncate(count);
        all
    }

    /// A room says how many it has.
    pub(crate) fn set(&self, stream: StreamId, viewers: u64) {
        let mut all = self.viewers.write();
        match viewers {
            0 => drop(all.remove(&stream)),
            viewers => drop(all.insert(stream, viewers)),
        }
    }
}
