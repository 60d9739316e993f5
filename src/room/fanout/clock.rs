//! The room's own clock: when may it fan out again? At once when quiet, in batches when busy.
//! It must not read the time: time is an argument, in milliseconds since any origin.
//!
//! A fan-out costs a worker about the same however many comments are in it, so fewer and larger ones save time; but people wait
//! while comments gather. The period in which the cost of fan-outs and the cost of waiting are least together grows with the
//! square root of what one fan-out costs: the economic order quantity (F. W. Harris, 1913). While a worker has time enough
//! to send every comment by itself, nothing would be saved, and nobody waits.

use crate::{config::FlushWindow, domain::Seq};

/// The period, in milliseconds, for a fan-out that costs the dearest worker one millisecond, which is about 100 viewers of that
/// worker. Chosen so that a room of a thousand viewers on two workers waits 40 ms: that is hardly noticed, and 25 fan-outs a
/// second are cheap.
const PERIOD_AT_ONE_MS: f64 = 18.0;
/// The longest period, as long as a fan-out takes less.
const PERIOD_MAX_MS: f64 = 100.0;
/// The part of a worker's time that fan-outs may take, however dear: the rest is for what viewers say, and for who comes and
/// goes. Past saturation the period becomes as long as that takes.
const FULL: f64 = 0.8;
/// More than this, in milliseconds, nobody waits because of it: one fan-out that was slow says little about the next.
const STRETCHED_MAX_MS: f64 = 2_000.0;
/// How much the last fan-out counts against those before: one that was slow by chance should not count alone.
const NEWEST_SHARE: f64 = 0.25;
/// Over how long the pace of the room is taken, in milliseconds.
const PACE_OVER_MS: f64 = 500.0;
/// The part of a worker's time that sending every comment by itself may take without any gathering, and the part from
/// which on all of the period holds.
const EASY: f64 = 0.25;
const PRESSED: f64 = 0.3;

/// Gathers events into flushes by what the last ones cost.
pub(crate) struct FlushClock {
    window: FlushWindow,
    cost_ms: f64,
    events_per_ms: f64,
    flushed_ms: f64,
    flushed: Seq,
}

impl FlushClock {
    /// A clock that has been quiet for long; `head` is what has been said last.
    pub(crate) fn new(window: FlushWindow, head: Seq) -> Self {
        Self { window, cost_ms: 0.0, events_per_ms: 0.0, flushed_ms: f64::NEG_INFINITY, flushed: head }
    }

    /// How long to gather before the next flush, in milliseconds; 0 is at once.
    pub(crate) fn wait_ms(&self, now_ms: f64) -> f64 {
        (self.flushed_ms + self.period_ms() - now_ms).max(0.0)
    }

    /// Whether a flush that is `wait_ms` away is due now: at its time, and up to `early_ms` before where the period is the
    /// clock's own. A window that the operator chose is kept to its end.
    pub(crate) fn is_due(&self, wait_ms: f64, early_ms: f64) -> bool {
        match self.window {
            FlushWindow::Auto => wait_ms < early_ms,
            FlushWindow::Fixed(_) => wait_ms <= 0.0,
        }
    }

    /// A flush of all up to `head` was handed out.
    pub(crate) fn flushed(&mut self, now_ms: f64, head: Seq) {
        let passed_ms = (now_ms - self.flushed_ms).max(1.0);
        let events = (head.0 - self.flushed.0) as f64;
        let weight = (passed_ms / PACE_OVER_MS).min(1.0);
        self.events_per_ms += (events / passed_ms - self.events_per_ms) * weight;
        (self.flushed_ms, self.flushed) = (now_ms, head);
    }

    /// A flush has been written; `took_ms` is the worker time it cost.
    pub(crate) fn drained(&mut self, took_ms: f64) {
        self.cost_ms += (took_ms - self.cost_ms) * NEWEST_SHARE;
    }

    fn period_ms(&self) -> f64 {
        match self.window {
            FlushWindow::Fixed(period) => period.as_secs_f64() * 1000.0,
            FlushWindow::Auto => self.need() * self.chosen_ms().max(self.least_ms()),
        }
    }

    /// The period in which fan-outs and waiting cost least together.
    fn chosen_ms(&self) -> f64 {
        (PERIOD_AT_ONE_MS * self.cost_ms.sqrt()).min(PERIOD_MAX_MS)
    }

    /// The period below which fan-outs would take more than [`FULL`] of a worker's time.
    fn least_ms(&self) -> f64 {
        (self.cost_ms / FULL).min(STRETCHED_MAX_MS)
    }

    /// Whether there is more to fan out than can be in the longest period: the room is past saturation.
    pub(crate) fn is_stretched(&self) -> bool {
        matches!(self.window, FlushWindow::Auto) && self.period_ms() > PERIOD_MAX_MS
    }

