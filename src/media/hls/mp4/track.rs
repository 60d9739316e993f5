//! The boxes of one track that say what it is, which files with and without fragments share.
//! It must not know its samples.

use super::{
    Unwritable,
    entry::{self, OPUS_RATE},
};
use crate::media::sample::{AudioConfig, VIDEO_CLOCK, VideoConfig};
use mp4_atom::{
    Dinf, Dref, DrefEntry, FixedPoint, FourCC, Hdlr, Mdhd, Mdia, Minf, Smhd, Stbl, Stsd, Tkhd, Trak, Url,
    Vmhd,
};

/// Numbers of the tracks in every file of ours.
pub(super) const VIDEO: u32 = 1;
pub(super) const AUDIO: u32 = 2;

/// The track of the pictures, without any.
pub(super) fn video(config: &VideoConfig) -> Result<Trak, Unwritable> {
    let tkhd = Tkhd {
        width: FixedPoint::new(config.width, 0),
        height: FixedPoint::new(config.height, 0),
        ..head(VIDEO)
    };
    let minf = Minf { vmhd: Some(Vmhd::default()), ..media(entry::video(config)?) };
    Ok(track(tkhd, VIDEO_CLOCK, b"vide", minf))
}

/// The track of the sound, without any.
pub(super) fn audio(config: &AudioConfig) -> Trak {
    let tkhd = Tkhd { volume: FixedPoint::new(1, 0), ..head(AUDIO) };
    let minf = Minf { smhd: Some(Smhd::default()), ..media(entry::audio(config)) };
    track(tkhd, rate(config), b"soun", minf)
}

/// Ticks a second of a sound's times.
pub(in crate::media::hls) fn rate(config: &AudioConfig) -> u32 {
    match config {
        AudioConfig::Opus { .. } => OPUS_RATE,
        AudioConfig::Aac { rate, .. } => *rate,
    }
}

fn head(track_id: u32) -> Tkhd {
    Tkhd { track_id, enabled: true, in_movie: true, ..Tkhd::default() }
}

fn media(codec: mp4_atom::Codec) -> Minf {
    let here = Dref { entries: vec![DrefEntry::Url(Url::default())] };
    let stbl = Stbl { stsd: Stsd { codecs: vec![codec] }, ..Stbl::default() };
    Minf { dinf: Dinf { dref: here }, stbl, ..Minf::default() }
}

fn track(tkhd: Tkhd, timescale: u32, handler: &[u8; 4], minf: Minf) -> Trak {
    let mdhd = Mdhd { timescale, language: "und".to_owned(), ..Mdhd::default() };
    let hdlr = Hdlr { handler: FourCC::new(handler), name: String::new() };
    Trak { tkhd, mdia: Mdia { mdhd, hdlr, minf }, ..Trak::default() }
}
