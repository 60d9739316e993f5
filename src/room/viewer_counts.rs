//! How many watch each stream, for lists and profiles: rooms write what they show, handlers read it, and ask the other nodes of
//! streams that have no room here. It must not know who watches.

use crate::{bus::presence::Presence, domain::StreamId};
use parking_lot::RwLock;
use std::{cmp::Reverse, collections::HashMap, sync::Arc};

/// Viewers by stream; streams that nobody watches are absent. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct ViewerCounts {
    rooms: Arc<RwLock<HashMap<StreamId, Viewers>>>,
    presence: Presence,
}

/// How many watch a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Viewers {
    /// By this node.
    pub here: u64,
    /// On all nodes, as far as its room knows.
    pub shown: u64,
}

impl ViewerCounts {
    /// No room says anything yet.
    pub(crate) fn new(presence: Presence) -> Self {
        Self { rooms: Arc::default(), presence }
    }

    /// How many watch a stream.
    pub(crate) async fn of(&self, stream: StreamId) -> u64 {
        self.of_all(&[stream]).await.remove(&stream).unwrap_or(0)
    }

    /// How many watch these; those that nobody watches may be absent.
    pub(crate) async fn of_all(&self, streams: &[StreamId]) -> HashMap<StreamId, u64> {
        let mut known = self.shown_in_rooms(streams);
        let others: Vec<StreamId> =
            streams.iter().filter(|stream| !known.contains_key(stream)).copied().collect();
        if !others.is_empty()
            && let Some(viewers) = self.presence.viewers(&others).await
        {
            known.extend(others.into_iter().zip(viewers));
        }
        known
    }

    fn shown_in_rooms(&self, streams: &[StreamId]) -> HashMap<StreamId, u64> {
        let rooms = self.rooms.read();
        streams.iter().filter_map(|stream| Some((*stream, rooms.get(stream)?.shown))).collect()
    }

    /// The streams with the most viewers, most first, at most `count`.
    pub(crate) async fn top(&self, count: usize) -> Vec<(StreamId, u64)> {
        let elsewhere = self.presence.top(count).await.unwrap_or_default();
        let mut viewers: HashMap<StreamId, u64> = elsewhere.into_iter().collect();
        // A room here knows it sooner.
        viewers.extend(self.rooms.read().iter().map(|(&stream, viewers)| (stream, viewers.shown)));
        let mut top: Vec<_> = viewers.into_iter().collect();
        top.sort_by_key(|&(stream, viewers)| (Reverse(viewers), stream));
        top.truncate(count);
        top
    }

    /// How many streams somebody watches by this node.
    pub(crate) fn watched_here(&self) -> usize {
        self.rooms.read().values().filter(|viewers| viewers.here > 0).count()
    }

    /// A room says how many it has.
    pub(crate) fn set(&self, stream: StreamId, viewers: Viewers) {
        let mut rooms = self.rooms.write();
        match viewers.shown {
            0 => drop(rooms.remove(&stream)),
            _ => drop(rooms.insert(stream, viewers)),
        }
    }
}
