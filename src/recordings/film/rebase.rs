//! Has the time of a film begin at nought, though its picture may have come for long: players show a film from its beginning.
//! It must not know files.

use mp4_atom::{Atom, DecodeMaybe, Encode, FourCC, Header, Mdhd, Mdia, Moof, Moov, Tkhd, Trak};
use std::{borrow::Cow, iter, time::Duration};

/// Where in the time of its picture a film begins.
#[derive(Debug)]
pub(super) struct Beginning {
    /// The number of each track, and its ticks a second.
    clocks: Vec<(u32, u32)>,
    /// Known with the first fragment.
    at: Option<Duration>,
}

impl Beginning {
    /// Of a film with this head. What is behind one that cannot be read stays as it is.
    pub(super) fn of(head: &[u8]) -> Self {
        let tracks = inside(head, Moov::KIND).flat_map(|tracks| inside(tracks, Trak::KIND));
        let clocks = tracks.filter_map(clock).filter(|(_, ticks)| *ticks > 0);
        Self { clocks: clocks.collect(), at: None }
    }

    /// A fragment in the time of the film. The first one is its beginning.
    pub(super) fn rebased<'a>(&mut self, fragment: &'a [u8]) -> Cow<'a, [u8]> {
        match self.moved(fragment) {
            Some(moved) if moved.len() == fragment.len() => Cow::Owned(moved),
            // As it came it can still be shown.
            _ => Cow::Borrowed(fragment),
        }
    }

    fn moved(&mut self, fragment: &[u8]) -> Option<Vec<u8>> {
        let mut moved = Vec::with_capacity(fragment.len());
        let mut rest = fragment;
        while !rest.is_empty() {
            let begun = rest;
            let header = Header::decode_maybe(&mut rest).ok()??;
            let (body, behind) = rest.split_at_checked(header.size?)?;
            rest = behind;
            if header.kind != Moof::KIND {
                moved.extend_from_slice(&begun[..begun.len() - rest.len()]);
                continue;
            }
            let mut times = Moof::decode_body(&mut &*body).ok()?;
            self.shift(&mut times)?;
            times.encode(&mut moved).ok()?;
        }
        Some(moved)
    }

    fn shift(&mut self, times: &mut Moof) -> Option<()> {
        let clocks = &self.clocks;
        let clock =
            |track: u32| clocks.iter().find(|(of, _)| *of == track).map(|(_, ticks)| u64::from(*ticks));
        let parts =
            || times.traf.iter().filter_map(|part| Some((part.tfdt.as_ref()?, clock(part.tfhd.track_id)?)));
        let first = parts().map(|(at, ticks)| duration(at.base_media_decode_time, ticks)).min()?;
        let over = *self.at.get_or_insert(first);
        for part in &mut times.traf {
            let (at, ticks) = (part.tfdt.as_mut()?, clock(part.tfhd.track_id)?);
            at.base_media_decode_time = at.base_media_decode_time.saturating_sub(in_ticks(over, ticks));
        }
        Some(())
    }
}

/// The number of a track, and its ticks a second. Of its boxes only those are read that say it: a track has a hundred kinds of them.
fn clock(track: &[u8]) -> Option<(u32, u32)> {
    let number = Tkhd::decode_body(&mut inside(track, Tkhd::KIND).next()?).ok()?.track_id;
    let mut times = inside(track, Mdia::KIND).flat_map(|media| inside(media, Mdhd::KIND));
    Some((number, Mdhd::decode_body(&mut times.next()?).ok()?.timescale))
}

/// What is in the boxes of a kind, up to the first that is none.
fn inside(mut rest: &[u8], kind: FourCC) -> impl Iterator<Item = &[u8]> {
    let boxes = iter::from_fn(move || {
        let header = Header::decode_maybe(&mut rest).ok()??;
        let (body, behind) = rest.split_at_checked(header.size?)?;
        rest = behind;
        Some((header.kind, body))
    });
    boxes.filter(move |(of, _)| *of == kind).map(|(_, body)| body)
}

