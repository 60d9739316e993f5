//! One keyframe as a whole MP4, which a page shows as a picture without anybody decoding it here.
//! It must not know which keyframe.

use super::{Unwritable, track};
use crate::media::sample::{CodedPicture, VIDEO_CLOCK, VideoConfig};
use bytes::{BufMut, Bytes};
use mp4_atom::{
    Encode, FixedPoint, Ftyp, Moov, Mvhd, Stco, Stsc, StscEntry, Stsz, StszSamples, Stts, SttsEntry, Trak,
};

/// More bytes than this are not worth a card on a page.
pub(in crate::media::hls) const POSTER_BYTES_MAX: usize = 512 << 10;
/// Where the picture begins within the box of bytes.
const HEADER_BYTES: usize = 8;

/// A video of a second that has this picture alone.
pub(in crate::media::hls) fn poster(
    config: &VideoConfig,
    picture: &CodedPicture,
) -> Result<Bytes, Unwritable> {
    let size = u32::try_from(picture.nals.len()).map_err(|_| Unwritable)?;
    let head = |offset: usize| -> Result<Vec<u8>, Unwritable> {
        let mut bytes = Vec::new();
        kind().encode(&mut bytes)?;
        let trak = track_of_one(track::video(config)?, size, offset as u32);
        let mvhd = Mvhd {
            timescale: VIDEO_CLOCK,
            duration: VIDEO_CLOCK.into(),
            next_track_id: 2,
            rate: FixedPoint::new(1, 0),
            volume: FixedPoint::new(1, 0),
            ..Mvhd::default()
        };
        Moov { mvhd, trak: vec![trak], ..Moov::default() }.encode(&mut bytes)?;
        Ok(bytes)
    };
    // How long the head is does not depend on the offset in it.
    let mut bytes = head(head(0)?.len() + HEADER_BYTES)?;
    bytes.put_u32(HEADER_BYTES as u32 + size);
    bytes.put_slice(b"mdat");
    bytes.put_slice(&picture.nals);
    Ok(bytes.into())
}

fn track_of_one(mut track: Trak, size: u32, offset: u32) -> Trak {
    track.tkhd.duration = VIDEO_CLOCK.into();
    track.mdia.mdhd.duration = VIDEO_CLOCK.into();
    let table = &mut track.mdia.minf.stbl;
    table.stts = Stts { entries: vec![SttsEntry { sample_count: 1, sample_delta: VIDEO_CLOCK }] };
    table.stsc = Stsc {
        entries: vec![StscEntry { first_chunk: 1, samples_per_chunk: 1, sample_description_index: 1 }],
    };
    table.stsz = Stsz { samples: StszSamples::Identical { count: 1, size } };
    table.stco = Some(Stco { entries: vec![offset] });
    track
}

fn kind() -> Ftyp {
    let brands = [b"isom", b"avc1", b"mp41"];
    Ftyp {
        major_brand: b"isom".into(),
        minor_version: 0,
        compatible_brands: brands.iter().map(|brand| (*brand).into()).collect(),
    }
}
