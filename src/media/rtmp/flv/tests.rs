//! Tags in the order in which encoders send them, and what comes of them.

use super::{Demuxer, Piece};
use crate::media::{
    h264::samples,
    rtmp::refusal::Refusal,
    sample::{AudioConfig, CodedPicture, CodedSound, Sample, VideoConfig},
};
use bytes::Bytes;
use std::sync::Arc;

const PICTURE_BYTES: usize = 1000;
const LC_48: [u8; 2] = [0x11, 0x90];

fn demuxer() -> Demuxer {
    Demuxer::new(PICTURE_BYTES)
}

/// A configuration with lengths of 4 bytes.
fn avcc(sps: &[u8]) -> Bytes {
    let length = |set: &[u8]| (set.len() as u16).to_be_bytes();
    let record =
        [&[1, 66, 0, 30, 0xff, 0xe1][..], &length(sps), sps, &[1], &length(samples::PPS), samples::PPS];
    [&[0x17, 0, 0, 0, 0][..], &record.concat()].concat().into()
}

fn picture(shown_after: u8, nals: &[&[u8]]) -> Bytes {
    let mut tag = vec![0x27, 1, 0, 0, shown_after];
    for nal in nals {
        tag.extend((nal.len() as u32).to_be_bytes());
        tag.extend(*nal);
    }
    tag.into()
}

fn key() -> Bytes {
    picture(0, &[&[0x65, 1]])
}

fn other() -> Bytes {
    picture(0, &[&[0x61, 2]])
}

fn sound_config(specific: &[u8]) -> Bytes {
    [&[0xaf, 0][..], specific].concat().into()
}

fn sound() -> Bytes {
    Bytes::from_static(&[0xaf, 1, 7])
}

fn told_video(digits: &str, width: u16, height: u16) -> Piece {
    let (sps, pps) = (samples::bytes(digits).into(), Bytes::from_static(samples::PPS));
    Piece::Sample(Sample::VideoConfig(Arc::new(VideoConfig { sps, pps, width, height })))
}

fn told_audio(specific: &'static [u8], rate: u32) -> Piece {
    let specific = Bytes::from_static(specific);
    Piece::Sample(Sample::AudioConfig(Arc::new(AudioConfig::Aac { specific, rate, channels: 2 })))
}

fn told_picture(at: i64, shown_after: i32, is_key: bool, nals: &'static [u8]) -> Piece {
    Piece::Sample(Sample::Picture(CodedPicture { at, shown_after, is_key, nals: Bytes::from_static(nals) }))
}

fn told_key(at: i64) -> Piece {
    told_picture(at, 0, true, &[0, 0, 0, 2, 0x65, 1])
}

fn told_sound(at: i64) -> Piece {
    Piece::Sample(Sample::Sound(CodedSound { at, length: 1024, data: Bytes::from_static(&[7]) }))
}

/// The digits of a set, and its size.
fn sps(index: usize) -> (&'static str, u16, u16) {
    let (digits, _, width, height) = samples::SPS[index];
    (digits, width as u16, height as u16)
}

/// One that knows both configurations, and is in a run.
fn running() -> Demuxer {
    let mut demuxer = demuxer();
    demuxer.video(0, avcc(&samples::bytes(sps(0).0))).unwrap();
    demuxer.audio(0, sound_config(&LC_48)).unwrap();
    assert_eq!(demuxer.video(0, key()).unwrap().len(), 4);
    demuxer
}

#[test]
fn a_run_begins_with_its_configurations_and_a_key() {
    let (digits, width, height) = sps(0);
    let mut demuxer = demuxer();
    assert_eq!(demuxer.video(0, avcc(&samples::bytes(digits))), Ok(vec![]));
    assert_eq!(demuxer.audio(0, sound_config(&LC_48)), Ok(vec![]));
    let begin = [Piece::RunBegins, told_video(digits, width, height), told_audio(&LC_48, 48_000)];
    let pieces = demuxer.video(1000, key()).unwrap();
    assert_eq!(pieces, [&begin[..], &[told_key(0)]].concat());
    assert_eq!(demuxer.audio(1010, sound()), Ok(vec![told_sound(480)]));
    let later = told_picture(33 * 90, 80 * 90, false, &[0, 0, 0, 2, 0x61, 2]);
    assert_eq!(demuxer.video(1033, picture(80, &[&[0x61, 2]])), Ok(vec![later]));
    assert_eq!(demuxer.audio(1031, sound()), Ok(vec![told_sound(480 + 1024)]));
}

