//! The room's own clock: when may it fan out again? At once when quiet, in batches when busy.
//! It must not read the time: time is an argument, in milliseconds since any origin.

/// What a quiet room may spend at once, in milliseconds of fan-out.
const SAVED_MAX_MS: f64 = 25.0;
/// A wait that nobody notices, for as long as fan-out takes more than an eighth of a worker's time.
const GENTLE: (f64, f64) = (0.125, 15.0);
/// The longest wait, so that fan-out leaves half of a worker's time to all else.
const FIRM: (f64, f64) = (0.5, 100.0);

/// Gathers events into flushes by what the last ones cost: leaky buckets of fan-out time.
pub struct Clock {
    window: Window,
    gentle: Bucket,
    firm: Bucket,
    seen_ms: f64,
    flushed_ms: f64,
}

/// How long to gather.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Window {
    /// By the cost of what went before.
    Auto,
    /// Always this long, in milliseconds; 0 flushes at once.
    Fixed(f64),
}

impl Clock {
    /// A clock that has been quiet for long.
    pub fn new(window: Window) -> Self {
        Self {
            window,
            gentle: Bucket::full(GENTLE),
            firm: Bucket::full(FIRM),
            seen_ms: 0.0,
            flushed_ms: f64::NEG_INFINITY,
        }
    }

    /// How long to gather before the next flush, in milliseconds; 0 is at once.
    pub fn wait_ms(&mut self, now_ms: f64) -> f64 {
        self.advance(now_ms);
        let since_flush = now_ms - self.flushed_ms;
        match self.window {
            Window::Fixed(window) => (window - since_flush).max(0.0),
            Window::Auto => self.gentle.wait_ms(since_flush).max(self.firm.wait_ms(since_flush)),
        }
    }

    /// A flush was handed out.
    pub fn flushed(&mut self, now_ms: f64) {
        self.flushed_ms = now_ms;
    }

    /// A flush has been written; `took_ms` is the worker time it cost.
    pub fn drained(&mut self, now_ms: f64, took_ms: f64) {
        self.advance(now_ms);
        self.gentle.spend(took_ms);
        self.firm.spend(took_ms);
    }

    fn advance(&mut self, now_ms: f64) {
        let passed_ms = (now_ms - self.seen_ms).max(0.0);
        self.seen_ms = now_ms;
        self.gentle.save(passed_ms);
        self.firm.save(passed_ms);
    }
}

/// Fan-out time that has been saved up, or is owed.
struct Bucket {
    share: f64,
    window_max_ms: f64,
    saved_ms: f64,
}

impl Bucket {
    fn full((share, window_max_ms): (f64, f64)) -> Self {
        Self { share, window_max_ms, saved_ms: SAVED_MAX_MS }
    }

    fn wait_ms(&self, since_flush_ms: f64) -> f64 {
        let until_paid_ms = -self.saved_ms / self.share;
        until_paid_ms.min(self.window_max_ms - since_flush_ms).max(0.0)
    }

    fn spend(&mut self, took_ms: f64) {
        self.saved_ms = (self.saved_ms - took_ms).max(-self.window_max_ms * self.share);
    }

    fn save(&mut self, passed_ms: f64) {
        self.saved_ms = (self.saved_ms + passed_ms * self.share).min(SAVED_MAX_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Posts every `gap_ms` for ten seconds, each flush costing `cost_ms`: flushes made, longest wait.
    fn run(window: Window, gap_ms: f64, cost_ms: f64) -> (u32, f64) {
        let (mut clock, mut now, mut flushes, mut longest) = (Clock::new(window), 0.0, 0, 0.0_f64);
        while now < 10_000.0 {
            let wait = clock.wait_ms(now);
            longest = longest.max(wait);
            now += wait;
            clock.flushed(now);
            clock.drained(now + cost_ms, cost_ms);
            flushes += 1;
            now += gap_ms.max(cost_ms);
        }
        (flushes, longest)
    }

    #[test]
    fn a_quiet_room_never_waits() {
        let (_, longest) = run(Window::Auto, 20.0, 2.0);
        assert_eq!(longest, 0.0);
    }

    #[test]
    fn a_busy_room_gathers_so_that_fan_out_stays_within_its_share() {
        let (flushes, longest) = run(Window::Auto, 2.0, 2.0);
        let share = f64::from(flushes) * 2.0 / 10_000.0;
        assert!((0.10..0.15).contains(&share), "fan-out took {share} of the time");
        assert!(longest < 20.0, "{longest} ms");
    }

    #[test]
    fn a_dear_audience_at_an_easy_pace_is_not_kept_waiting() {
        let (_, longest) = run(Window::Auto, 20.0, 6.0);
        assert_eq!(longest, 0.0, "30 % of the time is no reason to wait");
    }

    #[test]
    fn nobody_waits_longer_than_the_longest_window() {
        let (_, longest) = run(Window::Auto, 1.0, 80.0);
        assert!(longest <= FIRM.1, "{longest} ms");
    }

    #[test]
    fn a_fixed_window_of_zero_flushes_at_once() {
        assert_eq!(run(Window::Fixed(0.0), 1.0, 50.0).1, 0.0);
        assert_eq!(run(Window::Fixed(20.0), 1.0, 1.0).1, 19.0);
    }
}
