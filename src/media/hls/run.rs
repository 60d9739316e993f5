//! One run: pictures and sound with one configuration, cut into parts and segments.
//! It must not know who reads them, nor when a run begins.

use super::{
    mp4::{self, Timed, fragment},
    sounds::Sounds,
    window::{Head, Part, Segment, Ticks, Window},
};
use crate::{
    domain::Millis,
    media::sample::{AudioConfig, CodedPicture, VIDEO_CLOCK, VideoConfig},
};
use std::{mem, sync::Arc};

const MS: i64 = VIDEO_CLOCK as i64 / 1000;
/// A part is no longer than this, unless a single picture is.
const PART: i64 = 250 * MS;
/// Bytes of a part from which on it is cut.
const PART_BYTES: usize = 4 << 20;
/// Pictures of a part, however close they follow each other.
const PART_PICTURES: usize = 256;
/// A segment ends at the first keyframe from here on: two seconds, less what the clocks of browsers jitter.
const SEGMENT_LEAST: i64 = 1900 * MS;
/// And ends without a keyframe here.
const SEGMENT_MOST: i64 = 12_000 * MS;
/// So many parts are only reached by a source that stamps its pictures strangely.
const SEGMENT_PARTS: usize = 128;
/// How far the time of day may be from what is counted on from the last segments.
const DATE_DRIFT_MS: i64 = 1000;

/// A run under way.
#[derive(Debug)]
pub(super) struct Run {
    head: Arc<Head>,
    /// What its sound is coded with; of another configuration none is taken.
    audio: Arc<AudioConfig>,
    /// The last picture: how long it is shows when the next comes.
    pending: CodedPicture,
    /// How long the one before it was.
    usual: i64,
    part: Vec<Timed>,
    /// Number of the next fragment.
    number: u32,
    segment: Begun,
    limits: SegmentLimits,
}

/// What has come of a picture.
#[derive(Debug)]
pub(super) enum Cut {
    /// Nothing that can be fetched yet.
    Nothing,
    /// Another part of a segment.
    Part,
    /// A whole segment.
    Segment(Arc<Segment>),
}

/// Where the segment under way begins.
#[derive(Clone, Copy, Debug)]
struct Begun {
    at: i64,
    date: Millis,
}

/// At most so many bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentLimits {
    /// Of one segment, from which on it ends.
    pub segment_bytes: usize,
    /// Of all that can be fetched.
    pub window_bytes: usize,
}

impl Run {
    /// Begins with a keyframe that came at that time.
    pub(super) fn begin(
        head: Arc<Head>,
        audio: Arc<AudioConfig>,
        key: CodedPicture,
        wall: Millis,
        limits: SegmentLimits,
    ) -> Self {
        let segment = Begun { at: key.at, date: wall };
        let usual = i64::from(VIDEO_CLOCK) / 30;
        Self { head, audio, pending: key, usual, part: Vec::new(), number: 1, segment, limits }
    }

    /// What its sound is coded with.
    pub(super) fn audio(&self) -> &Arc<AudioConfig> {
        &self.audio
    }

    /// How much later than the last one a picture is decoded; negative where it is earlier.
    pub(super) fn step(&self, next: &CodedPicture) -> i64 {
        next.at.saturating_sub(self.pending.at)
    }

    /// Whether a keyframe is late enough to begin a segment.
    pub(super) fn would_begin_segment(&self, next: &CodedPicture) -> bool {
        next.is_key && next.at - self.segment.at >= SEGMENT_LEAST
    }

    /// Takes the next picture, which is later than the last; says what was cut.
    pub(super) fn push(
        &mut self,
        next: CodedPicture,
        wall: Millis,
        sounds: &mut Sounds,
        window: &mut Window,
    ) -> Cut {
        let (at, length) = (next.at, self.step(&next));
        let ends_segment = self.would_begin_segment(&next) || self.is_segment_full(at, window);
        let was_cut = self.add_pending(length, sounds, window);
        self.pending = next;
        if ends_segment {
            self.cut(at, sounds, window);
            let finished = window.finish(self.limits.window_bytes);
            self.segment = self.begun(at, wall);
            return finished.map_or(Cut::Part, Cut::Segment);
        }
        // Another picture of the same length would be too much: there is nothing to wait for.
        let is_full = self.part_length() + length > PART
            || self.part.len() >= PART_PICTURES
            || self.part_bytes() >= PART_BYTES;
        if is_full {
            self.cut(at, sounds, window);
        }
        if is_full || was_cut { Cut::Part } else { Cut::Nothing }
    }

    /// Ends with the picture that is left. Returns the last segment.
    pub(super) fn finish(mut self, sounds: &mut Sounds, window: &mut Window) -> Option<Arc<Segment>> {
        let length = self.usual;
        self.add_pending(length, sounds, window);
        self.cut(self.pending.at + length, sounds, window);
        window.finish(self.limits.window_bytes)
    }

    fn is_segment_full(&self, at: i64, window: &Window) -> bool {
        let open = window.open.as_ref();
        at - self.segment.at >= SEGMENT_MOST
            || open.is_some_and(|open| open.parts.len() >= SEGMENT_PARTS)
            || open.map_or(0, |open| open.bytes()) + self.part_bytes() >= self.limits.segment_bytes
    }

    /// Puts the last picture into the part, or into the next one where it does not fit; true where that cut one.
    fn add_pending(&mut self, length: i64, sounds: &mut Sounds, window: &mut Window) -> bool {
        let is_too_long = !self.part.is_empty() && self.part_length() + length > PART;
        if is_too_long {
            self.cut(self.pending.at, sounds, window);
        }
        let length_told = u32::try_from(length).unwrap_or_default();
        self.part.push(Timed { picture: self.pending.clone(), length: length_told });
        self.usual = length;
        is_too_long
    }

    fn part_length(&self) -> i64 {
        self.part.iter().map(|timed| i64::from(timed.length)).sum()
    }

    fn part_bytes(&self) -> usize {
        self.part.iter().map(|timed| timed.picture.nals.len()).sum()
    }

    /// Ends the part, with the sound up to there.
    fn cut(&mut self, at: i64, sounds: &mut Sounds, window: &mut Window) {
        let pictures = mem::take(&mut self.part);
        let Some(first) = pictures.first() else { return };
        let is_independent = first.picture.is_key;
        let mut taken = sounds.take_until(at);
        if Some(&self.audio) != sounds.config() {
            taken.clear();
        }
        let Ok(bytes) = fragment(self.number, &pictures, &taken) else { return };
        self.number = self.number.wrapping_add(1);
        let length = Ticks(pictures.iter().map(|timed| i64::from(timed.length)).sum());
        let part = Part { bytes, length, is_independent, pictures: pictures.len() as u32 };
        window.add(part, &self.head, self.segment.date);
    }

    /// Dates are counted on by the source's clock, which jitters less than what comes; but not away from ours. No picture comes
    /// before it was taken: where one is here earlier than counted, those before it came late, as the first of an encoder do.
    fn begun(&self, at: i64, wall: Millis) -> Begun {
        let counted = self.segment.date + (at - self.segment.at) / MS;
        let is_away = wall.0 - counted.0 > DATE_DRIFT_MS;
        Begun { at, date: if is_away { wall } else { counted.min(wall) } }
    }
}

/// The head of a run that begins; none where its configuration cannot be told.
pub(super) fn head(run: u64, video: &VideoConfig, audio: &AudioConfig) -> Option<Head> {
    let init = mp4::init(video, audio).ok()?;
    let codecs = mp4::codecs(video, audio);
    Some(Head { run, init, codecs, width: video.width, height: video.height })
}
