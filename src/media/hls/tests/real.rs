//! What a real encoder makes, through HLS and as ffprobe reads it: `cargo test --lib hls:: -- --ignored`.

use super::{
    encoder::{Scratch, encoded, ffmpeg},
    made::{BEGIN, PATIENCE, now},
};
use crate::{
    media::{
        h264::rtp::{Depacketized, Depacketizer, packetize},
        hls::{Limits, Muxer, Resource, Wanted, mp4::rate},
        sample::Sample,
    },
    recordings::Tap,
};
use bytes::Bytes;
use std::time::Instant;

const NO_B: &str = "-preset ultrafast -bf 0";
const WITH_B: &str = "-preset veryfast -bf 3";
const OPUS: &str = "-c:a libopus -b:a 64k";
const AAC: &str = "-c:a aac -b:a 64k";

/// All that was listed while these samples came, as one file of the first run; and the poster.
fn through_hls(samples: &[Sample]) -> (Vec<u8>, Bytes) {
    let (mut muxer, reader) = Muxer::new(Limits::default(), Tap::nowhere());
    let mut file = Vec::new();
    for sample in samples {
        muxer.push(sample.clone(), BEGIN);
    }
    muxer.end();
    let text = now(reader.playlist(Wanted::Now, PATIENCE)).unwrap();
    for line in str::from_utf8(&text).unwrap().lines() {
        let named = line.strip_prefix("#EXT-X-MAP:URI=").unwrap_or(line).trim_matches('"');
        match Resource::parse(named) {
            Some(Resource::Init { run }) => file.extend(reader.init(run).unwrap()),
            Some(Resource::Segment { run, n }) => file.extend(reader.segment(run, n).unwrap()),
            _ => {}
        }
    }
    (file, reader.poster().unwrap())
}

/// When each packet of a stream is decoded that ffprobe finds, in seconds; ffmpeg decodes all of them before.
fn packets(file: &Scratch, stream: &str) -> Vec<f64> {
    let path = file.0.display();
    ffmpeg("ffmpeg", &format!("-v error -xerror -i {path} -map 0:{stream} -f null -"));
    let entries = "-show_entries packet=dts_time -of csv=p=0";
    let told = ffmpeg("ffprobe", &format!("-v error -select_streams {stream} {entries} {path}"));
    let number = |line: &str| line.trim_end_matches(',').parse().unwrap_or_else(|_| panic!("{line}"));
    String::from_utf8(told).unwrap().lines().map(number).collect()
}

/// One after the other for so long, but for the first, which encoders begin a little early.
fn assert_steady(track: &[f64], seconds: f64) {
    for two in track[1..].windows(2) {
        assert!((0.01..0.06).contains(&(two[1] - two[0])), "{two:?}");
    }
    let (first, last) = (track[1], track[track.len() - 1]);
    assert!((last - first - seconds).abs() < 0.15, "from {first} to {last}");
}

fn assert_whole(name: &str, samples: &[Sample], seconds: f64) {
    let (bytes, poster) = through_hls(samples);
    let file = Scratch::new(&format!("{name}.mp4"), &bytes);
    let count = |is_one: fn(&Sample) -> bool| samples.iter().filter(|sample| is_one(sample)).count();
    let pictures = packets(&file, "v:0");
    assert_eq!(pictures.len(), count(|sample| matches!(sample, Sample::Picture(_))));
    let sounds = packets(&file, "a:0");
    // The encoder's last sounds go beyond the last picture, by two frames of B-frames and more.
    let missing = count(|sample| matches!(sample, Sample::Sound(_))) - sounds.len();
    assert!(missing <= 5, "{missing} sounds are missing");
    for track in [pictures, sounds] {
        assert_steady(&track, seconds);
    }
    let poster = Scratch::new(&format!("{name}-poster.mp4"), &poster);
    assert_eq!(packets(&poster, "v:0").len(), 1);
}

#[test]
#[ignore = "needs ffmpeg"]
fn every_picture_and_sound_of_an_encoder_is_in_the_segments() {
    for (name, video, audio) in [
        ("plain-opus", NO_B, OPUS),
        ("plain-aac", NO_B, AAC),
        ("b-opus", WITH_B, OPUS),
        ("b-aac", WITH_B, AAC),
    ] {
        let samples = encoded(9, "320x180", video, audio);
        let is_late = |sample: &Sample| matches!(sample, Sample::Picture(picture) if picture.shown_after > 0);
        assert_eq!(samples.iter().any(is_late), video == WITH_B);
        assert_whole(name, &samples, 9.0);
    }
}

#[test]
#[ignore = "needs ffmpeg"]
fn pictures_that_went_by_rtp_are_the_same_in_the_segments() {
    let samples = encoded(6, "640x360", NO_B, OPUS);
    let (mut out, mut config, mut seq) = (Depacketizer::new(2 << 20), None, 0);
    let mut by_rtp = Vec::new();
    for sample in &samples {
        match sample {
            Sample::VideoConfig(told) => config = Some(told.clone()),
            Sample::Picture(picture) => {
                let payloads = packetize(picture, config.as_ref().unwrap());
                let count = payloads.len();
                for (index, payload) in payloads.into_iter().enumerate() {
                    seq += 1;
                    let timestamp = 4_000_000_000_u32.wrapping_add(picture.at as u32);
                    let found =
                        out.push(seq, timestamp, index + 1 == count, payload, Instant::now()).unwrap();
                    by_rtp.extend(found.into_iter().filter_map(|found| match found {
                        Depacketized::Sample(sample) => Some(sample),
                        Depacketized::Run { .. } => None,
                    }));
                }
            }
            other => by_rtp.push(other.clone()),
        }
    }
    let of_pictures = |samples: &[Sample]| -> Vec<Sample> {
        samples.iter().filter(|sample| matches!(sample, Sample::Picture(_))).cloned().collect()
    };
    assert_eq!(of_pictures(&by_rtp), of_pictures(&samples));
    assert_whole("by-rtp", &by_rtp, 6.0);
}

#[test]
#[ignore = "needs ffmpeg"]
fn silence_takes_the_place_of_sound_that_stops_or_never_was() {
    for (name, audio) in [("silent-opus", OPUS), ("silent-aac", AAC)] {
        let samples = encoded(9, "320x180", NO_B, audio);
        let rate = samples.iter().find_map(|sample| match sample {
            Sample::AudioConfig(config) => Some(i64::from(rate(config))),
            _ => None,
        });
        let is_kept = |sample: &&Sample| match sample {
            Sample::Sound(sound) => !(3 * rate.unwrap()..5 * rate.unwrap()).contains(&sound.at),
            _ => true,
        };
        let (stops, _) = through_hls(&samples.iter().filter(is_kept).cloned().collect::<Vec<_>>());
        let stops = Scratch::new(&format!("{name}-stops.mp4"), &stops);
        assert_steady(&packets(&stops, "a:0"), 9.0);
        let is_picture = |sample: &&Sample| matches!(sample, Sample::Picture(_) | Sample::VideoConfig(_));
        let (never, _) = through_hls(&samples.iter().filter(is_picture).cloned().collect::<Vec<_>>());
        let never = Scratch::new(&format!("{name}-never.mp4"), &never);
        assert_steady(&packets(&never, "a:0"), 9.0);
    }
}
