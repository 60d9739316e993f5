//! What of a stream can be fetched at one moment: its last segments with their parts. Readers share it and never wait for it.
//! It must not know samples, nor how it is written as a playlist.

use crate::{domain::Millis, media::sample::VIDEO_CLOCK};
use bytes::{Bytes, BytesMut};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// Whole segments that a playlist lists.
pub(super) const LISTED: usize = 8;
/// Whole segments that can be fetched: who has read an older playlist comes for one that is listed no more.
const KEPT: usize = LISTED + 2;
/// The least target duration, in seconds.
const TARGET_LEAST: u64 = 2;

/// A length of time in ticks of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticks(pub i64);

impl Ticks {
    /// In whole milliseconds.
    pub(super) fn ms(self) -> i64 {
        self.0 * 1000 / i64::from(VIDEO_CLOCK)
    }

    /// As a fraction of seconds, as playlists have it.
    pub(super) fn seconds(self) -> f64 {
        self.0 as f64 / f64::from(VIDEO_CLOCK)
    }
}

/// What all segments of a run share.
#[derive(Debug)]
pub(super) struct Head {
    /// Names the run in paths: never one that was there before.
    pub run: u64,
    pub init: Bytes,
    pub codecs: String,
    pub width: u16,
    pub height: u16,
}

/// A piece of a segment that can be fetched as soon as it is there.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub bytes: Bytes,
    pub length: Ticks,
    /// Whether decoding can begin with it.
    pub is_independent: bool,
    pub pictures: u32,
}

/// A segment, whole or under way.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Its media sequence number.
    pub n: u64,
    pub head: Arc<Head>,
    /// When its first picture came.
    pub date: Millis,
    /// How often a run has followed another before this one's or at its beginning.
    pub discontinuity: u64,
    /// Whether it is the first of a run that follows another.
    pub is_discontinuous: bool,
    pub parts: Vec<Part>,
    /// All parts in one; none while it is under way.
    pub whole: Bytes,
}

impl Segment {
    pub(super) fn length(&self) -> Ticks {
        Ticks(self.parts.iter().map(|part| part.length.0).sum())
    }

    pub(super) fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.bytes.len()).sum()
    }

    pub(super) fn pictures(&self) -> u32 {
        self.parts.iter().map(|part| part.pictures).sum()
    }

    /// Puts the parts into one piece of memory, of which they are slices from then on.
    fn finish(mut self) -> Self {
        let mut whole = BytesMut::with_capacity(self.bytes());
        self.parts.iter().for_each(|part| whole.extend_from_slice(&part.bytes));
        self.whole = whole.freeze();
        let mut at = 0;
        for part in &mut self.parts {
            part.bytes = self.whole.slice(at..at + part.bytes.len());
            at += part.bytes.len();
        }
        self
    }
}

/// What can be fetched.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// Whole, the oldest first.
    pub segments: VecDeque<Arc<Segment>>,
    /// Under way, with one part at least.
    pub open: Option<Segment>,
    /// The run that goes on, if one does; its next part can be waited for.
    pub running: Option<Arc<Head>>,
    /// The number of the segment that is under way, or of the next.
    pub next: u64,
    /// In whole seconds; grows with the longest segment ever, and never sinks.
    pub target: u64,
    pub has_ended: bool,
    pub poster: Option<Bytes>,
    /// The playlist of all that.
    pub playlist: Bytes,
}

impl Window {
    /// One with nothing in it yet.
    pub(super) fn new() -> Self {
        Self { target: TARGET_LEAST, ..Self::default() }
    }

    /// The segments that a playlist lists as whole.
    pub(super) fn listed(&self) -> impl Iterator<Item = &Arc<Segment>> {
        self.segments.iter().skip(self.segments.len().saturating_sub(LISTED))
    }

    /// Those and the one under way.
    pub(super) fn all(&self) -> impl Iterator<Item = &Segment> {
        self.listed().map(Arc::as_ref).chain(&self.open)
    }

    /// Parts of the segment under way.
    pub(super) fn open_parts(&self) -> usize {
        self.open.as_ref().map_or(0, |open| open.parts.len())
    }

    /// The longest part that is listed: what players plan with.
    pub(super) fn part_target(&self) -> Ticks {
        self.all().flat_map(|segment| &segment.parts).map(|part| part.length).max().unwrap_or_default()
    }

    pub(super) fn target_duration(&self) -> Duration {
        Duration::from_secs(self.target)
    }

    /// Adds a part to the segment under way, or begins one with it.
    pub(super) fn add(&mut self, part: Part, head: &Arc<Head>, date: Millis) {
        let open = self.open.get_or_insert_with(|| {
            let before = self.segments.back();
            let is_discontinuous = before.is_some_and(|before| before.head.run != head.run);
            Segment {
                n: self.next,
                head: head.clone(),
                date,
                discontinuity: before.map_or(0, |before| before.discontinuity) + u64::from(is_discontinuous),
                is_discontinuous,
                parts: Vec::new(),
                whole: Bytes::new(),
            }
        });
        open.parts.push(part);
        // RFC 8216bis, 4.4.3.1: rounded to the nearest second.
        self.target = self.target.max(open.length().seconds().round() as u64);
    }

    /// Ends the segment under way, and lets the oldest go beyond the limit of bytes or of their number. Returns what it has ended.
    pub(super) fn finish(&mut self, bytes_max: usize) -> Option<Arc<Segment>> {
        let open = self.open.take()?;
        self.next = open.n + 1;
        let finished = Arc::new(open.finish());
        self.segments.push_back(finished.clone());
        let mut bytes: usize = self.segments.iter().map(|segment| segment.bytes()).sum();
        while self.segments.len() > KEPT || bytes > bytes_max && self.segments.len() > 1 {
            bytes -= self.segments.pop_front().map_or(0, |oldest| oldest.bytes());
        }
        Some(finished)
    }
}
