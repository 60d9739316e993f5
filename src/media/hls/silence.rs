//! Pieces of sound in which nothing is heard.
//! It must not know when they are needed.

use crate::media::sample::AudioConfig;
use bytes::Bytes;

/// One piece, and how long it is in ticks of its sound; none where there is no such piece for a configuration.
/// The bytes are what libopus and ffmpeg's AAC encoder make of silence.
pub(super) fn silence(config: &AudioConfig) -> Option<(Bytes, u32)> {
    let (bytes, length): (&'static [u8], u32) = match config {
        AudioConfig::Opus { channels: 1 } => (&[0xf8, 0xff, 0xfe], 960),
        AudioConfig::Opus { .. } => (&[0xfc, 0xff, 0xfe], 960),
        AudioConfig::Aac { channels: 1, .. } => (&[0x01, 0x18, 0x20, 0x07], 1024),
        AudioConfig::Aac { channels: 2, .. } => (&[0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c], 1024),
        AudioConfig::Aac { .. } => return None,
    };
    Some((Bytes::from_static(bytes), length))
}
