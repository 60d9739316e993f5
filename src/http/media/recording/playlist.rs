//! The playlist of a recording as text (RFC 8216): byte ranges of a film for each run.
//! It must not know who asks for it.

use crate::recordings::Entry;
use std::fmt::Write;

/// Of what is added while it grows, in seconds: as the live picture cuts where no keyframe comes.
const GROWS_BY_MAX_S: f64 = 12.0;

/// A run with its fragments.
pub(super) struct Film {
    /// Its file, beside the playlist.
    pub file: String,
    pub entries: Vec<Entry>,
}

/// A playlist of all that there is, to which more may be added where it `grows`; a run without fragments is left out.
pub(super) fn of(films: &[Film], grows: bool) -> String {
    let mut text = String::new();
    // A `String` takes whatever is written to it.
    let _ = write(&mut text, films, grows);
    text
}

fn write(text: &mut String, films: &[Film], grows: bool) -> std::fmt::Result {
    let seconds = films.iter().flat_map(|film| &film.entries).map(Entry::seconds);
    // It must not change while the playlist grows (RFC 8216, 6.2.1): no segment is longer, but where keyframes are rare.
    let target = seconds.fold(if grows { GROWS_BY_MAX_S } else { 1.0 }, f64::max).ceil();
    writeln!(text, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{target}")?;
    writeln!(text, "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:{}", if grows { "EVENT" } else { "VOD" })?;
    let mut is_first = true;
    for Film { file, entries } in films {
        let Some(first) = entries.first() else { continue };
        if !std::mem::take(&mut is_first) {
            writeln!(text, "#EXT-X-DISCONTINUITY")?;
        }
        writeln!(text, "#EXT-X-MAP:URI=\"{file}\",BYTERANGE=\"{}@0\"", first.offset)?;
        for entry in entries {
            writeln!(text, "#EXTINF:{:.5},", entry.seconds())?;
            writeln!(text, "#EXT-X-BYTERANGE:{}@{}\n{file}", entry.bytes, entry.offset)?;
        }
    }
    if grows { Ok(()) } else { writeln!(text, "#EXT-X-ENDLIST") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(offset: u64, bytes: u32, ticks: u32) -> Entry {
        Entry { offset, bytes, ticks, is_key: true }
    }

    #[test]
    fn runs_follow_each_other_with_a_break_between_and_none_for_an_empty_one() {
        let (one, other) = ("0001.mp4?v=7".to_owned(), "0012.mp4?v=9".to_owned());
        let films = [
            Film { file: one.clone(), entries: vec![entry(700, 10, 180_000), entry(710, 20, 189_000)] },
            Film { file: "0002.mp4?v=8".to_owned(), entries: Vec::new() },
            Film { file: other.clone(), entries: vec![entry(800, 30, 90_000)] },
        ];
        let text = of(&films, false);
        let parsed = m3u8_rs::parse_media_playlist_res(text.as_bytes()).unwrap();
        assert!(parsed.end_list && parsed.playlist_type == Some(m3u8_rs::MediaPlaylistType::Vod), "{text}");
        assert_eq!(parsed.target_duration, 3);
        let told = |segment: &m3u8_rs::MediaSegment| {
            let range = segment.byte_range.as_ref().unwrap();
            (segment.uri.clone(), range.length, range.offset.unwrap(), segment.discontinuity)
        };
        let told: Vec<_> = parsed.segments.iter().map(told).collect();
        assert_eq!(
            told,
            [(one.clone(), 10, 700, false), (one, 20, 710, false), (other.clone(), 30, 800, true)]
        );
        let map = parsed.segments[2].map.as_ref().unwrap();
        assert_eq!((&map.uri, map.byte_range.as_ref().unwrap().length), (&other, 800));
        assert!((parsed.segments[1].duration - 2.1).abs() < 1e-3);
    }

    #[test]
    fn one_that_grows_has_no_end_and_the_same_target_however_long_its_segments_are() {
        let [short, long] = [90_000, 270_000].map(|ticks| {
            vec![Film { file: "0001.mp4?v=7".to_owned(), entries: vec![entry(700, 10, ticks)] }]
        });
        let parse = |films: &[Film]| m3u8_rs::parse_media_playlist_res(of(films, true).as_bytes()).unwrap();
        let (of_short, of_long) = (parse(&short), parse(&long));
        assert!(!of_short.end_list && of_short.playlist_type == Some(m3u8_rs::MediaPlaylistType::Event));
        assert_eq!(of_short.target_duration, of_long.target_duration);
    }
}
