//! How a source does, as its host is told once a second: pictures and bytes a second, keyframes, sound, loss, warnings.
//! It must not know how it comes in, nor read the clock.

use crate::{
    domain::stream::picture::{AudioHealth, IngestWarning, VideoHealth},
    media::packet::ticks_between,
    media::sample::VIDEO_CLOCK,
};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// What is told is of so many seconds.
const WINDOW_S: usize = 5;
/// Keyframes further apart make viewers wait.
const KEYFRAMES_APART: Duration = Duration::from_secs(4);
/// Without sound for so long, there is none.
const SOUND_WITHIN: Duration = Duration::from_secs(3);
/// Without a picture for so long while there is sound, there is none.
const PICTURE_WITHIN: Duration = Duration::from_secs(5);
/// Of a hundred packets.
const LOST_PERCENT: u64 = 2;
/// A clock that is off by so much, and by more than a thousandth of the time, drifts.
const DRIFT: Duration = Duration::from_secs(1);

/// What came in one second.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    pictures: u32,
    bytes: u64,
    packets: u64,
    /// How far sequence numbers went on.
    numbers: u64,
}

/// The health of one source.
#[derive(Debug)]
pub(crate) struct Health {
    begun: Instant,
    current: Second,
    window: VecDeque<Second>,
    codec: Option<&'static str>,
    size: Option<(u16, u16)>,
    has_b_frames: bool,
    last_picture: Option<u32>,
    /// Timestamp and time of the last keyframe.
    keyframe: Option<(u32, Instant)>,
    keyframe_ticks: Option<u32>,
    newest_seq: Option<u64>,
    audio: Option<AudioHealth>,
    heard: Option<Instant>,
    /// Timestamp, extended, and time of the first picture.
    clock: Option<Clock>,
}

/// The source's clock beside ours.
#[derive(Clone, Copy, Debug)]
struct Clock {
    first: Instant,
    ticks: i64,
    newest: Instant,
}

impl Clock {
    fn drifts(&self) -> bool {
        let theirs = Duration::from_secs_f64(self.ticks.max(0) as f64 / f64::from(VIDEO_CLOCK));
        let ours = self.newest.saturating_duration_since(self.first);
        let off = theirs.abs_diff(ours);
        off > DRIFT && off > ours / 1000
    }
}

