//! From samples to runs: when one begins, and when another must.
//! It must not know who reads them.

use super::{
    kept::Kept,
    mp4::{POSTER_BYTES_MAX, poster},
    playlist,
    reader::Reader,
    run::{Cut, Run, SegmentLimits, head},
    sounds::Sounds,
    window::Window,
};
use crate::{
    domain::Millis,
    media::sample::{AudioConfig, CodedPicture, Sample, VIDEO_CLOCK, VideoConfig},
    recordings::Tap,
};
use std::{mem, sync::Arc};
use tokio::sync::watch;

/// How long a run waits with its first pictures to be told of its sound, before it begins with silence.
const SOUND_WITHIN: i64 = VIDEO_CLOCK as i64 / 2;
/// Pictures that may wait for that; their bytes are no more than a segment's.
const UNDECIDED_MAX: usize = 256;
/// What silence is told as where no sound was ever told of: players take no track in later that was not there at first.
const UNTOLD: AudioConfig = AudioConfig::Opus { channels: 2 };
/// A longer step between two pictures is a jump.
const STEP_MAX: i64 = 10 * VIDEO_CLOCK as i64;
/// Of the window, what one segment may have.
const SEGMENTS_AT_LEAST: usize = 4;

/// At most so much of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Of all segments that can be fetched.
    pub window_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { window_bytes: 64 << 20 }
    }
}

/// Makes the HLS of one stream, however often its publisher changes.
#[derive(Debug)]
pub(crate) struct Muxer {
    limits: SegmentLimits,
    window: Window,
    published: watch::Sender<Arc<Window>>,
    video: Option<Arc<VideoConfig>>,
    sounds: Sounds,
    state: State,
    /// The last run's name.
    run: u64,
    /// Parts that are to be kept.
    kept: Kept,
}

#[derive(Debug)]
enum State {
    /// For a keyframe.
    Waiting,
    /// To be told of sound, with what has come since a keyframe.
    Deciding(Vec<(CodedPicture, Millis)>),
    Running(Box<Run>),
}

impl Muxer {
    /// One without anything in it yet, and its reader; its parts go to `keep`, too.
    pub(crate) fn new(limits: Limits, keep: Tap) -> (Self, Reader) {
        let window = Window::new();
        let (published, reads) = watch::channel(Arc::new(window.clone()));
        let Limits { window_bytes } = limits;
        let limits = SegmentLimits { window_bytes, segment_bytes: window_bytes / SEGMENTS_AT_LEAST };
        let (sounds, state, kept) = (Sounds::default(), State::Waiting, Kept::new(keep));
        (Self { limits, window, published, video: None, sounds, state, run: 0, kept }, Reader::new(reads))
    }

    /// Takes the next sample, which came at that time.
    pub(crate) fn push(&mut self, sample: Sample, wall: Millis) {
        match sample {
            Sample::VideoConfig(config) if self.video.as_ref() != Some(&config) => {
                self.finish_run();
                self.video = Some(config);
            }
            Sample::VideoConfig(_) => {}
            Sample::AudioConfig(config) => {
                self.sounds.configure(config);
                self.begin_if_decided();
            }
            Sample::Sound(sound) => self.sounds.push(sound),
            Sample::Picture(picture) => self.picture(picture, wall),
        }
    }

    /// Says that what comes now has another timeline: another publisher, or the same after a jump. Its configurations come first.
    pub(crate) fn new_run(&mut self) {
        self.finish_run();
        self.sounds.clear();
    }

    /// Says that nothing more comes: players end.
    pub(crate) fn end(&mut self) {
        self.finish_run();
        self.window.has_ended = true;
        self.publish();
    }

