//! Streams from publishers to viewers, without a network: who is sent, asked, told and closed, and when.

use super::*;
use crate::{
    domain::{
        Millis, Now, StreamId, UserId,
        stream::{
            ingest_key::{KeyGeneration, KeyOf, KeyVersion},
            picture::{IngestProtocol, IngestWarning, Picture, PictureState},
        },
    },
    media::{
        h264::{ParameterSets, rtp::packetize, samples},
        handle::{CutReason, Refused, Told},
        packet::{Codec, Packet, PeerId},
        sample::{AudioConfig, CodedPicture, CodedSound, Sample, VideoConfig},
        settings::MediaLimits,
    },
    metrics::Metrics,
    recordings::Recorder,
};
use bytes::Bytes;
use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};
use uuid::Uuid;

const SOURCE: PeerId = PeerId(1);
const VIEWER: PeerId = PeerId(2);
/// By which the source has come.
const KEY: KeyVersion = KeyVersion { of: KeyOf::Account(UserId(Uuid::nil())), generation: KeyGeneration(3) };

/// What peers were sent and asked.
#[derive(Default)]
struct Seen {
    sent: Vec<(PeerId, Packet)>,
    asked: usize,
    closed: Vec<PeerId>,
    first_pictures: usize,
}

impl Peers for Seen {
    fn send(&mut self, to: PeerId, packet: Packet) {
        self.sent.push((to, packet));
    }

    fn ask_keyframe(&mut self, _: PeerId) {
        self.asked += 1;
    }

    fn close(&mut self, peer: PeerId) {
        self.closed.push(peer);
    }

    fn first_picture(&mut self, _: Duration) {
        self.first_pictures += 1;
    }
}

/// A hub with one stream, at a moment that passes when it is told to.
struct Scene {
    hub: Hub,
    told: mpsc::Receiver<Told>,
    stream: StreamId,
    /// As they were told last.
    picture: Picture,
    warnings: Vec<IngestWarning>,
    seen: Seen,
    now: Now,
    seq: u64,
}

impl Scene {
    fn new(protocol: IngestProtocol) -> Self {
        let (tell, told) = mpsc::channel();
        let limits = MediaLimits { access_unit_bytes: 5000, ..MediaLimits::default() };
        let tell = Box::new(move |what| tell.send(what).unwrap());
        let hub = Hub::new(limits, Arc::default(), tell, Recorder::default(), Metrics::new());
        let now = Now { wall: Millis(1_764_142_000_000), instant: Instant::now() };
        let mut scene = Self {
            hub,
            told,
            stream: StreamId::new(),
            picture: Picture::none(now.wall),
            warnings: Vec::new(),
            seen: Seen::default(),
            now,
            seq: 0,
        };
        scene.publishes(SOURCE, protocol, Some(KEY));
        scene
    }

    fn publishes(&mut self, peer: PeerId, protocol: IngestProtocol, key: Option<KeyVersion>) {
        let place = self.hub.places().publisher(true).unwrap();
        let source = Source { peer, protocol, via: None, agent: None, key, place };
        self.hub.publish(self.stream, source, self.now, &mut self.seen);
    }

    fn joins(&mut self) {
        let place = self.hub.places().viewer([192, 0, 2, 1].into()).unwrap();
        self.hub.view(self.stream, VIEWER, place, self.now);
        self.hub.connected(VIEWER, self.now, &mut self.seen);
    }

    /// One packet is a picture here.
    fn packet(&mut self, payload: &[u8]) {
        self.packet_of(Codec::H264, payload);
    }

    fn packet_of(&mut self, codec: Codec, payload: &[u8]) {
        self.seq += 1;
        let at = (self.seq * 3000) as u32;
        let arrived = self.now.instant;
        let payload = payload.into();
        let packet = Packet { codec, seq: self.seq, at, marker: true, payload, arrived, report: None };
        self.hub.packet(SOURCE, packet, self.now, &mut self.seen);
    }

    /// One whose parameter sets can be read, in some packets.
    fn keyframe(&mut self) {
        let mut sets = ParameterSets::default();
        sets.learn(Some(samples::sps().into()), Some(Bytes::from_static(samples::PPS))).unwrap();
        let nals = Bytes::from_static(&[0, 0, 0, 2, 0x65, 0x88]);
        let picture = CodedPicture { at: 0, shown_after: 0, is_key: true, nals };
        let payloads = packetize(&picture, sets.config().unwrap());
        let (at, last) = ((self.seq + 1) as u32 * 3000, payloads.len() - 1);
        for (index, payload) in payloads.into_iter().enumerate() {
            self.seq += 1;
            let (arrived, payload) = (self.now.instant, payload.to_vec().into());
            let (codec, seq, marker) = (Codec::H264, self.seq, index == last);
            let packet = Packet { codec, seq, at, marker, payload, arrived, report: None };
            self.hub.packet(SOURCE, packet, self.now, &mut self.seen);
        }
    }

