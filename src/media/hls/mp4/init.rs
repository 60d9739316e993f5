//! What every segment of a run is decoded with: its tracks, and that fragments follow.
//! It must not know those fragments.

use super::{Unwritable, track};
use crate::media::sample::{AudioConfig, VIDEO_CLOCK, VideoConfig};
use bytes::Bytes;
use mp4_atom::{Encode, FixedPoint, Ftyp, Moov, Mvex, Mvhd, Stco, Trex};

/// The file `init.mp4` of a run.
pub(in crate::media::hls) fn init(video: &VideoConfig, audio: &AudioConfig) -> Result<Bytes, Unwritable> {
    let mut tracks = [track::video(video)?, track::audio(audio)];
    // ISO/IEC 14496-12, 8.7.5: there must be a table of chunks, also of none.
    tracks.iter_mut().for_each(|track| track.mdia.minf.stbl.stco = Some(Stco::default()));
    let defaults = tracks.iter().map(|track| Trex {
        track_id: track.tkhd.track_id,
        default_sample_description_index: 1,
        ..Trex::default()
    });
    let moov = Moov {
        mvhd: Mvhd {
            timescale: VIDEO_CLOCK,
            next_track_id: tracks.len() as u32 + 1,
            rate: FixedPoint::new(1, 0),
            volume: FixedPoint::new(1, 0),
            ..Mvhd::default()
        },
        mvex: Some(Mvex { mehd: None, trex: defaults.collect() }),
        trak: tracks.into(),
        ..Moov::default()
    };
    let mut bytes = Vec::new();
    kind().encode(&mut bytes)?;
    moov.encode(&mut bytes)?;
    Ok(bytes.into())
}

fn kind() -> Ftyp {
    let brands = [b"iso6", b"cmfc", b"mp41"];
    Ftyp {
        major_brand: b"iso6".into(),
        minor_version: 0,
        compatible_brands: brands.iter().map(|brand| (*brand).into()).collect(),
    }
}
