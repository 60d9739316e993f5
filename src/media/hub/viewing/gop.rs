//! The packets since the last keyframe, kept so that who joins sees a picture at once.
//! It must not know who joins, nor read the clock.

use crate::media::packet::{Codec, Packet, ticks_between};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Older than this, decoding all of it would keep who joins longer than waiting.
pub(crate) const AGE_MAX: Duration = Duration::from_secs(12);
/// Pictures whose late packets are still known to be theirs.
const RECENT: usize = 64;

/// A packet with the number of its picture, counted from the source's first.
#[derive(Clone, Debug)]
pub(crate) struct Numbered {
    pub picture: u64,
    pub packet: Packet,
}

/// What a packet was to the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pushed {
    pub picture: u64,
    /// Whether a keyframe has begun with it: what came before is forgotten.
    pub is_new_keyframe: bool,
    /// Whether its picture is shown before one that came earlier, as with B-frames.
    pub goes_back: bool,
}

/// The cache of one source.
#[derive(Debug)]
pub(crate) struct Gop {
    bytes_max: usize,
    bytes: usize,
    /// In order of their sequence numbers.
    packets: VecDeque<Numbered>,
    /// When the keyframe came that they begin with; none while there is none, and only the newest picture is kept.
    begun: Option<Instant>,
    keyframe: Option<u64>,
    /// Timestamps of the last pictures, with their numbers.
    recent: VecDeque<(u32, u64)>,
    next_picture: u64,
    /// Sequence number and timestamp of the newest packet.
    newest: Option<(u64, u32)>,
}

/// B-frames reach back by some pictures, at ever so few a second. A time that steps back further is another beginning.
fn is_reordered(ticks: i32) -> bool {
    const FARTHEST: i32 = 5 * 90_000;
    (-FARTHEST..0).contains(&ticks)
}

impl Gop {
    /// An empty cache for at most so many bytes.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            bytes: 0,
            packets: VecDeque::new(),
            begun: None,
            keyframe: None,
            recent: VecDeque::new(),
            next_picture: 0,
            newest: None,
        }
    }

    /// Keeps a packet; `is_key` says that it is of a keyframe. None for one so late that its picture is forgotten.
    pub(crate) fn push(&mut self, packet: Packet, is_key: bool) -> Option<Pushed> {
        let (picture, is_new) = self.picture(&packet)?;
        let goes_back = is_new
            && self
                .newest
                .is_some_and(|(seq, at)| seq < packet.seq && is_reordered(ticks_between(at, packet.at)));
        if self.newest.is_none_or(|(seq, _)| seq < packet.seq) {
            self.newest = Some((packet.seq, packet.at));
        }
        if is_new && self.begun.is_none() {
            self.clear();
        }
        let arrived = packet.arrived;
        let is_new_keyframe = is_key && self.keyframe.is_none_or(|keyframe| keyframe < picture);
        if is_new_keyframe {
            self.begin(picture, arrived);
        }
        if self.keyframe.is_none_or(|keyframe| picture >= keyframe) {
            self.insert(Numbered { picture, packet });
        }
        let is_old = self.begun.is_some_and(|begun| arrived.saturating_duration_since(begun) > AGE_MAX);
        if is_old || self.bytes > self.bytes_max {
            self.clear();
            self.begun = None;
        }
        Some(Pushed { picture, is_new_keyframe, goes_back })
    }

    /// The number of a packet's picture, and whether it is the first of it.
    fn picture(&mut self, packet: &Packet) -> Option<(u64, bool)> {
        if let Some((_, known)) = self.recent.iter().rev().find(|(at, _)| *at == packet.at) {
            return Some((*known, false));
        }
        if self.packets.front().is_some_and(|first| packet.seq < first.packet.seq) {
            return None;
        }
        let number = self.next_picture;
        self.next_picture += 1;
        self.recent.push_back((packet.at, number));
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        Some((number, true))
    }

    fn begin(&mut self, picture: u64, arrived: Instant) {
        self.packets.retain(|kept| kept.picture == picture);
        self.bytes = self.packets.iter().map(|kept| kept.packet.payload.len()).sum();
        self.begun = Some(arrived);
        self.keyframe = Some(picture);
    }

    fn insert(&mut self, numbered: Numbered) {
        let seq = numbered.packet.seq;
        let place = self.packets.partition_point(|kept| kept.packet.seq < seq);
        if self.packets.get(place).is_some_and(|kept| kept.packet.seq == seq) {
            return;
        }
        self.bytes += numbered.packet.payload.len();
        self.packets.insert(place, numbered);
    }

    fn clear(&mut self) {
        self.packets.clear();
        self.bytes = 0;
    }

    /// What decoding can begin with: the first packet and the number of its picture; none without a keyframe.
    pub(crate) fn first(&self) -> Option<&Numbered> {
        self.begun.and_then(|_| self.packets.front())
    }

    /// The picture that decoding can begin with; another one tells that the cache has begun anew.
    pub(crate) fn keyframe(&self) -> Option<u64> {
        self.begun.and(self.keyframe)
    }

    /// How old the keyframe is that it begins with.
    pub(crate) fn age(&self, now: Instant) -> Option<Duration> {
        self.begun.map(|begun| now.saturating_duration_since(begun))
    }

    /// The newest packet.
    pub(crate) fn last(&self) -> Option<&Numbered> {
        self.packets.back()
    }

    /// The packet after that of a sequence number.
    pub(crate) fn after(&self, seq: u64) -> Option<&Numbered> {
        self.packets.get(self.packets.partition_point(|kept| kept.packet.seq <= seq))
    }

    /// The codec of what is in it.
    pub(crate) fn codec(&self) -> Option<Codec> {
        self.packets.front().map(|kept| kept.packet.codec)
    }
}

#[cfg(test)]
#[path = "gop_tests.rs"]
mod tests;
