//! Coded pictures and sound as sources give them and outputs take them.
//! It must not know any protocol or container.

use bytes::Bytes;
use std::sync::Arc;

/// Ticks a second of all times of pictures.
pub(crate) const VIDEO_CLOCK: u32 = 90_000;

/// What the H.264 pictures that follow are coded with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VideoConfig {
    /// Sequence parameter set, a whole NAL unit without start code or length.
    pub sps: Bytes,
    /// Picture parameter set, the same.
    pub pps: Bytes,
    /// In pixels, cropped.
    pub width: u16,
    /// In pixels, cropped.
    pub height: u16,
}

/// One coded picture: an access unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodedPicture {
    /// When it is decoded, in ticks of [`VIDEO_CLOCK`] since the run began; grows from one to the next.
    pub at: i64,
    /// How much later than that it is shown, in the same ticks: 0 for all, unless the encoder makes B-frames.
    pub shown_after: i32,
    /// Whether decoding can begin here.
    pub is_key: bool,
    /// NAL units, each behind its length in 4 bytes, big-endian; without access unit delimiters and parameter sets.
    pub nals: Bytes,
}

/// What the sound that follows is coded with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AudioConfig {
    /// Its clock is 48,000 a second, whatever was recorded.
    Opus { channels: u8 },
    /// `specific` is its AudioSpecificConfig (ISO/IEC 14496-3); `rate` its clock and its samples a second.
    Aac { specific: Bytes, rate: u32, channels: u8 },
}

/// One coded piece of sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CodedSound {
    /// When it begins, in ticks of its own clock since the run began; pictures and sound of a run begin at one moment.
    pub at: i64,
    /// How long it is, in the same ticks.
    pub length: u32,
    pub data: Bytes,
}

/// What a source says, in order. Configurations come before what they are of, and again where they change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sample {
    VideoConfig(Arc<VideoConfig>),
    AudioConfig(Arc<AudioConfig>),
    Picture(CodedPicture),
    Sound(CodedSound),
}
