//! From samples to packets of Opus.
//! It must not know where samples come from.

use bytes::Bytes;
use opus_rs::{Application, OpusEncoder};

/// Samples a second of Opus, whatever was recorded.
pub(super) const RATE: u32 = 48_000;
/// Samples a channel of a packet, 20 ms.
pub(super) const PACKET: u32 = RATE / 50;
/// Bits a second for each channel.
const BITRATE: i32 = 48_000;
/// From 0 to 10: the dearer ones cannot be heard at this rate.
const COMPLEXITY: i32 = 5;
/// Longest packet of one frame (RFC 6716, section 3.4).
const PACKET_BYTES: usize = 1275;

/// One source's encoder.
pub(super) struct Encoder {
    opus: OpusEncoder,
    channels: usize,
}

impl Encoder {
    /// For one or two channels.
    pub(super) fn new(channels: usize) -> Option<Self> {
        // At such a rate Opus would choose its half for music anyway; this says so, and has less delay.
        let mut opus = OpusEncoder::new(RATE as i32, channels, Application::RestrictedLowDelay).ok()?;
        opus.bitrate_bps = BITRATE * channels as i32;
        opus.complexity = COMPLEXITY;
        Some(Encoder { opus, channels })
    }

    /// Samples of a packet, of all channels.
    pub(super) fn samples(&self) -> usize {
        PACKET as usize * self.channels
    }

    /// A packet of that many samples, interleaved; none where that goes wrong.
    pub(super) fn encode(&mut self, samples: &[f32]) -> Option<Bytes> {
        let mut packet = vec![0; PACKET_BYTES];
        let length = self.opus.encode(samples, PACKET as usize, &mut packet).ok()?;
        packet.truncate(length);
        Some(packet.into())
    }
}