impl Health {
    /// Nothing has come yet.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            begun: now,
            current: Second::default(),
            window: VecDeque::new(),
            codec: None,
            size: None,
            has_b_frames: false,
            last_picture: None,
            keyframe: None,
            keyframe_ticks: None,
            newest_seq: None,
            audio: None,
            heard: None,
            clock: None,
        }
    }

    /// Bytes of pictures have come under an extended sequence number.
    pub(crate) fn packet(&mut self, codec: &'static str, seq: u64, bytes: usize) {
        self.codec = Some(codec);
        self.current.packets += 1;
        self.current.bytes += bytes as u64;
        let newest = *self.newest_seq.get_or_insert(seq.saturating_sub(1));
        if seq > newest {
            self.current.numbers += seq - newest;
            self.newest_seq = Some(seq);
        }
    }

    /// A picture has begun, at a timestamp of [`VIDEO_CLOCK`].
    pub(crate) fn picture(&mut self, at: u32, is_key: bool, now: Instant) {
        if self.last_picture != Some(at) {
            self.current.pictures += 1;
            let passed = self.last_picture.map_or(0, |last| i64::from(ticks_between(last, at)));
            self.last_picture = Some(at);
            let clock = self.clock.get_or_insert(Clock { first: now, ticks: 0, newest: now });
            clock.ticks += passed;
            clock.newest = now;
        }
        if is_key {
            self.keyframe_ticks =
                self.keyframe.map(|(last, _)| at.wrapping_sub(last)).or(self.keyframe_ticks);
            self.keyframe = Some((at, now));
        }
    }

    /// The size of its pictures, in pixels.
    pub(crate) fn sized(&mut self, width: u16, height: u16) {
        self.size = Some((width, height));
    }

    /// There are B-frames.
    pub(crate) fn has_b_frames(&mut self) {
        self.has_b_frames = true;
    }

    /// Sound has come.
    pub(crate) fn sound(&mut self, codec: &'static str, rate: u32, channels: u8, bytes: usize, now: Instant) {
        self.current.bytes += bytes as u64;
        self.heard = Some(now);
        if self.audio.as_ref().is_none_or(|audio| audio.codec != codec || audio.channels != channels) {
            self.audio = Some(AudioHealth { codec: codec.into(), rate, channels });
        }
    }

    /// A second is over.
    pub(crate) fn tick(&mut self) {
        self.window.push_back(std::mem::take(&mut self.current));
        if self.window.len() > WINDOW_S {
            self.window.pop_front();
        }
    }

    pub(crate) fn size(&self) -> Option<(u16, u16)> {
        self.size
    }

    /// Kilobits a second.
    pub(crate) fn kbps(&self) -> u32 {
        let bytes: u64 = self.window.iter().map(|second| second.bytes).sum();
        (bytes * 8 / 1000 / self.window.len().max(1) as u64).min(u32::MAX.into()) as u32
    }

    /// The pictures of the last seconds; none before the first.
    pub(crate) fn video(&self) -> Option<VideoHealth> {
        let pictures: u32 = self.window.iter().map(|second| second.pictures).sum();
        let (width, height) = self.size.unwrap_or_default();
        self.last_picture?;
        Some(VideoHealth {
            codec: self.codec?.into(),
            width,
            height,
            fps: pictures as f32 / self.window.len().max(1) as f32,
            kbps: self.kbps(),
            keyframe_s: self.keyframe_ticks.map(|ticks| ticks as f32 / VIDEO_CLOCK as f32),
            b_frames: self.has_b_frames,
        })
    }

    /// The sound that comes in.
    pub(crate) fn audio(&self, now: Instant) -> Option<AudioHealth> {
        let is_heard = self.heard.is_some_and(|heard| now.saturating_duration_since(heard) < SOUND_WITHIN);
        self.audio.clone().filter(|_| is_heard)
    }

    /// What the host should know.
    pub(crate) fn warnings(&self, kbps_max: u32, now: Instant) -> Vec<IngestWarning> {
        let is_shown = self.last_picture.is_some();
        let has_settled = is_shown && now.saturating_duration_since(self.begun) >= SOUND_WITHIN;
        let found = [
            (IngestWarning::KeyframesRare, self.keyframes_are_rare(now)),
            (IngestWarning::BFrames, self.has_b_frames),
            (IngestWarning::NoVideo, self.audio(now).is_some() && self.lacks_pictures(now)),
            (IngestWarning::NoAudio, has_settled && self.audio(now).is_none()),
            (IngestWarning::BitrateHigh, self.kbps() > kbps_max),
            (IngestWarning::PacketLoss, self.loses()),
            (IngestWarning::ClockDrift, self.clock.is_some_and(|clock| clock.drifts())),
            (IngestWarning::CodecNotRecorded, self.codec.is_some_and(|codec| codec != "h264")),
        ];
        found.into_iter().filter_map(|(warning, holds)| holds.then_some(warning)).collect()
    }

    fn lacks_pictures(&self, now: Instant) -> bool {
        let last = self.clock.map_or(self.begun, |clock| clock.newest);
        now.saturating_duration_since(last) >= PICTURE_WITHIN
    }

    fn keyframes_are_rare(&self, now: Instant) -> bool {
        let last_was = self.keyframe_ticks.is_some_and(|ticks| {
            Duration::from_secs_f64(f64::from(ticks) / f64::from(VIDEO_CLOCK)) > KEYFRAMES_APART
        });
        let next_is_late =
            self.keyframe.is_some_and(|(_, came)| now.saturating_duration_since(came) > KEYFRAMES_APART)
                && self.window.back().is_some_and(|second| second.pictures > 0);
        last_was || next_is_late
    }

    fn loses(&self) -> bool {
        let packets: u64 = self.window.iter().map(|second| second.packets).sum();
        let numbers: u64 = self.window.iter().map(|second| second.numbers).sum();
        numbers.saturating_sub(packets) * 100 > numbers * LOST_PERCENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thirty pictures a second of four packets, for so many seconds, a keyframe every so many pictures.
    fn source(seconds: u64, keyframe_every: u64, lose_every: u64) -> (Health, Instant) {
        let start = Instant::now();
        let mut health = Health::new(start);
        for n in 0..seconds * 30 {
            let now = start + Duration::from_millis(n * 1000 / 30);
            health.picture((n * 3000) as u32, n % keyframe_every == 0, now);
            let kept = (n * 4..n * 4 + 4).filter(|seq| lose_every == 0 || seq % lose_every != 1);
            kept.for_each(|seq| health.packet("h264", 90_000 + seq, 1000));
            health.sound("opus", 48_000, 2, 100, now);
            if n % 30 == 29 {
                health.tick();
            }
        }
        (health, start + Duration::from_secs(seconds))
    }

    #[test]
    fn what_comes_is_counted_by_the_second() {
        let (mut health, now) = source(6, 60, 0);
        health.sized(1280, 720);
        let video = health.video().unwrap();
        assert_eq!((&*video.codec, video.width, video.height), ("h264", 1280, 720));
        assert_eq!((video.fps, video.kbps, video.keyframe_s), (30.0, 984, Some(2.0)));
        assert_eq!(health.audio(now).unwrap().rate, 48_000);
        assert_eq!(health.warnings(1000, now), []);
        assert_eq!(health.warnings(900, now), [IngestWarning::BitrateHigh]);
    }

    #[test]
    fn a_host_is_warned() {
        let (health, now) = source(12, 150, 0);
        assert_eq!(health.warnings(5000, now), [IngestWarning::KeyframesRare]);
        let (health, now) = source(6, 1000, 0);
        assert_eq!(health.warnings(5000, now), [IngestWarning::KeyframesRare], "the second is late already");
        let (mut health, now) = source(6, 30, 20);
        assert_eq!(health.warnings(5000, now), [IngestWarning::PacketLoss]);
        health.has_b_frames();
        let later = now + SOUND_WITHIN;
        let warnings = health.warnings(5000, later);
        assert!(warnings.contains(&IngestWarning::BFrames) && warnings.contains(&IngestWarning::NoAudio));
        assert_eq!(health.audio(later), None);
    }

    #[test]
    fn sound_alone_is_warned_of() {
        let start = Instant::now();
        let mut health = Health::new(start);
        let sounds = |health: &mut Health, now| health.sound("aac", 48_000, 2, 100, now);
        let (early, late) = (start + Duration::from_millis(4999), start + PICTURE_WITHIN);
        sounds(&mut health, early);
        assert_eq!(health.warnings(1000, early), []);
        assert_eq!(health.warnings(1000, late), [IngestWarning::NoVideo]);
        health.picture(0, true, late);
        assert_eq!(health.warnings(1000, late), []);
        let later = late + PICTURE_WITHIN;
        sounds(&mut health, later);
        assert!(health.warnings(1000, later).contains(&IngestWarning::NoVideo), "they have stopped");
    }

    #[test]
    fn a_clock_that_runs_apart_is_seen() {
        let start = Instant::now();
        let mut health = Health::new(start);
        for n in 0..6000_u32 {
            health.picture(
                n.wrapping_mul(3030),
                n % 30 == 0,
                start + Duration::from_millis(u64::from(n) * 1000 / 30),
            );
        }
        assert!(health.warnings(u32::MAX, start).contains(&IngestWarning::ClockDrift));
    }

    #[test]
    fn who_sends_nothing_has_no_health() {
        let now = Instant::now();
        let health = Health::new(now);
        assert_eq!((health.video(), health.audio(now)), (None, None));
        assert_eq!(health.warnings(1000, now + Duration::from_secs(60)), []);
    }
}
