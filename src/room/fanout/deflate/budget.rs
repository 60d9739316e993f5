//! How much of its time a worker spends on compressing: a small part of the time that passes, and a small part of what sending
//! takes, which compressing makes less. It must not compress, nor read the clock.

use flate2::Compression;
use std::time::{Duration, Instant};

/// The part of a worker's time that may be spent, whatever is sent.
const OF_TIME: f64 = 0.02;
/// The part of the time for sending that may be spent besides: of a quarter of the bytes, sending saves more than this.
const OF_SENDING: f64 = 0.05;
/// What may be saved up, in seconds.
const LEFT_MAX_S: f64 = 0.02;
/// The part of what is left from which on a batch is compressed as well as may be: there are others to come.
const PLENTY: f64 = 0.25;
/// How much the last batch counts against those before.
const NEWEST_SHARE: f64 = 0.25;
/// Below this, a batch costs as much as one of so many bytes.
const LEAST_BYTES: usize = 1000;
/// Seconds a byte, at first: measured with zlib-rs 0.6 on batches of 3 to 50 comments.
const FAST_S: f64 = 4e-9;
const THOROUGH_S: f64 = 40e-9;

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// About 9 parts of 10 of what can be saved, for a tenth of the time.
    Fast,
    Thorough,
}

impl Level {
    pub(super) fn compression(self) -> Compression {
        match self {
            Self::Fast => Compression::fast(),
            Self::Thorough => Compression::default(),
        }
    }
}

/// Time that may be spent.
pub(super) struct Budget {
    left_s: f64,
    as_of: Instant,
    fast_s: f64,
    thorough_s: f64,
}

impl Budget {
    pub(super) fn new(now: Instant) -> Self {
        Self { left_s: LEFT_MAX_S, as_of: now, fast_s: FAST_S, thorough_s: THOROUGH_S }
    }

    /// How to compress so many bytes; not at all where there is no time for it.
    pub(super) fn level(&mut self, bytes: usize, now: Instant) -> Option<Level> {
        let passed = now.saturating_duration_since(self.as_of).as_secs_f64();
        self.as_of = now;
        self.add(passed * OF_TIME);
        let bytes = bytes.max(LEAST_BYTES) as f64;
        if self.thorough_s * bytes <= self.left_s * PLENTY {
            return Some(Level::Thorough);
        }
        (self.fast_s * bytes <= self.left_s).then_some(Level::Fast)
    }

    /// So much was spent on so many bytes.
    pub(super) fn spend(&mut self, level: Level, bytes: usize, took: Duration) {
        let took_s = took.as_secs_f64();
        self.left_s -= took_s;
        let known = match level {
            Level::Fast => &mut self.fast_s,
            Level::Thorough => &mut self.thorough_s,
        };
        *known += (took_s / bytes.max(LEAST_BYTES) as f64 - *known) * NEWEST_SHARE;
    }

    /// Sending took so long.
    pub(super) fn has_sent(&mut self, took: Duration) {
        self.add(took.as_secs_f64() * OF_SENDING);
    }

    fn add(&mut self, seconds: f64) {
        self.left_s = (self.left_s + seconds).min(LEFT_MAX_S);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BATCH: usize = 10_000;

    fn spent(budget: &mut Budget, now: Instant, ms: u64) -> Option<Level> {
        let level = budget.level(BATCH, now)?;
        budget.spend(level, BATCH, Duration::from_millis(ms));
        Some(level)
    }

    #[test]
    fn who_has_time_tries_hard_then_less_hard_then_not_at_all() {
        let now = Instant::now();
        let mut budget = Budget::new(now);
        let levels: Vec<_> = std::iter::from_fn(|| spent(&mut budget, now, 1)).collect();
        let fast = levels.iter().position(|level| *level == Level::Fast).expect("less hard in between");
        assert!(levels[..fast].iter().all(|level| *level == Level::Thorough) && fast > 2, "{levels:?}");
        assert!(levels[fast..].iter().all(|level| *level == Level::Fast), "{levels:?}");
        assert!((15..25).contains(&levels.len()), "all of the 20 ms and no more: {}", levels.len());
    }

    #[test]
    fn a_part_of_the_time_that_passes_and_of_that_for_sending_is_spent() {
        // A batch takes a millisecond, and a hundred a second are sent for ten seconds.
        let compressed_ms = |sending| {
            let start = Instant::now();
            let mut budget = Budget::new(start);
            while spent(&mut budget, start, 1).is_some() {}
            let batches = (1..=1000).map(|batch| start + Duration::from_millis(batch * 10));
            let is_compressed = |now: &Instant| {
                budget.has_sent(sending);
                spent(&mut budget, *now, 1).is_some()
            };
            batches.filter(is_compressed).count()
        };
        let of_time = compressed_ms(Duration::ZERO);
        assert!((190..=210).contains(&of_time), "2 % of ten seconds: {of_time} ms");
        let of_both = compressed_ms(Duration::from_millis(8));
        assert!((580..=620).contains(&of_both), "and 5 % of eight seconds: {of_both} ms");
    }

    #[test]
    fn a_compressor_that_is_slower_than_thought_is_asked_less() {
        let mut now = Instant::now();
        let mut budget = Budget::new(now);
        for _ in 0..20 {
            now += Duration::from_secs(10);
            spent(&mut budget, now, 50);
        }
        now += Duration::from_secs(10);
        assert_eq!(budget.level(BATCH, now), None, "one of them is more than can be saved up");
    }
}