#[test]
fn what_has_no_configuration_yet_and_pictures_before_a_key_are_left_out() {
    let (digits, width, height) = sps(0);
    let mut demuxer = demuxer();
    assert_eq!(demuxer.video(0, key()), Ok(vec![]));
    assert_eq!(demuxer.audio(0, sound()), Ok(vec![]));
    demuxer.audio(0, sound_config(&LC_48)).unwrap();
    assert_eq!(demuxer.audio(100, sound()).unwrap().last(), Some(&told_sound(0)));
    // In a run, a configuration is told as it comes.
    let config = told_video(digits, width, height);
    assert_eq!(demuxer.video(120, avcc(&samples::bytes(digits))), Ok(vec![config]));
    assert_eq!(demuxer.video(120, other()), Ok(vec![]));
    assert_eq!(demuxer.video(140, key()), Ok(vec![told_key(40 * 90)]));
}

#[test]
fn a_leap_begins_a_run_with_configurations_and_a_key() {
    let mut demuxer = running();
    let pieces = demuxer.video(60_000, other()).unwrap();
    assert_eq!((pieces.len(), &pieces[0]), (3, &Piece::RunBegins));
    assert_eq!(demuxer.audio(60_020, sound()), Ok(vec![told_sound(20 * 48)]));
    assert_eq!(demuxer.video(60_033, other()), Ok(vec![]));
    assert_eq!(demuxer.video(60_066, key()), Ok(vec![told_key(66 * 90)]));
}

#[test]
fn other_configurations_are_told_once_and_the_next_picture_is_a_key() {
    let mut demuxer = running();
    let (digits, width, height) = sps(1);
    assert_eq!(demuxer.video(20, avcc(&samples::bytes(sps(0).0))), Ok(vec![]));
    assert_eq!(demuxer.audio(20, sound_config(&LC_48)), Ok(vec![]));
    assert_eq!(demuxer.video(20, avcc(&samples::bytes(digits))), Ok(vec![told_video(digits, width, height)]));
    assert_eq!(demuxer.video(33, other()), Ok(vec![]));
    // Also where they come with a picture.
    let first = samples::bytes(sps(0).0);
    let with_sets = picture(0, &[&first, samples::PPS, &[0x65, 1]]);
    let config = told_video(sps(0).0, sps(0).1, sps(0).2);
    assert_eq!(demuxer.video(66, with_sets), Ok(vec![config, told_key(66 * 90)]));
    let config = demuxer.audio(70, sound_config(&[0x12, 0x10]));
    assert_eq!(config, Ok(vec![told_audio(&[0x12, 0x10], 44_100)]));
}

#[test]
fn pictures_of_one_time_follow_each_other() {
    let mut demuxer = running();
    assert_eq!(demuxer.video(5, key()), Ok(vec![told_key(450)]));
    assert_eq!(demuxer.video(5, key()), Ok(vec![told_key(451)]));
    assert_eq!(demuxer.video(3, key()), Ok(vec![told_key(452)]));
    assert_eq!(demuxer.video(6, key()), Ok(vec![told_key(540)]));
}

#[test]
fn a_picture_has_its_limit_and_no_byte_more() {
    let long = |bytes: usize| picture(0, &[&vec![0x65; bytes - 4]]);
    assert_eq!(running().video(10, long(PICTURE_BYTES)).unwrap().len(), 1);
    let refused = running().video(10, long(PICTURE_BYTES + 1));
    assert_eq!(refused, Err(Refusal::TooBig("a picture that is too long")));
}

#[test]
fn a_piece_of_sound_has_6_kb_and_no_byte_more() {
    let long = |bytes: usize| Bytes::from([vec![0xaf, 1], vec![0; bytes]].concat());
    assert_eq!(running().audio(10, long(6144)).unwrap().len(), 1);
    assert_eq!(running().audio(10, long(6145)), Err(Refusal::TooBig("a piece of sound of 6 kB")));
}

#[test]
fn what_cannot_be_read_is_refused_with_words() {
    let cut_nal = Bytes::from_static(&[0x27, 1, 0, 0, 0, 0, 0, 0, 9, 0x65]);
    assert!(matches!(running().video(10, cut_nal), Err(Refusal::Media(_))));
    assert!(matches!(demuxer().video(0, Bytes::from_static(&[0x17, 0, 0, 0, 0, 1])), Err(Refusal::Media(_))));
    assert!(matches!(demuxer().video(0, avcc(&[0x67, 1])), Err(Refusal::Media(_))));
    assert!(matches!(demuxer().audio(0, sound_config(&[0x11])), Err(Refusal::Media(_))));
    let main_profile = demuxer().audio(0, sound_config(&[0x09, 0x90]));
    assert_eq!(main_profile, Err(Refusal::Codec("AAC of object type 1".into())));
}
