//! A fragment of both tracks: a box of times and sizes, and one of bytes.
//! It must not know why it is cut here.

use super::{Unwritable, track};
use crate::media::sample::{CodedPicture, CodedSound};
use bytes::{BufMut, Bytes, BytesMut};
use mp4_atom::{Encode, Mfhd, Moof, Tfdt, Tfhd, Traf, Trun, TrunEntry};

/// `sample_flags` of ISO/IEC 14496-12, 8.8.3.1: depends on no other sample; or depends on others and is no sync sample.
const INDEPENDENT: u32 = 0x0200_0000;
const DEPENDENT: u32 = 0x0101_0000;
/// The header of the box of bytes.
const HEADER_BYTES: usize = 8;

/// A picture whose length is known.
#[derive(Clone, Debug)]
pub(in crate::media::hls) struct Timed {
    pub picture: CodedPicture,
    /// Until the next is decoded, in ticks of pictures.
    pub length: u32,
}

/// A fragment; each track has what it is given, from the time of its first sample on. The number counts up within a run.
pub(in crate::media::hls) fn fragment(
    number: u32,
    pictures: &[Timed],
    sounds: &[CodedSound],
) -> Result<Bytes, Unwritable> {
    let video_bytes: usize = pictures.iter().map(|timed| timed.picture.nals.len()).sum();
    let audio_bytes: usize = sounds.iter().map(|sound| sound.data.len()).sum();
    let described = |header: usize| {
        let offsets = (header + HEADER_BYTES, header + HEADER_BYTES + video_bytes);
        let tracks = [video(pictures, offsets.0), audio(sounds, offsets.1)];
        let moof =
            Moof { mfhd: Mfhd { sequence_number: number }, traf: tracks.into_iter().flatten().collect() };
        let mut bytes = Vec::new();
        moof.encode(&mut bytes).map(|()| bytes)
    };
    // Offsets count from the beginning of the box that holds them, whose size does not depend on them.
    let header = described(described(0)?.len())?;
    let length = u32::try_from(HEADER_BYTES + video_bytes + audio_bytes).map_err(|_| Unwritable)?;
    let mut bytes = BytesMut::with_capacity(header.len() + length as usize);
    bytes.put_slice(&header);
    bytes.put_u32(length);
    bytes.put_slice(b"mdat");
    pictures.iter().for_each(|timed| bytes.put_slice(&timed.picture.nals));
    sounds.iter().for_each(|sound| bytes.put_slice(&sound.data));
    Ok(bytes.freeze())
}

fn video(pictures: &[Timed], offset: usize) -> Option<Traf> {
    let begins = pictures.first()?.picture.at;
    let sample = |timed: &Timed| TrunEntry {
        duration: Some(timed.length),
        size: Some(timed.picture.nals.len() as u32),
        flags: Some(if timed.picture.is_key { INDEPENDENT } else { DEPENDENT }),
        cts: Some(timed.picture.shown_after.into()),
    };
    Some(run(track::VIDEO, begins, offset, pictures.iter().map(sample).collect()))
}

/// A sound lasts until the next one of this fragment, so that one that was lost leaves silence and no hole.
fn audio(sounds: &[CodedSound], offset: usize) -> Option<Traf> {
    let begins = sounds.first()?.at;
    let nexts = sounds.iter().skip(1).map(|next| Some(next.at)).chain([None]);
    let sample = |(sound, next): (&CodedSound, Option<i64>)| TrunEntry {
        duration: Some(next.map_or(sound.length, |next| (next - sound.at) as u32)),
        size: Some(sound.data.len() as u32),
        flags: Some(INDEPENDENT),
        cts: None,
    };
    Some(run(track::AUDIO, begins, offset, sounds.iter().zip(nexts).map(sample).collect()))
}

fn run(track_id: u32, begins: i64, offset: usize, samples: Vec<TrunEntry>) -> Traf {
    Traf {
        tfhd: Tfhd { track_id, default_base_is_moof: true, ..Tfhd::default() },
        tfdt: Some(Tfdt { base_media_decode_time: begins.max(0).cast_unsigned() }),
        trun: vec![Trun { data_offset: Some(offset as i32), samples: samples.into() }],
        ..Traf::default()
    }
}