    fn sample(&mut self, sample: Sample) {
        self.hub.sample(SOURCE, sample, self.now, &mut self.seen);
    }

    /// So many milliseconds pass, a tick at a time; the publisher sends meanwhile, or is silent.
    fn passes(&mut self, ms: u64, sends: bool) {
        for _ in 0..ms / 100 {
            self.now.instant += Duration::from_millis(100);
            self.now.wall = Millis(self.now.wall.0 + 100);
            if sends {
                self.packet(&[0x41, 1, 2]);
            }
            self.hub.tick(self.now, &mut self.seen);
        }
    }

    fn picture(&mut self) -> Picture {
        for told in self.told.try_iter() {
            match told {
                Told::Source { picture, publisher, warnings, .. } => {
                    assert!(publisher.is_some() || picture.state != PictureState::Live, "nobody sends it");
                    (self.picture, self.warnings) = (picture, warnings);
                }
                Told::Refused(..) => {}
            }
        }
        self.picture
    }
}

fn picture(at: i64, shown_after: i32, is_key: bool) -> Sample {
    let nals = Bytes::from_static(if is_key { &[0, 0, 0, 2, 0x65, 1] } else { &[0, 0, 0, 2, 0x41, 1] });
    Sample::Picture(CodedPicture { at, shown_after, is_key, nals })
}

fn configuration() -> Sample {
    let (sps, pps) = (Bytes::from_static(&[0x67, 0x42, 0xc0, 0x1e, 1]), Bytes::from_static(&[0x68, 1]));
    Sample::VideoConfig(Arc::new(VideoConfig { sps, pps, width: 640, height: 360 }))
}

#[test]
fn who_joins_is_given_the_cache_and_an_old_one_is_renewed() {
    let mut scene = Scene::new(IngestProtocol::Whip);
    scene.packet(&[0x65, 1]);
    scene.packet(&[0x41, 1]);
    scene.joins();
    assert_eq!((scene.seen.sent.len(), scene.seen.asked, scene.seen.first_pictures), (2, 0, 1));
    scene.hub.gone(VIEWER, true, scene.now);
    scene.now.instant += Duration::from_millis(2500);
    scene.joins();
    assert_eq!((scene.seen.sent.len(), scene.seen.asked), (4, 1));
}

#[test]
fn a_browser_is_asked_for_keyframes_while_it_is_live_and_an_encoder_never() {
    for (protocol, asked) in [(IngestProtocol::Whip, true), (IngestProtocol::Rtmp, false)] {
        let mut scene = Scene::new(protocol);
        scene.keyframe();
        scene.passes(1900, true);
        assert_eq!(scene.seen.asked, 0);
        scene.passes(200, true);
        assert_eq!(scene.seen.asked > 0, asked);
    }
}

#[test]
fn a_browser_whose_first_keyframe_was_lost_is_asked_for_another() {
    let mut scene = Scene::new(IngestProtocol::Whip);
    scene.passes(6000, false);
    assert_eq!(scene.seen.asked, 0, "it is not there yet");
    scene.passes(200, true);
    assert_eq!((scene.picture().state, scene.seen.asked > 0), (PictureState::Waiting, true));
}

#[test]
fn a_keyframe_is_asked_for_when_hls_has_lost_a_packet() {
    let mut scene = Scene::new(IngestProtocol::Whip);
    scene.keyframe();
    scene.passes(600, true);
    assert_eq!(scene.seen.asked, 0);
    scene.seq += 1;
    scene.passes(300, true);
    assert_eq!(scene.seen.asked, 0, "it may still come");
    scene.passes(900, true);
    assert!(scene.seen.asked > 0);
}

