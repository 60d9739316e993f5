//! Playlists as another parser reads them, against the rules of RFC 8216bis and of Apple's authoring specification.

use super::made::{BEGIN, Source, now, opus, picture, video};
use crate::{
    media::{
        hls::{Limits, Muxer, NotServed, Resource, Wanted},
        sample::{AudioConfig, Sample},
    },
    recordings::Tap,
};
use m3u8_rs::{MediaPlaylist, MediaSegment};
use std::{sync::Arc, time::Duration};

fn parse(text: &str) -> MediaPlaylist {
    m3u8_rs::parse_media_playlist_res(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// An attribute of the only line that begins so.
fn attribute(text: &str, tag: &str, name: &str) -> String {
    let line =
        text.lines().find_map(|line| line.strip_prefix(tag)).unwrap_or_else(|| panic!("{tag}\n{text}"));
    let value = line.split(',').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap();
    value.trim_matches('"').to_owned()
}

fn seconds(text: &str, tag: &str, name: &str) -> f64 {
    attribute(text, tag, name).parse().unwrap()
}

/// Lengths of parts and where they are, those of whole segments by segment, then those of the one under way.
fn parts(text: &str) -> Vec<Vec<(f64, String, bool)>> {
    let mut all = vec![Vec::new()];
    for line in text.lines() {
        if let Some(part) = line.strip_prefix("#EXT-X-PART:") {
            let part = format!("#{part}");
            let length = attribute(&part, "#", "DURATION").parse().unwrap();
            let is_independent = part.ends_with("INDEPENDENT=YES");
            all.last_mut().unwrap().push((length, attribute(&part, "#", "URI"), is_independent));
        } else if !line.starts_with('#') {
            all.push(Vec::new());
        }
    }
    all
}

/// What holds for every playlist at any time.
fn assert_rules(text: &str) -> MediaPlaylist {
    let list = parse(text);
    let target = list.target_duration as f64;
    let part_target = seconds(text, "#EXT-X-PART-INF:", "PART-TARGET");
    assert!(
        seconds(text, "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,", "PART-HOLD-BACK") >= 3.0 * part_target
    );
    for segment in &list.segments {
        assert!(f64::from(segment.duration).round() <= target, "{text}");
        assert!(segment.program_date_time.is_some(), "{text}");
    }
    let all = parts(text);
    for (segment, listed) in list.segments.iter().zip(&all) {
        let sum: f64 = listed.iter().map(|(length, ..)| length).sum();
        assert!(listed.is_empty() || (sum - f64::from(segment.duration)).abs() < 0.001, "{text}");
    }
    for segment in &all {
        for (index, (length, ..)) in segment.iter().enumerate() {
            assert!(*length <= part_target, "{text}");
            // RFC 8216bis, 4.4.4.9: only the last of a segment may be much shorter.
            let is_last = index + 1 == segment.len();
            assert!(is_last || *length >= 0.85 * part_target, "{length} of {part_target}\n{text}");
        }
        assert!(segment.first().is_none_or(|(.., is_independent)| *is_independent), "{text}");
    }
    list
}

fn numbers(segments: &[MediaSegment]) -> Vec<u64> {
    let number = |segment: &MediaSegment| match Resource::parse(&segment.uri) {
        Some(Resource::Segment { n, .. }) => n,
        other => panic!("{other:?}"),
    };
    segments.iter().map(number).collect()
}

#[test]
fn every_playlist_of_a_steady_source_keeps_the_rules() {
    for fps in [1, 5, 10, 15, 24, 25, 30, 50, 60] {
        let mut source = Source::new();
        (source.fps, source.distance) = (fps, 2 * fps);
        source.seconds(3);
        let mut last = String::new();
        for _ in 0..20 * fps {
            source.pictures(1);
            let text = source.playlist();
            assert_rules(&text);
            last = text;
        }
        let list = parse(&last);
        let first = BEGIN.0.unsigned_abs() / 1000;
        assert_eq!(list.target_duration, 2);
        assert_eq!(list.segments.len(), 8);
        assert_eq!(
            numbers(&list.segments),
            (list.media_sequence..list.media_sequence + 8).collect::<Vec<_>>()
        );
        assert!(list.media_sequence >= first + 2);
        assert!(list.segments.iter().all(|segment| (segment.duration - 2.0).abs() < 0.001));
    }
}

#[test]
fn what_a_playlist_names_can_be_fetched_and_parts_make_up_segments() {
    let mut source = Source::new();
    source.seconds(25);
    let text = source.playlist();
    let reader = &source.reader;
    let mut compared = 0;
    for (segment, listed) in parse(&text).segments.iter().zip(parts(&text)) {
        let Some(Resource::Segment { run, n }) = Resource::parse(&segment.uri) else { panic!() };
        let whole = reader.segment(run, n).unwrap();
        assert!(reader.init(run).unwrap().len() > 500);
        let part = |uri: &str| match Resource::parse(uri) {
            Some(Resource::Part { run, n, k }) => now(reader.part(run, n, k, Duration::ZERO)).unwrap(),
            other => panic!("{other:?}"),
        };
        let joined: Vec<u8> = listed.iter().flat_map(|(_, uri, _)| part(uri)).collect();
        assert!(listed.is_empty() || joined == whole);
        compared += listed.len();
        assert_eq!(reader.segment(run + 1, n), Err(NotServed::NotFound));
    }
    assert!(compared > 16, "{text}");
    let hint = attribute(&text, "#EXT-X-PRELOAD-HINT:TYPE=PART,", "URI");
    let last_part = parts(&text).last().unwrap().len();
    assert!(hint.ends_with(&format!(".{last_part}.m4s")), "{text}");
}

#[test]
fn parts_are_listed_near_the_end_alone() {
    let mut source = Source::new();
    source.seconds(25);
    let listed: Vec<usize> = parts(&source.playlist()).iter().map(Vec::len).collect();
    assert_eq!(listed[..6], [0; 6]);
    assert!(listed[6..8].iter().all(|count| *count == 9), "{listed:?}");
}

fn dates(text: &str) -> Vec<i64> {
    let date = |segment: &MediaSegment| segment.program_date_time.unwrap().timestamp_millis();
    parse(text).segments.iter().map(date).collect()
}

#[test]
fn dates_are_those_of_the_pictures_though_the_first_came_late() {
    let mut source = Source::new();
    source.late(300);
    source.seconds(1);
    source.late(-300);
    source.seconds(11);
    let expected: Vec<i64> = (0..5).map(|segment| BEGIN.0 + 2000 * segment).collect();
    let dated = dates(&source.playlist());
    assert_eq!((dated[0], &dated[1..]), (expected[0] + 300, &expected[1..]));
}

#[test]
fn dates_go_on_with_the_source_and_not_away_from_ours() {
    let mut source = Source::new();
    source.seconds(12);
    let expected: Vec<i64> = (0..5).map(|segment| BEGIN.0 + 2000 * segment).collect();
    assert_eq!(dates(&source.playlist()), expected);
    source.again_after(7_000);
    source.seconds(3);
    assert_eq!(dates(&source.playlist())[6..], [BEGIN.0 + 19_000]);
}

#[test]
fn another_run_is_a_discontinuity_and_is_counted_when_it_leaves() {
    let mut source = Source::new();
    source.seconds(5);
    source.again_after(500);
    let text = source.playlist();
    assert!(!text.contains("PRELOAD-HINT") && text.ends_with(".m4s\n#EXT-X-DISCONTINUITY\n"), "{text}");
    source.seconds(5);
    let list = assert_rules(&source.playlist());
    let discontinuous: Vec<bool> = list.segments.iter().map(|segment| segment.discontinuity).collect();
    assert_eq!(discontinuous, [false, false, false, true, false]);
    let maps: Vec<bool> = list.segments.iter().map(|segment| segment.map.is_some()).collect();
    assert_eq!(maps, [true, false, false, true, false]);
    assert_ne!(list.segments[0].map.as_ref().unwrap().uri, list.segments[3].map.as_ref().unwrap().uri);
    assert_eq!(list.discontinuity_sequence, 0);
    source.seconds(12);
    // The first of the second run leads the list, with its tag.
    let list = parse(&source.playlist());
    assert_eq!((list.segments[0].discontinuity, list.discontinuity_sequence), (true, 0));
    source.seconds(2);
    let list = parse(&source.playlist());
    assert_eq!((list.segments[0].discontinuity, list.discontinuity_sequence), (false, 1));
    let before = list.media_sequence;
    source.again_after(500);
    source.seconds(30);
    let list = parse(&source.playlist());
    assert_eq!(list.discontinuity_sequence, 2);
    assert!(list.media_sequence > before + 10);
}

#[test]
fn another_configuration_begins_a_run_at_its_keyframe() {
    let mut source = Source::new();
    source.seconds(6);
    source.muxer.push(video(640), BEGIN);
    source.muxer.push(opus(), BEGIN);
    assert_eq!(parse(&source.playlist()).segments.len(), 2);
    source.muxer.push(video(1280), BEGIN);
    assert_eq!(parse(&source.playlist()).segments.len(), 3);
    source.seconds(6);
    let list = assert_rules(&source.playlist());
    assert!(list.segments[3].discontinuity);
    assert!(source.master().contains("RESOLUTION=1280x360"), "{}", source.master());
}

#[test]
fn a_source_that_is_told_of_its_sound_late_begins_another_run_and_one_whose_sound_stops_does_not() {
    let (muxer, reader) = Muxer::new(Limits::default(), Tap::nowhere());
    let mut source = Source::of(muxer, reader);
    source.muxer.push(video(640), BEGIN);
    source.has_sound = false;
    source.seconds(6);
    // What was not told of is silent all the same: players take no track in later.
    assert!(source.master().contains("CODECS=\"avc1.42c01e,opus\""));
    let mono = AudioConfig::Opus { channels: 1 };
    source.muxer.push(Sample::AudioConfig(Arc::new(mono)), BEGIN);
    source.sound_again();
    source.seconds(6);
    source.has_sound = false;
    source.seconds(6);
    source.sound_again();
    source.seconds(6);
    let list = assert_rules(&source.playlist());
    assert_eq!(list.segments.iter().filter(|segment| segment.discontinuity).count(), 1);
}

#[test]
fn a_run_waits_half_a_second_to_be_told_of_its_sound_or_until_too_many_or_too_large_pictures_wait() {
    let begun_after = |step: i64, bytes: usize| {
        let (mut muxer, reader) = Muxer::new(Limits { window_bytes: 1_000_000 }, Tap::nowhere());
        muxer.push(video(640), BEGIN);
        let is_begun = |count: &i64| {
            muxer.push(picture(count * step, *count == 0, bytes), BEGIN);
            reader.init(BEGIN.0.unsigned_abs()).is_ok()
        };
        (0..1000_i64).find(is_begun).map(|last| last + 1)
    };
    assert_eq!(begun_after(3000, 100), Some(16));
    // The next one ends the first part, with which the run is published.
    assert_eq!(begun_after(1, 100), Some(257));
    // Three are as much as a segment, which ends, and is published, once all of them are known to be in it.
    assert_eq!(begun_after(3000, 83_334), Some(5));
}

#[test]
fn a_jump_or_a_stop_begins_a_run_and_what_steps_back_is_left_out() {
    let mut source = Source::new();
    source.seconds(6);
    source.muxer.push(picture(5 * 90_000, false, 100), BEGIN);
    source.seconds(1);
    assert_eq!(parse(&source.playlist()).segments.len(), 3);
    source.muxer.push(picture(18 * 90_000, true, 100), BEGIN);
    source.muxer.push(picture(20 * 90_000, true, 100), BEGIN);
    source.muxer.push(picture(22 * 90_000, true, 100), BEGIN);
    let list = parse(&source.playlist());
    let discontinuous: Vec<bool> = list.segments.iter().map(|segment| segment.discontinuity).collect();
    assert_eq!(discontinuous, [false, false, false, false, true, false]);
}

#[test]
fn keyframes_far_apart_make_long_segments_and_without_any_one_is_cut_all_the_same() {
    let mut source = Source::new();
    source.distance = 250;
    source.seconds(20);
    let list = assert_rules(&source.playlist());
    assert_eq!((list.target_duration, list.segments.len()), (8, 2));
    let mut source = Source::new();
    source.distance = i64::MAX;
    source.seconds(30);
    let list = parse(&source.playlist());
    let lengths: Vec<f32> = list.segments.iter().map(|segment| segment.duration).collect();
    assert_eq!((lengths, list.target_duration), (vec![12.0, 12.0], 12));
}

#[test]
fn the_window_keeps_to_its_bytes_and_a_segment_to_a_quarter_of_them() {
    let limit = 1_000_000;
    let mut source = Source::within(Limits { window_bytes: limit });
    // 2 MB in a segment of two seconds.
    source.picture_bytes = 33_333;
    source.seconds(20);
    let list = parse(&source.playlist());
    let Some(Resource::Segment { run, .. }) = Resource::parse(&list.segments[0].uri) else { panic!() };
    let kept: Vec<usize> = (list.media_sequence - 20..list.media_sequence + 20)
        .filter_map(|n| source.reader.segment(run, n).ok())
        .map(|whole| whole.len())
        .collect();
    let all = kept.iter().sum::<usize>();
    assert!(all <= limit && all > limit / 2, "{all}");
    assert!(kept.iter().all(|bytes| *bytes <= limit / 4 + 9 * source.picture_bytes), "{kept:?}");
    assert!(list.segments.len() < 8);
}

#[test]
fn a_part_that_ends_for_its_bytes_is_told_as_soon() {
    let mut source = Source::new();
    source.pictures(61);
    let listed = |source: &Source| parts(&source.playlist()).iter().map(Vec::len).sum::<usize>();
    let before = listed(&source);
    source.picture_bytes = 2 << 20;
    source.pictures(3);
    assert_eq!(listed(&source), before + 1);
}

#[test]
fn a_segment_that_is_listed_no_more_can_be_fetched_a_little_longer() {
    let mut source = Source::new();
    source.seconds(40);
    let list = parse(&source.playlist());
    let Some(Resource::Segment { run, n }) = Resource::parse(&list.segments[0].uri) else { panic!() };
    assert!(source.reader.segment(run, n - 2).is_ok());
    assert_eq!(source.reader.segment(run, n - 3), Err(NotServed::NotFound));
}

#[test]
fn strange_stamps_make_no_endless_parts_or_segments() {
    let mut source = Source::new();
    // A picture every 11 us.
    (0..60_000).for_each(|number| source.muxer.push(picture(number, number == 0, 10), BEGIN));
    source.muxer.push(picture(60_100, true, 10), BEGIN);
    source.muxer.end();
    let text = source.playlist();
    assert!(parts(&text).iter().all(|segment| segment.len() <= 129), "{text}");
}

#[test]
fn the_master_says_what_a_player_must_know() {
    let mut source = Source::new();
    source.seconds(10);
    let text = source.master();
    let master = m3u8_rs::parse_master_playlist_res(text.as_bytes()).unwrap();
    let [variant] = &master.variants[..] else { panic!("{text}") };
    assert_eq!(variant.uri, "live.m3u8");
    assert_eq!(variant.codecs.as_deref(), Some("avc1.42c01e,opus"));
    assert_eq!(variant.resolution.map(|size| (size.width, size.height)), Some((640, 360)));
    assert!((variant.frame_rate.unwrap() - 30.0).abs() < 0.01);
    // 30 pictures of 500 bytes and 50 sounds of 3 a second, and boxes.
    assert!((121_200..180_000).contains(&variant.bandwidth), "{}", variant.bandwidth);
    assert!(variant.average_bandwidth.unwrap() <= variant.bandwidth);
}

#[test]
fn the_end_is_told_and_another_publisher_takes_it_back() {
    let mut source = Source::new();
    source.seconds(5);
    source.muxer.end();
    let text = source.playlist();
    assert!(text.ends_with("#EXT-X-ENDLIST\n") && !text.contains("PRELOAD"), "{text}");
    assert_eq!(parse(&text).segments.len(), 3);
    source.again_after(100);
    source.seconds(3);
    assert!(!source.playlist().contains("ENDLIST"));
    assert_eq!(now(source.reader.playlist(Wanted::Segment(1), Duration::ZERO)).map(|_| ()), Ok(()));
}
