//! Buckets: how often something may be done. Used for comments, frames, reactions and bad frames alike.
//! It must not read the clock: time is an argument.

use crate::domain::time::Millis;
use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

/// So many in such a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In how long, in milliseconds.
    pub per_ms: i64,
}

/// The last uses of one allowance: at most `count` in any `per_ms`.
#[derive(Clone, Debug, Default)]
pub struct Window {
    uses: VecDeque<Millis>,
}

impl Window {
    /// Uses the allowance once, or says after how many milliseconds it could be.
    pub fn take(&mut self, rate: Rate, now: Millis) -> Result<(), i64> {
        self.forget(rate, now);
        if self.uses.len() < rate.count as usize {
            self.uses.push_back(now);
            return Ok(());
        }
        Err(self.uses.front().map_or(rate.per_ms, |first| (*first + rate.per_ms).since(now)).max(1))
    }

    /// Takes the last use back: it did not count after all.
    pub fn refund(&mut self) {
        self.uses.pop_back();
    }

    /// Whether nothing is remembered any more.
    pub fn is_idle(&mut self, rate: Rate, now: Millis) -> bool {
        self.forget(rate, now);
        self.uses.is_empty()
    }

    fn forget(&mut self, rate: Rate, now: Millis) {
        while self.uses.front().is_some_and(|first| *first + rate.per_ms <= now) {
            self.uses.pop_front();
        }
    }
}

/// An allowance for each of many, forgotten once idle.
pub struct Windows<K> {
    rate: Option<Rate>,
    windows: HashMap<K, Window>,
    sweep_at: usize,
}

/// From how many on idle ones are looked for.
const SWEEP_FROM: usize = 1024;

impl<K: Eq + Hash> Windows<K> {
    /// No rate, no limit.
    pub fn new(rate: Option<Rate>) -> Self {
        Self { rate, windows: HashMap::new(), sweep_at: SWEEP_FROM }
    }

    /// Uses somebody's allowance once, or says after how many milliseconds it could be.
    pub fn take(&mut self, key: K, now: Millis) -> Result<(), i64> {
        let Some(rate) = self.rate else { return Ok(()) };
        self.sweep(rate, now);
        self.windows.entry(key).or_default().take(rate, now)
    }

    /// Takes somebody's last use back.
    pub fn refund(&mut self, key: &K) {
        if let Some(window) = self.windows.get_mut(key) {
            window.refund();
        }
    }

    fn sweep(&mut self, rate: Rate, now: Millis) {
        if self.windows.len() < self.sweep_at {
            return;
        }
        self.windows.retain(|_, window| !window.is_idle(rate, now));
        self.sweep_at = SWEEP_FROM.max(self.windows.len() * 2);
    }
}

/// A bucket of tokens that fills at a steady rate: for many uses a second, where remembering each would be dear.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    tokens: f64,
    filled: Millis,
}

impl Bucket {
    /// A full bucket.
    pub fn full(burst: u32, now: Millis) -> Self {
        Self { tokens: f64::from(burst), filled: now }
    }

    /// Takes a token, or says after how many milliseconds there is one.
    pub fn take(&mut self, per_second: u32, burst: u32, now: Millis) -> Result<(), i64> {
        let grown = now.since(self.filled) as f64 * f64::from(per_second) / 1000.0;
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

    const RATE: Rate = Rate { count: 5, per_ms: 5000 };

    #[test]
    fn the_sixth_in_five_seconds_waits_until_the_first_is_forgotten() {
        let mut window = Window::default();
        for at in 0..5 {
            assert_eq!(window.take(RATE, Millis(at * 100)), Ok(()));
        }
        assert_eq!(window.take(RATE, Millis(500)), Err(4500));
        assert_eq!(window.take(RATE, Millis(4999)), Err(1));
        assert_eq!(window.take(RATE, Millis(5000)), Ok(()));
        assert_eq!(window.take(RATE, Millis(5001)), Err(99));
    }

    #[test]
    fn a_refund_gives_the_use_back() {
        let mut windows = Windows::new(Some(Rate { count: 1, per_ms: 1000 }));
        assert_eq!(windows.take("ana", Millis(0)), Ok(()));
        windows.refund(&"ana");
        assert_eq!(windows.take("ana", Millis(1)), Ok(()));
        assert_eq!(windows.take("ana", Millis(2)), Err(999));
        assert_eq!(windows.take("bo", Millis(2)), Ok(()));
    }

    #[test]
    fn who_is_idle_is_forgotten() {
        let mut windows = Windows::new(Some(RATE));
        (0..SWEEP_FROM).for_each(|n| windows.take(n, Millis(0)).unwrap());
        windows.take(SWEEP_FROM, Millis(5000)).unwrap();
        assert_eq!(windows.windows.len(), 1);
    }

    #[test]
    fn a_bucket_allows_its_burst_and_then_its_rate() {
        let mut bucket = Bucket::full(40, Millis(0));
        (0..40).for_each(|_| bucket.take(20, 40, Millis(0)).unwrap());
        assert_eq!(bucket.take(20, 40, Millis(0)), Err(50));
        assert_eq!(bucket.take(20, 40, Millis(50)), Ok(()));
    }
}
