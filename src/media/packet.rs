//! RTP packets as they pass between sources, the hub and peers, without any peer's own numbers of payload types or streams.
//! It must not know how a packet is sent or received.

use std::{sync::Arc, time::Instant};

/// Names a peer connection, for as long as the thread runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PeerId(pub u64);

/// What a payload is coded with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Codec {
    H264,
    Vp8,
    Opus,
}

impl Codec {
    /// Ticks a second of its RTP timestamps.
    pub(crate) fn clock(self) -> u32 {
        match self {
            Codec::H264 | Codec::Vp8 => 90_000,
            Codec::Opus => 48_000,
        }
    }

    pub(crate) fn is_video(self) -> bool {
        self != Codec::Opus
    }

    /// As the host is told.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Codec::H264 => "h264",
            Codec::Vp8 => "vp8",
            Codec::Opus => "opus",
        }
    }
}

/// What a sender has said last of one of its tracks: when, by its own clock, a timestamp was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Report {
    /// Seconds of its clock, which counts for both of its tracks.
    pub wall_s: f64,
    /// The RTP timestamp of that moment.
    pub at: u32,
}

/// One packet of a source or for a viewer. Cloning shares the payload.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub codec: Codec,
    /// Extended: it does not wrap.
    pub seq: u64,
    /// RTP timestamp, in ticks of the codec's clock; wraps.
    pub at: u32,
    /// Whether it is the last of its picture.
    pub marker: bool,
    pub payload: Arc<[u8]>,
    /// When it came; on its way out, the moment that its timestamp stands for.
    pub arrived: Instant,
    pub report: Option<Report>,
}

/// How far one RTP timestamp is after another, which it may precede.
pub(crate) fn ticks_between(earlier: u32, later: u32) -> i32 {
    later.wrapping_sub(earlier).cast_signed()
}