const NANOS: u128 = 1_000_000_000;

fn duration(at: u64, ticks_a_second: u64) -> Duration {
    let nanos = u128::from(at) * NANOS / u128::from(ticks_a_second);
    Duration::from_nanos(nanos.try_into().unwrap_or(u64::MAX))
}

fn in_ticks(time: Duration, ticks_a_second: u64) -> u64 {
    (time.as_nanos() * u128::from(ticks_a_second) / NANOS).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mp4_atom::{Ftyp, Mfhd, Tfdt, Tfhd, Traf, Trun, TrunEntry};

    const PICTURES: (u32, u32) = (1, 90_000);
    const SOUNDS: (u32, u32) = (2, 48_000);

    fn head() -> Vec<u8> {
        let track = |(track_id, timescale): (u32, u32)| Trak {
            tkhd: Tkhd { track_id, ..Tkhd::default() },
            mdia: Mdia {
                mdhd: Mdhd { timescale, language: "und".to_owned(), ..Mdhd::default() },
                ..Mdia::default()
            },
            ..Trak::default()
        };
        let mut head = Vec::new();
        let kind =
            Ftyp { major_brand: FourCC::new(b"iso6"), minor_version: 0, compatible_brands: Vec::new() };
        kind.encode(&mut head).unwrap();
        Moov { trak: vec![track(PICTURES), track(SOUNDS)], ..Moov::default() }.encode(&mut head).unwrap();
        head
    }

    /// Of two parts that follow each other, in ticks of their tracks.
    fn fragment(parts: [(u64, u64); 2]) -> Vec<u8> {
        let track = |(track_id, _): (u32, u32), at: u64| {
            let sample = TrunEntry { duration: Some(3000), size: Some(9), flags: Some(0), cts: None };
            let tfhd = Tfhd { track_id, ..Tfhd::default() };
            let trun = vec![Trun { data_offset: Some(100), samples: vec![sample].into() }];
            Traf { tfhd, tfdt: Some(Tfdt { base_media_decode_time: at }), trun, ..Traf::default() }
        };
        let mut bytes = Vec::new();
        for (number, (pictures, sounds)) in parts.into_iter().enumerate() {
            let traf = vec![track(PICTURES, pictures), track(SOUNDS, sounds)];
            Moof { mfhd: Mfhd { sequence_number: number as u32 }, traf }.encode(&mut bytes).unwrap();
            bytes.extend(b"\0\0\0\x11mdata picture");
        }
        bytes
    }

    #[test]
    fn an_hour_of_a_picture_is_the_beginning_of_its_film_and_sound_stays_with_it() {
        let mut beginning = Beginning::of(&head());
        let hour = |seconds: u64| ((3600 + seconds) * 90_000 + 900, (3600 + seconds) * 48_000);
        // The sound is 10 ms before the picture.
        let film = |seconds: u64| (seconds * 90_000 + 900, seconds * 48_000);
        assert_eq!(beginning.rebased(&fragment([hour(0), hour(1)])), fragment([film(0), film(1)]));
        assert_eq!(beginning.rebased(&fragment([hour(2), hour(3)])), fragment([film(2), film(3)]));
    }

    #[test]
    fn what_cannot_be_read_is_kept_as_it_came() {
        let whole = fragment([(90_000, 48_000), (180_000, 96_000)]);
        let mut of_nothing = Beginning::of(b"no head at all");
        assert_eq!(of_nothing.rebased(&whole), whole);
        let mut beginning = Beginning::of(&head());
        for cut in 0..whole.len() {
            assert!([0, cut].contains(&beginning.rebased(&whole[..cut]).len()), "cut at {cut}");
        }
        assert_eq!(beginning.rebased(b"not a box").as_ref(), b"not a box");
    }
}