    /// From 0, where sending every comment by itself takes no more than [`EASY`], to 1, where it would take [`PRESSED`].
    fn need(&self) -> f64 {
        let share = self.events_per_ms * self.cost_ms;
        ((share - EASY) / (PRESSED - EASY)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn fixed(ms: f64) -> FlushWindow {
        FlushWindow::Fixed(Duration::from_secs_f64(ms / 1000.0))
    }

    /// Posts every `gap_ms` for ten seconds, each flush costing `cost_ms`: flushes made, longest wait.
    fn run(window: FlushWindow, gap_ms: f64, cost_ms: f64) -> (u32, f64) {
        let mut clock = FlushClock::new(window, Seq(0));
        let (mut now, mut flushes, mut longest) = (0.0, 0, 0.0_f64);
        while now < 10_000.0 {
            let wait = clock.wait_ms(now);
            longest = longest.max(wait);
            now += wait;
            clock.flushed(now, Seq((now / gap_ms) as i64));
            clock.drained(cost_ms);
            flushes += 1;
            // The next comment comes when it comes, and finds the last fan-out written.
            now = ((now / gap_ms).floor() + 1.0).max((now + cost_ms) / gap_ms) * gap_ms;
        }
        (flushes, longest)
    }

    #[test]
    fn a_chosen_window_is_kept_to_its_end_and_the_clocks_own_may_end_early() {
        let is_due = |window, wait_ms| FlushClock::new(window, Seq(0)).is_due(wait_ms, 5.0);
        assert!(!is_due(fixed(9.0), 4.0) && is_due(fixed(9.0), 0.0));
        assert!(is_due(fixed(0.0), 0.0));
        assert!(
            is_due(FlushWindow::Auto, 4.0)
                && !is_due(FlushWindow::Auto, 5.0)
                && is_due(FlushWindow::Auto, 0.0)
        );
    }

    #[test]
    fn a_quiet_room_never_waits() {
        let (_, longest) = run(FlushWindow::Auto, 50.0, 5.0);
        assert_eq!(longest, 0.0);
    }

    #[test]
    fn a_dear_audience_at_an_easy_pace_is_not_kept_waiting() {
        let (_, longest) = run(FlushWindow::Auto, 20.0, 5.0);
        assert_eq!(longest, 0.0, "a quarter of the time is no reason to wait");
    }

    #[test]
    fn a_small_room_waits_a_few_milliseconds_at_most() {
        let (_, longest) = run(FlushWindow::Auto, 1.0, 0.1);
        assert!(longest < 6.0, "{longest} ms");
    }

    #[test]
    fn a_busy_room_gathers_so_that_fan_out_takes_an_eighth_of_a_workers_time() {
        let (flushes, longest) = run(FlushWindow::Auto, 2.0, 5.0);
        let share = f64::from(flushes) * 5.0 / 10_000.0;
        assert!((0.10..0.15).contains(&share), "fan-out took {share} of the time");
        assert!(longest < 41.0, "{longest} ms");
    }

    #[test]
    fn nobody_waits_longer_than_the_longest_period() {
        let (_, longest) = run(FlushWindow::Auto, 1.0, 80.0);
        assert!(longest <= PERIOD_MAX_MS, "{longest} ms");
    }

    #[test]
    fn past_saturation_fan_outs_leave_a_worker_some_of_its_time() {
        let (flushes, longest) = run(FlushWindow::Auto, 1.0, 400.0);
        let share = f64::from(flushes) * 400.0 / 10_000.0;
        assert!((0.7..0.9).contains(&share), "fan-out took {share} of the time, the first ones included");
        assert!((50.0..101.0).contains(&longest), "{longest} ms after the last was written");
        let (_, longest) = run(FlushWindow::Auto, 1.0, 5_000.0);
        assert!(longest <= STRETCHED_MAX_MS, "{longest} ms");
    }

    #[test]
    fn only_a_room_past_saturation_says_that_it_is() {
        let after = |window, cost_ms| {
            let mut clock = FlushClock::new(window, Seq(0));
            clock.flushed(0.0, Seq(0));
            clock.flushed(500.0, Seq(1000));
            (0..30).for_each(|_| clock.drained(cost_ms));
            clock.is_stretched()
        };
        assert_eq!(
            [5.0, 79.0, 90.0, 400.0].map(|cost_ms| after(FlushWindow::Auto, cost_ms)),
            [false, false, true, true]
        );
        assert!(!after(fixed(200.0), 400.0), "its operator's choice");
    }

    #[test]
    fn one_slow_fan_out_does_not_make_the_next_comments_wait() {
        let mut clock = FlushClock::new(FlushWindow::Auto, Seq(0));
        (0..20).for_each(|_| clock.drained(0.1));
        clock.flushed(0.0, Seq(0));
        clock.flushed(500.0, Seq(1000));
        clock.drained(5.0);
        let wait_ms = clock.wait_ms(500.0);
        assert!((1.0..21.0).contains(&wait_ms), "{wait_ms} ms");
    }

    #[test]
    fn a_fixed_window_of_zero_flushes_at_once() {
        assert_eq!(run(fixed(0.0), 1.0, 50.0).1, 0.0);
        assert_eq!(run(fixed(20.0), 1.0, 1.0).1, 19.0);
    }
}
