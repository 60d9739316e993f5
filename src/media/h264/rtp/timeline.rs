//! RTP timestamps as times that only grow, and where they do not, where another run begins.
//! It must not know what happens at those times.

use crate::media::sample::VIDEO_CLOCK;

/// A step of more than this is another run.
const STEP_MAX: i64 = 10 * VIDEO_CLOCK as i64;
/// How far back a picture may be that is only shown out of order; further back is another run.
const BACK_MAX: i64 = VIDEO_CLOCK as i64;

/// The times of one run, from its first timestamp on.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    timestamp: u32,
    at: i64,
}

/// Where a timestamp lies.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// So many ticks behind the first one of the run.
    At(i64),
    /// Not behind the last: such a picture cannot be decoded in its turn, as B-frames come.
    OutOfOrder,
    /// On no line with those before: another run begins, at 0.
    Elsewhere,
}

impl Timeline {
    /// Whether a timestamp would begin another run.
    pub(super) fn place(&self, timestamp: u32) -> Place {
        let Some(Last { timestamp: last, at }) = self.last else { return Place::At(0) };
        // The difference of two neighbours is small, whichever way round the numbers wrap.
        match i64::from(timestamp.wrapping_sub(last).cast_signed()) {
            step @ 1..=STEP_MAX => Place::At(at + step),
            step if (-BACK_MAX..=0).contains(&step) => Place::OutOfOrder,
            _ => Place::Elsewhere,
        }
    }

    /// Goes on to a timestamp that has its place.
    pub(super) fn advance(&mut self, timestamp: u32, at: i64) {
        self.last = Some(Last { timestamp, at });
    }

    /// Whether a run has begun.
    pub(super) fn is_begun(&self) -> bool {
        self.last.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_grow_beyond_32_bits() {
        let mut line = Timeline::default();
        let mut timestamp = u32::MAX - 1000;
        let mut reached = 0;
        for _ in 0..20_000 {
            let Place::At(at) = line.place(timestamp) else { panic!("a step of 5 s") };
            line.advance(timestamp, at);
            reached = at;
            timestamp = timestamp.wrapping_add(450_000);
        }
        assert_eq!(reached, 19_999 * 450_000);
    }

    #[test]
    fn a_long_step_or_one_far_back_leads_elsewhere() {
        let mut line = Timeline::default();
        assert_eq!(line.place(5_000_000), Place::At(0));
        line.advance(5_000_000, 0);
        let place = |step: i64| line.place((5_000_000 + step) as u32);
        assert_eq!(place(STEP_MAX), Place::At(STEP_MAX));
        assert_eq!(place(STEP_MAX + 1), Place::Elsewhere);
        assert_eq!(place(0), Place::OutOfOrder);
        assert_eq!(place(-BACK_MAX), Place::OutOfOrder);
        assert_eq!(place(-BACK_MAX - 1), Place::Elsewhere);
    }
}
