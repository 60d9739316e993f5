//! The header within an FLV tag: which codec, and whether configuration or content (Adobe's FLV 10.1, annex E.4).
//! It must not know what came before, nor what is in a codec's own bytes.

use crate::media::rtmp::refusal::Refusal;
use bytes::{Buf, Bytes};

const AVC: u8 = 7;
const AAC: u8 = 10;
/// A frame type that carries no picture.
const COMMAND_FRAME: u8 = 5;
/// Set where a FourCC names the codec, in Enhanced RTMP's tags.
const IS_ENHANCED: u8 = 0x80;
/// The sound format of Enhanced RTMP's tags.
const ENHANCED_SOUND: u8 = 9;

/// What a tag carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// An `avcC` record or an AudioSpecificConfig.
    Config(Bytes),
    /// NAL units behind lengths, and how many milliseconds later than decoded they are shown.
    Picture { shown_after: i32, nals: Bytes },
    /// One frame of AAC.
    Sound(Bytes),
    /// Nothing that is wanted.
    Nothing,
}

/// Reads a tag of pictures.
pub(super) fn video(mut body: Bytes) -> Result<Tag, Refusal> {
    let Some(&first) = body.first() else { return Ok(Tag::Nothing) };
    if first & IS_ENHANCED != 0 {
        return Err(Refusal::Codec(four_cc(body.get(1..5))));
    }
    if first >> 4 == COMMAND_FRAME {
        return Ok(Tag::Nothing);
    }
    if first & 15 != AVC {
        return Err(Refusal::Codec(video_codec(first & 15).to_owned()));
    }
    let &[_, packet_type, high, mid, low, ..] = &body[..] else {
        return Err(Refusal::Media("a picture without its header".to_owned()));
    };
    body.advance(5);
    // The sign is in the highest of 24 bits.
    let shown_after = i32::from_be_bytes([high, mid, low, 0]) >> 8;
    match packet_type {
        0 => Ok(Tag::Config(body)),
        1 => Ok(Tag::Picture { shown_after, nals: body }),
        _ => Ok(Tag::Nothing),
    }
}

/// Reads a tag of sound.
pub(super) fn audio(mut body: Bytes) -> Result<Tag, Refusal> {
    let Some(&first) = body.first() else { return Ok(Tag::Nothing) };
    match first >> 4 {
        AAC => {}
        ENHANCED_SOUND => return Err(Refusal::Codec(four_cc(body.get(1..5)))),
        other => return Err(Refusal::Codec(audio_codec(other).to_owned())),
    }
    let Some(&packet_type) = body.get(1) else { return Ok(Tag::Nothing) };
    body.advance(2);
    match packet_type {
        0 => Ok(Tag::Config(body)),
        1 if !body.is_empty() => Ok(Tag::Sound(body)),
        _ => Ok(Tag::Nothing),
    }
}

/// A codec as hosts know it, by its FourCC.
fn four_cc(code: Option<&[u8]>) -> String {
    match code.unwrap_or_default() {
        b"hvc1" => "HEVC (H.265)",
        b"av01" => "AV1",
        b"vp09" => "VP9",
        b"vp08" => "VP8",
        b"vvc1" => "VVC (H.266)",
        b"avc1" => "H.264 in the tags of Enhanced RTMP",
        b"Opus" => "Opus by RTMP",
        b"fLaC" => "FLAC",
        b"ac-3" => "AC-3",
        b"ec-3" => "E-AC-3",
        b".mp3" => "MP3",
        b"mp4a" => "AAC in the tags of Enhanced RTMP",
        _ => "a codec that Enhanced RTMP does not know",
    }
    .to_owned()
}

fn video_codec(id: u8) -> &'static str {
    match id {
        2 => "Sorenson H.263",
        3 | 6 => "Screen video",
        4 | 5 => "VP6",
        12 => "HEVC (H.265)",
        13 => "AV1",
        _ => "an unknown video codec",
    }
}

fn audio_codec(format: u8) -> &'static str {
    match format {
        0 | 3 => "PCM",
        1 => "ADPCM",
        2 | 14 => "MP3",
        4..=6 => "Nellymoser",
        7 | 8 => "G.711",
        11 => "Speex",
        13 => "Opus by RTMP",
        _ => "an unknown audio codec",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn video_of(bytes: &'static [u8]) -> Result<Tag, Refusal> {
        video(Bytes::from_static(bytes))
    }

    fn audio_of(bytes: &'static [u8]) -> Result<Tag, Refusal> {
        audio(Bytes::from_static(bytes))
    }

    #[test]
    fn what_is_carried_is_told_apart() {
        let body = Bytes::from_static(&[1, 2]);
        assert_eq!(video_of(&[0x17, 0, 0, 0, 0, 1, 2]), Ok(Tag::Config(body.clone())));
        let later = Tag::Picture { shown_after: 80, nals: body.clone() };
        assert_eq!(video_of(&[0x27, 1, 0, 0, 80, 1, 2]), Ok(later));
        let earlier = Tag::Picture { shown_after: -2, nals: body.clone() };
        assert_eq!(video_of(&[0x27, 1, 255, 255, 254, 1, 2]), Ok(earlier));
        assert_eq!(audio_of(&[0xaf, 0, 1, 2]), Ok(Tag::Config(body.clone())));
        assert_eq!(audio_of(&[0xaf, 1, 1, 2]), Ok(Tag::Sound(body)));
    }

    #[test]
    fn what_carries_nothing_is_passed_over() {
        for tag in [&[][..], &[0x57, 0], &[0x17, 2, 0, 0, 0]] {
            assert_eq!(video_of(tag), Ok(Tag::Nothing));
        }
        for tag in [&[][..], &[0xaf], &[0xaf, 1], &[0xaf, 7, 1]] {
            assert_eq!(audio_of(tag), Ok(Tag::Nothing));
        }
        assert!(matches!(video_of(&[0x17, 1, 0, 0]), Err(Refusal::Media(_))));
    }

    #[test]
    fn other_codecs_are_refused_by_their_names() {
        let name = |read: Result<Tag, Refusal>| match read {
            Err(Refusal::Codec(name)) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(name(video_of(b"\x90hvc1")), "HEVC (H.265)");
        assert_eq!(name(video_of(b"\x91av01")), "AV1");
        assert_eq!(name(video_of(b"\x90h")), "a codec that Enhanced RTMP does not know");
        assert_eq!(name(video_of(&[0x1c, 0])), "HEVC (H.265)");
        assert_eq!(name(video_of(&[0x12, 0])), "Sorenson H.263");
        assert_eq!(name(audio_of(&[0x2f, 0])), "MP3");
        assert_eq!(name(audio_of(&[0xb6, 0])), "Speex");
        assert_eq!(name(audio_of(b"\x90Opus")), "Opus by RTMP");
    }
}