#[test]
fn b_frames_end_viewers_by_webrtc_and_are_warned_of() {
    let mut scene = Scene::new(IngestProtocol::Rtmp);
    scene.hub.begin_run(SOURCE, scene.now);
    scene.sample(configuration());
    scene.sample(picture(0, 0, true));
    scene.joins();
    let picture_told = scene.picture();
    assert!(picture_told.whep && picture_told.hls && scene.seen.closed.is_empty());
    scene.sample(picture(3000, 6000, false));
    assert_eq!(scene.seen.closed, [VIEWER]);
    let picture = scene.picture();
    assert!(!picture.whep && picture.hls && picture.b_frames, "{picture:?}");
    assert_eq!(scene.hub.may_view(scene.stream, &[Codec::H264]), Err(Refused::NoCommonCodec));
    scene.hub.tick_health(scene.now);
    scene.picture();
    assert!(scene.warnings.contains(&IngestWarning::BFrames));
}

#[test]
fn sound_alone_is_told_of_and_is_nothing_to_see() {
    let mut scene = Scene::new(IngestProtocol::Rtmp);
    scene.hub.begin_run(SOURCE, scene.now);
    scene.sample(Sample::AudioConfig(Arc::new(AudioConfig::Opus { channels: 2 })));
    for second in 0..6 {
        let data = Bytes::from_static(&[1, 2, 3]);
        scene.sample(Sample::Sound(CodedSound { at: second * 48_000, length: 960, data }));
        assert!(scene.picture().whep == (second < 5), "{second} {:?}", scene.picture);
        scene.passes(1000, false);
    }
    scene.hub.tick_health(scene.now);
    assert_eq!(scene.picture().state, PictureState::Waiting);
    assert_eq!(scene.hub.may_view(scene.stream, &[Codec::H264]), Err(Refused::NoPicture));
    assert_eq!(scene.warnings, [IngestWarning::NoVideo]);
    scene.sample(configuration());
    scene.sample(picture(0, 0, true));
    assert!(scene.picture().whep && scene.picture.state == PictureState::Live);
}

#[test]
fn silence_stalls_a_picture_then_ends_it_then_lets_viewers_go() {
    let mut scene = Scene::new(IngestProtocol::Whip);
    assert_eq!(scene.picture().state, PictureState::Waiting);
    scene.packet(&[0x65, 1]);
    scene.joins();
    assert_eq!(scene.picture().state, PictureState::Live);
    scene.passes(2000, false);
    assert_eq!(scene.picture().state, PictureState::Stalled);
    assert_eq!(scene.picture.since, scene.now.wall);
    scene.passes(29_900, false);
    assert_eq!((scene.picture().state, scene.seen.closed.as_slice()), (PictureState::Stalled, [].as_slice()));
    scene.passes(100, false);
    assert_eq!(
        (scene.picture().state, scene.seen.closed.as_slice()),
        (PictureState::None, [SOURCE].as_slice())
    );
    assert_eq!(scene.hub.may_view(scene.stream, &[Codec::H264]), Err(Refused::NoPicture));
    scene.passes(30_000, false);
    assert_eq!(scene.seen.closed, [SOURCE, VIEWER]);
    scene.passes(100, false);
    scene.picture();
    scene.hub.tick_health(scene.now);
    assert_eq!(scene.told.try_iter().count(), 0, "nothing is left of it");
}

#[test]
fn an_encoder_that_comes_back_just_before_the_end_is_not_sent_away() {
    let mut scene = Scene::new(IngestProtocol::Rtmp);
    scene.keyframe();
    scene.hub.gone(SOURCE, false, scene.now);
    scene.passes(29_000, false);
    let again = PeerId(3);
    scene.publishes(again, IngestProtocol::Rtmp, None);
    scene.hub.begin_run(again, scene.now);
    scene.passes(1500, false);
    scene.hub.sample(again, configuration(), scene.now, &mut scene.seen);
    scene.hub.sample(again, picture(0, 0, true), scene.now, &mut scene.seen);
    assert_eq!((scene.picture().state, scene.seen.closed.as_slice()), (PictureState::Live, [].as_slice()));
}

#[test]
fn a_picture_that_is_too_large_ends_its_publisher_and_the_host_is_told() {
    let mut scene = Scene::new(IngestProtocol::Whip);
    scene.packet(&[&[0x65][..], &[1; 6000]].concat());
    assert_eq!(scene.seen.closed, [SOURCE]);
    let told: Vec<Told> = scene.told.try_iter().collect();
    let has_reason =
        |told: &Told| matches!(told, Told::Refused(stream, "invalid_picture", _) if *stream == scene.stream);
    assert!(told.iter().any(has_reason), "{told:?}");
    assert_eq!(scene.picture().state, PictureState::None);
}

