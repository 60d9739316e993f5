//! One viewer of a stream: first the packets since the last keyframe, then each packet as it comes.
//! It must not know how a packet reaches the viewer, nor read the clock.

use super::{
    gop::{Gop, Numbered},
    rebase::Rebase,
};
use crate::media::packet::{Codec, Packet};
use std::time::{Duration, Instant};

/// What a joiner is given at once of the cache, and again each [`BURST_EVERY`], so that no queue on the way overflows.
const BURST_BYTES: usize = 64 << 10;
/// How often more of the cache is given.
pub(crate) const BURST_EVERY: Duration = Duration::from_millis(10);
/// Between cached pictures, in ticks of 90,000 a second: 1 ms, so that they are decoded, but hardly shown.
const SQUEEZED_TICKS: u32 = 90;

/// Where a viewer is in the stream.
#[derive(Debug, PartialEq, Eq)]
enum Mode {
    /// Nothing can be decoded yet.
    Waiting,
    /// Reads the cache that begins with this picture, and has what goes to this sequence number.
    Bursting { keyframe: u64, has: Option<u64> },
    /// Has all there is.
    Live,
}

/// The pictures before the newest are shown as if each had come 1 ms after the other, up to the newest's true time: all of them
/// are decoded in a moment, and who joins is not behind.
#[derive(Clone, Copy, Debug)]
struct Squeeze {
    picture: u64,
    at: u32,
    arrived: Instant,
}

impl Squeeze {
    /// Timestamp and time of a picture.
    fn of(&self, numbered: &Numbered) -> (u32, Instant) {
        let before = self.picture.saturating_sub(numbered.picture);
        if before == 0 {
            return (numbered.packet.at, numbered.packet.arrived);
        }
        let ticks = (before as u32).wrapping_mul(SQUEEZED_TICKS);
        let arrived = self.arrived.checked_sub(Duration::from_millis(before)).unwrap_or(self.arrived);
        (self.at.wrapping_sub(ticks), arrived)
    }
}

/// What one viewer has been sent, and under which numbers.
#[derive(Debug)]
pub(crate) struct Viewer {
    mode: Mode,
    video: Rebase,
    squeeze: Option<Squeeze>,
    audio: Rebase,
    /// Whether the sound of the source that is there now has begun.
    hears: bool,
    joined: Instant,
}

impl Viewer {
    /// Somebody who has got nothing yet.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            mode: Mode::Waiting,
            video: Rebase::new(Codec::H264.clock()),
            squeeze: None,
            audio: Rebase::new(Codec::Opus.clock()),
            hears: false,
            joined: now,
        }
    }

    /// Another source has taken the place of the one before.
    pub(crate) fn change_source(&mut self) {
        self.mode = Mode::Waiting;
        self.hears = false;
    }

    /// What it has is not enough to go on.
    pub(crate) fn wait_for_keyframe(&mut self) {
        self.mode = Mode::Waiting;
    }

    /// When it came.
    pub(crate) fn joined(&self) -> Instant {
        self.joined
    }

    /// Whether it has been sent any picture.
    pub(crate) fn has_seen(&self) -> bool {
        self.video.has_sent()
    }

    /// Whether it waits for a keyframe.
    pub(crate) fn is_waiting(&self) -> bool {
        self.mode == Mode::Waiting
    }

    /// Whether there is more of the cache for it.
    pub(crate) fn is_bursting(&self) -> bool {
        matches!(self.mode, Mode::Bursting { .. })
    }

    /// A packet has come, and is in the cache if that has a beginning.
    pub(crate) fn video(&mut self, numbered: &Numbered, now: Instant, send: &mut impl FnMut(Packet)) {
        let is_next = match self.mode {
            Mode::Waiting => false,
            Mode::Bursting { has, .. } => has.is_some_and(|has| numbered.packet.seq < has),
            Mode::Live => true,
        };
        if is_next {
            self.send_video(numbered, now, send);
        }
    }

    /// Gives more of the cache to who is behind.
    pub(crate) fn burst(&mut self, gop: &Gop, now: Instant, send: &mut impl FnMut(Packet)) {
        self.find_beginning(gop, now);
        let mut sent = 0;
        while let Mode::Bursting { keyframe, has } = self.mode
            && sent < BURST_BYTES
        {
            let Some(next) = has.map_or_else(|| gop.first(), |has| gop.after(has)) else {
                self.mode = Mode::Live;
                return;
            };
            sent += next.packet.payload.len();
            self.send_video(next, now, send);
            self.mode = Mode::Bursting { keyframe, has: Some(next.packet.seq) };
        }
    }

    /// Where it is to begin: at the cache's keyframe, unless it reads from there already.
    fn find_beginning(&mut self, gop: &Gop, now: Instant) {
        let (Some(keyframe), Some(first), Some(last)) = (gop.keyframe(), gop.first(), gop.last()) else {
            if self.mode != Mode::Live {
                self.mode = Mode::Waiting;
            }
            return;
        };
        let reads = match self.mode {
            Mode::Waiting => false,
            Mode::Bursting { keyframe: reads, .. } => reads == keyframe,
            Mode::Live => true,
        };
        if reads {
            return;
        }
        let newest = Squeeze { picture: last.picture, at: last.packet.at, arrived: last.packet.arrived };
        self.squeeze = Some(newest);
        self.video.begin(first.packet.seq, newest.of(first).0, now);
        self.mode = Mode::Bursting { keyframe, has: None };
    }

    fn send_video(&mut self, numbered: &Numbered, now: Instant, send: &mut impl FnMut(Packet)) {
        let packet = &numbered.packet;
        let (at, arrived) = self.squeeze.map_or((packet.at, packet.arrived), |squeeze| squeeze.of(numbered));
        if let Some((seq, at)) = self.video.map(packet.seq, at, now) {
            send(Packet { seq, at, arrived, ..packet.clone() });
        }
    }

    /// A piece of sound has come.
    pub(crate) fn audio(&mut self, packet: &Packet, now: Instant, send: &mut impl FnMut(Packet)) {
        if !self.hears {
            self.audio.begin(packet.seq, packet.at, now);
            self.hears = true;
        }
        if let Some((seq, at)) = self.audio.map(packet.seq, packet.at, now) {
            send(Packet { seq, at, ..packet.clone() });
        }
    }
}

#[cfg(test)]
#[path = "viewer_tests.rs"]
mod tests;
