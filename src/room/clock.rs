//! The room's own clock: when may it fan out again? At once when quiet, in batches when busy.
//! It must not read the time: time is an argument, in milliseconds since any origin.

/// The share of a worker's time that one room's fan-out may take before it gathers. One eighth keeps a
/// worker responsive and makes batches of several comments as soon as there is work to save.
const SHARE: f64 = 0.125;
/// What a quiet room may spend at once, in milliseconds of fan-out.
const SAVED_MAX_MS: f64 = 25.0;
/// The longest a comment waits for others, in milliseconds.
const WINDOW_MAX_MS: f64 = 100.0;

/// Gathers events into flushes by what the last ones cost: a leaky bucket of fan-out time.
pub struct Clock {
    window: Window,
    saved_ms: f64,
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
        Self { window, saved_ms: SAVED_MAX_MS, seen_ms: 0.0, flushed_ms: f64::NEG_INFINITY }
    }

    /// How long to gather before the next flush, in milliseconds; 0 is at once.
    pub fn wait_ms(&mut self, now_ms: f64) -> f64 {
        self.advance(now_ms);
        let since_flush = now_ms - self.flushed_ms;
        let wait = match self.window {
            Window::Fixed(window) => window - since_flush,
            Window::Auto if self.saved_ms >= 0.0 => 0.0,
            Window::Auto => (-self.saved_ms / SHARE).min(WINDOW_MAX_MS - since_flush),
        };
        wait.max(0.0)
    }

    /// A flush was handed out.
    pub fn flushed(&mut self, now_ms: f64) {
        self.flushed_ms = now_ms;
    }

    /// A flush has been written; `took_ms` is the worker time it cost.
    pub fn drained(&mut self, now_ms: f64, took_ms: f64) {
        self.advance(now_ms);
        self.saved_ms = (self.saved_ms - took_ms).max(-WINDOW_MAX_MS * SHARE);
    }

    fn advance(&mut self, now_ms: f64) {
        let passed = (now_ms - self.seen_ms).max(0.0);
        self.seen_ms = now_ms;
        self.saved_ms = (self.saved_ms + passed * SHARE).min(SAVED_MAX_MS);
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
    fn nobody_waits_longer_than_the_longest_window() {
        let (_, longest) = run(Window::Auto, 1.0, 80.0);
        assert!(longest <= WINDOW_MAX_MS, "{longest} ms");
    }

    #[test]
    fn a_fixed_window_of_zero_flushes_at_once() {
        assert_eq!(run(Window::Fixed(0.0), 1.0, 50.0).1, 0.0);
        assert_eq!(run(Window::Fixed(20.0), 1.0, 1.0).1, 19.0);
    }
}