#[test]
fn a_viewer_who_has_missed_packets_begins_again_at_the_keyframe() {
    let mut scene = Scene::new(IngestProtocol::Rtmp);
    scene.packet(&[0x65, 1]);
    scene.joins();
    scene.packet(&[0x41, 1]);
    scene.hub.resume(VIEWER, scene.now, &mut scene.seen);
    let kinds: Vec<u8> = scene.seen.sent.iter().map(|(_, packet)| packet.payload[0]).collect();
    assert_eq!(kinds, [0x65, 0x41, 0x65, 0x41]);
    assert!(scene.seen.sent.is_sorted_by_key(|(_, packet)| packet.seq));
}

#[test]
fn a_cut_ends_viewers_too_unless_it_concerns_the_publisher_alone() {
    let rotated = CutReason::KeyRotated(KeyVersion { generation: KeyGeneration(4), ..KEY });
    for (reason, closed) in [(CutReason::Ended, vec![SOURCE, VIEWER]), (rotated, vec![SOURCE])] {
        let mut scene = Scene::new(IngestProtocol::Whip);
        scene.packet(&[0x65, 1]);
        scene.joins();
        scene.hub.cut(scene.stream, reason, scene.now, &mut scene.seen);
        assert_eq!(scene.seen.closed, closed);
        assert_eq!(scene.picture().state, PictureState::None);
    }
}

#[test]
fn another_key_that_is_no_more_sends_nobody_away() {
    let mut scene = Scene::new(IngestProtocol::Rtmp);
    scene.packet(&[0x65, 1]);
    for of in [KeyOf::Stream(scene.stream), KeyOf::Account(UserId::new())] {
        let other = KeyVersion { of, generation: KeyGeneration(9) };
        scene.hub.cut(scene.stream, CutReason::KeyRotated(other), scene.now, &mut scene.seen);
    }
    assert_eq!((scene.picture().state, scene.seen.closed.as_slice()), (PictureState::Live, [].as_slice()));
}

#[test]
fn word_of_a_key_that_comes_late_sends_nobody_away_who_came_by_the_next_one() {
    let mut scene = Scene::new(IngestProtocol::Rtmp);
    scene.packet(&[0x65, 1]);
    for generation in [KeyGeneration(2), KEY.generation] {
        let in_force = KeyVersion { generation, ..KEY };
        scene.hub.cut(scene.stream, CutReason::KeyRotated(in_force), scene.now, &mut scene.seen);
    }
    assert_eq!((scene.picture().state, scene.seen.closed.as_slice()), (PictureState::Live, [].as_slice()));
}

#[test]
fn hls_is_over_once_the_next_source_sends_what_it_cannot_carry() {
    let mut scene = Scene::new(IngestProtocol::Whip);
    scene.keyframe();
    assert!(scene.picture().hls);
    scene.publishes(SOURCE, IngestProtocol::Whip, None);
    assert!(scene.picture().hls, "nobody knows yet what comes");
    scene.packet_of(Codec::Vp8, &[0x10, 0, 0, 0, 0x9d, 0x01, 0x2a, 0, 1, 0, 1]);
    assert!(!scene.picture().hls);
    scene.keyframe();
    assert!(scene.picture().hls, "another one");
}

#[test]
fn nobody_is_told_the_size_of_the_picture_before_this_one() {
    let mut scene = Scene::new(IngestProtocol::Rtmp);
    scene.sample(configuration());
    scene.sample(picture(0, 0, true));
    assert_eq!((scene.picture().state, scene.picture.size), (PictureState::Live, Some((640, 360))));
    scene.hub.gone(SOURCE, true, scene.now);
    scene.publishes(SOURCE, IngestProtocol::Rtmp, None);
    assert_eq!((scene.picture().state, scene.picture.size), (PictureState::Waiting, None));
}

#[test]
fn an_end_that_nobody_heard_is_told_again_before_the_stream_is_forgotten() {
    let mut scene = Scene::new(IngestProtocol::Whip);
    assert_eq!(scene.picture().state, PictureState::Waiting);
    scene.hub.cut(scene.stream, CutReason::Ended, scene.now, &mut scene.seen);
    assert_eq!(scene.told.try_iter().count(), 1, "this is lost");
    scene.passes(1000, false);
    scene.hub.tick_health(scene.now);
    assert_eq!(scene.picture().state, PictureState::None);
    scene.passes(4000, false);
    scene.hub.tick_health(scene.now);
    assert_eq!(scene.told.try_iter().count(), 0, "nothing is left of it");
}
