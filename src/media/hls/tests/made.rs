//! Samples out of nothing: pictures and Opus at steady rates, whose bytes say which they are.

use crate::{
    domain::Millis,
    media::{
        h264::samples,
        hls::{Limits, Muxer, Reader, Wanted},
        sample::{AudioConfig, CodedPicture, CodedSound, Sample, VideoConfig},
    },
    recordings::Tap,
};
use bytes::Bytes;
use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

/// When the first sample comes.
pub(super) const BEGIN: Millis = Millis(1_764_142_000_000);
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A source that is asked for so much of itself.
pub(super) struct Source {
    pub(super) muxer: Muxer,
    pub(super) reader: Reader,
    pub(super) fps: i64,
    /// Pictures from one keyframe to the next.
    pub(super) distance: i64,
    pub(super) picture_bytes: usize,
    pub(super) has_sound: bool,
    pictures: i64,
    sounds: i64,
    /// Ticks of the wall and of the source at which the run begins.
    wall: i64,
}

pub(super) fn video(width: u16) -> Sample {
    Sample::VideoConfig(Arc::new(VideoConfig {
        sps: samples::sps().into(),
        pps: Bytes::from_static(samples::PPS),
        width,
        height: 360,
    }))
}

pub(super) fn opus() -> Sample {
    Sample::AudioConfig(Arc::new(AudioConfig::Opus { channels: 2 }))
}

pub(super) fn picture(at: i64, is_key: bool, bytes: usize) -> Sample {
    let header = if is_key { 0x65 } else { 0x61 };
    let mut nals = (bytes as u32 - 4).to_be_bytes().to_vec();
    nals.push(header);
    nals.resize(bytes, 7);
    Sample::Picture(CodedPicture { at, shown_after: 0, is_key, nals: nals.into() })
}

pub(super) fn sound(number: i64) -> Sample {
    let data = Bytes::from_static(&[0xf8, 0xff, 0xfe]);
    Sample::Sound(CodedSound { at: number * 960, length: 960, data })
}

impl Source {
    /// 30 pictures a second, a keyframe every two seconds, and sound.
    pub(super) fn new() -> Self {
        Self::within(Limits::default())
    }

    pub(super) fn within(limits: Limits) -> Self {
        let (mut muxer, reader) = Muxer::new(limits, Tap::nowhere());
        muxer.push(video(640), BEGIN);
        muxer.push(opus(), BEGIN);
        Self::of(muxer, reader)
    }

    /// Into a muxer that is told what was not told here.
    pub(super) fn of(muxer: Muxer, reader: Reader) -> Self {
        let (fps, distance, picture_bytes) = (30, 60, 500);
        let (pictures, sounds, has_sound) = (0, 0, true);
        Self { muxer, reader, fps, distance, picture_bytes, has_sound, pictures, sounds, wall: 0 }
    }

    /// So many pictures, and the sound that goes with them.
    pub(super) fn pictures(&mut self, count: i64) {
        for _ in 0..count {
            let at = self.pictures * 90_000 / self.fps;
            let wall = BEGIN + self.wall + at / 90;
            while self.has_sound && self.sounds * 1800 <= at {
                self.muxer.push(sound(self.sounds), wall);
                self.sounds += 1;
            }
            let is_key = self.pictures % self.distance == 0;
            self.muxer.push(picture(at, is_key, self.picture_bytes), wall);
            self.pictures += 1;
        }
    }

    pub(super) fn seconds(&mut self, seconds: i64) {
        self.pictures(seconds * self.fps);
    }

    /// What comes from here on comes so much later than before.
    pub(super) fn late(&mut self, ms: i64) {
        self.wall += ms;
    }

    /// Skips sound that would have come by now.
    pub(super) fn sound_again(&mut self) {
        self.has_sound = true;
        self.sounds = self.pictures * 50 / self.fps;
    }

    /// The publisher comes again after so many milliseconds, with a timeline of its own.
    pub(super) fn again_after(&mut self, ms: i64) {
        self.wall += self.pictures * 1000 / self.fps + ms;
        (self.pictures, self.sounds) = (0, 0);
        self.muxer.new_run();
    }

    /// The playlist as it is.
    pub(super) fn playlist(&self) -> String {
        let text = now(self.reader.playlist(Wanted::Now, PATIENCE)).unwrap();
        String::from_utf8(text.to_vec()).unwrap()
    }

    pub(super) fn master(&self) -> String {
        String::from_utf8(now(self.reader.master(PATIENCE)).unwrap().to_vec()).unwrap()
    }
}

/// What is there without waiting.
pub(super) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("this must be waited for"),
    }
}
