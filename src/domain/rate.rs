//! Buckets: how often something may be done. Used for comments, frames, reactions and bad frames alike.
//! It must not read the clock: time is an argument.

use super::time::now::ms_between;
use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    time::Instant,
};

/// So many in such a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub count: u32,
    /// In how long, in milliseconds.
    pub per_ms: i64,
}

/// The last uses of one allowance: at most `count` in any `per_ms`.
#[derive(Clone, Debug, Default)]
pub(crate) struct SlidingWindow {
    uses: VecDeque<Instant>,
}

impl SlidingWindow {
    /// Uses the allowance once, or says after how many milliseconds it could be.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> Result<(), i64> {
        self.take_many(rate, 1, now)
    }

    /// Uses the allowance so often, or not at all: then it says after how many milliseconds it could be.
    pub(crate) fn take_many(&mut self, rate: Rate, uses: u32, now: Instant) -> Result<(), i64> {
        self.forget(rate, now);
        let too_many = (self.uses.len() + uses as usize).saturating_sub(rate.count as usize);
        if too_many == 0 {
            self.uses.extend((0..uses).map(|_| now));
            return Ok(());
        }
        let freed_by = self.uses.get(too_many - 1);
        Err(freed_by.map_or(rate.per_ms, |used| rate.per_ms - ms_between(*used, now)).max(1))
    }

    /// Takes the last use back: it did not count after all.
    pub(crate) fn refund(&mut self) {
        self.uses.pop_back();
    }

    /// Whether nothing is remembered any more.
    pub(crate) fn is_idle(&mut self, rate: Rate, now: Instant) -> bool {
        self.forget(rate, now);
        self.uses.is_empty()
    }

    fn forget(&mut self, rate: Rate, now: Instant) {
        while self.uses.front().is_some_and(|first| ms_between(*first, now) >= rate.per_ms) {
            self.uses.pop_front();
        }
    }
}

/// An allowance for each of many, forgotten once idle.
pub(crate) struct SlidingWindows<K> {
    rate: Option<Rate>,
    windows: HashMap<K, SlidingWindow>,
    sweep_at: usize,
}

/// From how many on idle ones are looked for.
const SWEEP_FROM: usize = 1024;

impl<K: Eq + Hash> SlidingWindows<K> {
    /// No rate, no limit.
    pub(crate) fn new(rate: Option<Rate>) -> Self {
        Self { rate, windows: HashMap::new(), sweep_at: SWEEP_FROM }
    }

    /// Uses somebody's allowance once, or says after how many milliseconds it could be.
    pub(crate) fn take(&mut self, key: K, now: Instant) -> Result<(), i64> {
        let Some(rate) = self.rate else { return Ok(()) };
        self.sweep(rate, now);
        self.windows.entry(key).or_default().take(rate, now)
    }

    /// Takes somebody's last use back.
    pub(crate) fn refund(&mut self, key: &K) {
        if let Some(window) = self.windows.get_mut(key) {
            window.refund();
        }
    }

    fn sweep(&mut self, rate: Rate, now: Instant) {
        if self.windows.len() < self.sweep_at {
            return;
        }
        self.windows.retain(|_, window| !window.is_idle(rate, now));
        self.sweep_at = SWEEP_FROM.max(self.windows.len() * 2);
    }
}

/// A bucket of tokens that fills at a steady rate: for many uses a second, where remembering each would be dear.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenBucket {
    tokens: f64,
    filled: Instant,
}

impl TokenBucket {
    /// A full bucket.
    pub(crate) fn full(burst: u32, now: Instant) -> Self {
        Self { tokens: f64::from(burst), filled: now }
    }

    /// Takes a token, or says after how many milliseconds there is one.
    pub(crate) fn take(&mut self, per_second: u32, burst: u32, now: Instant) -> Result<(), i64> {
        let grown = now.saturating_duration_since(self.filled).as_secs_f64() * f64::from(per_second);
        self.tokens = (self.tokens + grown).min(f64::from(burst));
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(((1.0 - self.tokens) * 1000.0 / f64::from(per_second.max(1))).ceil() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const RATE: Rate = Rate { count: 5, per_ms: 5000 };

    /// Moments, by milliseconds since the first.
    fn moments() -> impl Fn(u64) -> Instant {
        let start = Instant::now();
        move |ms| start + Duration::from_millis(ms)
    }

    #[test]
    fn the_sixth_in_five_seconds_waits_until_the_first_is_forgotten() {
        let (at, mut window) = (moments(), SlidingWindow::default());
        for ms in 0..5 {
            assert_eq!(window.take(RATE, at(ms * 100)), Ok(()));
        }
        assert_eq!(window.take(RATE, at(500)), Err(4500));
        assert_eq!(window.take(RATE, at(4999)), Err(1));
        assert_eq!(window.take(RATE, at(5000)), Ok(()));
        assert_eq!(window.take(RATE, at(5001)), Err(99));
    }

    #[test]
    fn many_uses_are_taken_together_or_not_at_all() {
        let (at, mut window) = (moments(), SlidingWindow::default());
        assert_eq!(window.take_many(RATE, 3, at(0)), Ok(()));
        assert_eq!(window.take_many(RATE, 3, at(1000)), Err(4000));
        assert_eq!(window.take_many(RATE, 2, at(1000)), Ok(()), "what was refused has used nothing");
        assert_eq!(window.take_many(RATE, 6, at(2000)), Err(5000), "more than ever fits");
    }

    #[test]
    fn a_refund_gives_the_use_back() {
        let (at, mut windows) = (moments(), SlidingWindows::new(Some(Rate { count: 1, per_ms: 1000 })));
        assert_eq!(windows.take("ana", at(0)), Ok(()));
        windows.refund(&"ana");
        assert_eq!(windows.take("ana", at(1)), Ok(()));
        assert_eq!(windows.take("ana", at(2)), Err(999));
        assert_eq!(windows.take("bo", at(2)), Ok(()));
    }

    #[test]
    fn who_is_idle_is_forgotten() {
        let (at, mut windows) = (moments(), SlidingWindows::new(Some(RATE)));
        (0..SWEEP_FROM).for_each(|n| windows.take(n, at(0)).unwrap());
        windows.take(SWEEP_FROM, at(5000)).unwrap();
        assert_eq!(windows.windows.len(), 1);
    }

    #[test]
    fn a_bucket_allows_its_burst_and_then_its_rate() {
        let at = moments();
        let mut bucket = TokenBucket::full(40, at(0));
        (0..40).for_each(|_| bucket.take(20, 40, at(0)).unwrap());
        assert_eq!(bucket.take(20, 40, at(0)), Err(50));
        assert_eq!(bucket.take(20, 40, at(50)), Ok(()));
    }
}