    fn picture(&mut self, picture: CodedPicture, wall: Millis) {
        match &mut self.state {
            State::Waiting => {
                if picture.is_key && picture.at >= 0 && self.video.is_some() {
                    self.decide(picture, wall);
                }
            }
            State::Deciding(pictures) => {
                if pictures.last().is_some_and(|(last, _)| (1..=STEP_MAX).contains(&(picture.at - last.at))) {
                    pictures.push((picture, wall));
                }
                self.begin_if_decided();
            }
            State::Running(run) => match run.step(&picture) {
                ..=0 => {}
                1..=STEP_MAX => self.go_on(picture, wall),
                _ => {
                    self.new_run();
                    self.picture(picture, wall);
                }
            },
        }
    }

    /// The next picture of a run, unless that has sound of another kind by now.
    fn go_on(&mut self, picture: CodedPicture, wall: Millis) {
        let State::Running(run) = &mut self.state else { return };
        let begins_segment = run.would_begin_segment(&picture);
        if begins_segment && Some(run.audio()) != self.sounds.config() {
            self.finish_run();
            return self.decide(picture, wall);
        }
        if begins_segment {
            show(&mut self.window, self.video.as_deref(), &picture);
        }
        match run.push(picture, wall, &mut self.sounds, &mut self.window) {
            Cut::Nothing => {}
            Cut::Part => {
                self.publish();
                self.window.open.iter().for_each(|open| self.kept.go_on(open));
            }
            Cut::Segment(finished) => {
                self.publish();
                self.kept.end(&finished);
            }
        }
    }

    fn decide(&mut self, key: CodedPicture, wall: Millis) {
        self.state = State::Deciding(vec![(key, wall)]);
        self.begin_if_decided();
    }

    /// Begins a run once it is told of its sound, or was not for long enough.
    fn begin_if_decided(&mut self) {
        let State::Deciding(pictures) = &mut self.state else { return };
        let (Some((key, _)), Some((last, _))) = (pictures.first(), pictures.last()) else { return };
        let bytes: usize = pictures.iter().map(|(picture, _)| picture.nals.len()).sum();
        let is_over = last.at - key.at >= SOUND_WITHIN
            || pictures.len() >= UNDECIDED_MAX
            || bytes >= self.limits.segment_bytes;
        if self.sounds.config().is_some() || is_over {
            let pictures = mem::take(pictures);
            self.state = State::Waiting;
            self.begin(pictures);
        }
    }

    fn begin(&mut self, pictures: Vec<(CodedPicture, Millis)>) {
        let mut pictures = pictures.into_iter();
        let (Some((key, wall)), Some(video)) = (pictures.next(), &self.video) else { return };
        let audio = self.sounds.config().cloned().unwrap_or_else(|| Arc::new(UNTOLD));
        self.sounds.configure(audio.clone());
        self.sounds.begin(key.at);
        // Named by the time of day: one that a cache still knows from before a restart is another.
        self.run = (self.run + 1).max(wall.0.unsigned_abs());
        let Some(head) = head(self.run, video, &audio).map(Arc::new) else { return };
        if self.window.next == 0 {
            // No segment is shorter than a second, so this goes on above what a muxer before this one has counted to.
            self.window.next = wall.0.unsigned_abs() / 1000;
        }
        self.window.running = Some(head.clone());
        self.window.has_ended = false;
        show(&mut self.window, Some(video), &key);
        self.state = State::Running(Box::new(Run::begin(head, audio, key, wall, self.limits)));
        pictures.for_each(|(picture, wall)| self.picture(picture, wall));
    }

    fn finish_run(&mut self) {
        if let State::Running(run) = mem::replace(&mut self.state, State::Waiting) {
            let last = run.finish(&mut self.sounds, &mut self.window);
            self.window.running = None;
            self.publish();
            last.iter().for_each(|last| self.kept.end(last));
        }
    }

    fn publish(&mut self) {
        self.window.playlist = playlist::live(&self.window).into();
        self.published.send_replace(Arc::new(self.window.clone()));
    }
}

/// Makes a keyframe the poster, if it is not too large.
fn show(window: &mut Window, config: Option<&VideoConfig>, key: &CodedPicture) {
    let fits = key.nals.len() <= POSTER_BYTES_MAX;
    window.poster = config.filter(|_| fits).and_then(|config| poster(config, key).ok());
}
