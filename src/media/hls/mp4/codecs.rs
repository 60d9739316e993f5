//! Codecs as playlists and browsers name them (RFC 6381).
//! It must not know boxes.

use crate::media::sample::{AudioConfig, VideoConfig};
use data_encoding::HEXLOWER;

/// The value of `CODECS`, video first.
pub(in crate::media::hls) fn codecs(video: &VideoConfig, audio: &AudioConfig) -> String {
    let video = HEXLOWER.encode(video.sps.get(1..4).unwrap_or_default());
    match audio {
        AudioConfig::Opus { .. } => format!("avc1.{video},opus"),
        AudioConfig::Aac { specific, .. } => format!("avc1.{video},mp4a.40.{}", object_type(specific)),
    }
}

/// The kind of AAC: the first five bits of its AudioSpecificConfig, or six behind them (ISO/IEC 14496-3, 1.6.2.1).
fn object_type(specific: &[u8]) -> u8 {
    match *specific {
        [first, second, ..] if first >> 3 == 31 => 32 + ((first & 7) << 3 | second >> 5),
        [first, ..] => first >> 3,
        // The one that everything sends.
        [] => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::h264::samples;
    use bytes::Bytes;

    #[test]
    fn names_are_those_that_browsers_know() {
        let video = VideoConfig {
            sps: samples::sps().into(),
            pps: Bytes::from_static(samples::PPS),
            width: 640,
            height: 360,
        };
        let aac = |specific: &'static [u8]| AudioConfig::Aac {
            specific: Bytes::from_static(specific),
            rate: 44_100,
            channels: 2,
        };
        assert_eq!(codecs(&video, &AudioConfig::Opus { channels: 2 }), "avc1.42c01e,opus");
        assert_eq!(codecs(&video, &aac(&[0x12, 0x10])), "avc1.42c01e,mp4a.40.2");
        assert_eq!(codecs(&video, &aac(&[0x2b, 0x92, 8])), "avc1.42c01e,mp4a.40.5");
        assert_eq!(codecs(&video, &aac(&[0xf9, 0x40])), "avc1.42c01e,mp4a.40.42");
    }
}
