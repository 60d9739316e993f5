//! Says when somebody sets the system's clock, and reminds of it once a minute for as long as the server's own time
//! differs. It must not know what is dated by either.

use crate::domain::time::clock::{self, Standing};
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// How often is looked.
const EVERY: Duration = Duration::from_secs(1);
/// How often a difference is called to mind.
const REMIND_EVERY: Duration = Duration::from_secs(60);
/// Less than this is no step, and no difference worth a word, in milliseconds.
const WORTH_A_WORD_MS: i64 = 1_000;

/// Watches for as long as the future is polled.
pub(super) async fn watch() {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut steps = Steps::from(clock::standing(), Instant::now());
    loop {
        ticks.tick().await;
        if let Some(line) = steps.line(clock::standing(), Instant::now()) {
            log::warn!("{line}");
        }
    }
}

/// What was said last, and of which state of the clocks.
struct Steps {
    offset_ms: i64,
    said: Instant,
}

impl Steps {
    fn from(standing: Standing, now: Instant) -> Steps {
        Steps { offset_ms: standing.offset_ms, said: now }
    }

    /// What is to be said now.
    fn line(&mut self, Standing { ahead_ms, offset_ms }: Standing, now: Instant) -> Option<String> {
        let step_ms = offset_ms - self.offset_ms;
        if step_ms.abs() >= WORTH_A_WORD_MS {
            *self = Steps { offset_ms, said: now };
            let way = if step_ms < 0 { "back" } else { "ahead" };
            let step = seconds(step_ms);
            return Some(format!("the system's clock was set {way} by {step} s; {}", consequence(ahead_ms)));
        }
        let is_time = now.saturating_duration_since(self.said) >= REMIND_EVERY;
        if !is_time || ahead_ms.abs() < WORTH_A_WORD_MS {
            return None;
        }
        self.said = now;
        Some(format!("the system's clock was set a while ago; {}", consequence(ahead_ms)))
    }
}

fn consequence(ahead_ms: i64) -> String {
    if ahead_ms.abs() < WORTH_A_WORD_MS {
        return "this server goes by it at once".to_owned();
    }
    let (way, pace) = if ahead_ms < 0 { ("behind", "faster") } else { ("ahead of", "slower") };
    format!(
        "this server's time is {} s {way} it and runs a tenth {pace} until they agree; a restart sets it at once",
        seconds(ahead_ms)
    )
}

fn seconds(ms: i64) -> String {
    let ms = ms.unsigned_abs();
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_said_at_once_and_a_difference_once_a_minute_until_it_is_gone() {
        let begun = Instant::now();
        let after = |s| begun + Duration::from_secs(s);
        let standing = |ahead_ms, offset_ms| Standing { ahead_ms, offset_ms };
        let mut steps = Steps::from(standing(0, 5_000), begun);
        assert_eq!(steps.line(standing(0, 5_400), after(1)), None);
        let told = steps.line(standing(3_600_000, -3_595_000), after(2)).expect("an hour back");
        assert!(told.contains("set back by 3600.0 s") && told.contains("3600.0 s ahead of it"), "{told}");
        assert_eq!(steps.line(standing(3_599_900, -3_595_000), after(61)), None);
        let told = steps.line(standing(3_594_000, -3_595_000), after(62)).expect("a minute later");
        assert!(told.contains("3594.0 s ahead of it and runs a tenth slower"), "{told}");
        assert_eq!(steps.line(standing(999, -3_595_000), after(122)), None);
        let told = steps.line(standing(0, 1_700_000_000_000), after(123)).expect("another date");
        assert!(told.contains("set ahead") && told.contains("goes by it at once"), "{told}");
        let told = steps.line(standing(-46_800_000, 1_700_046_800_000), after(124)).expect("13 hours");
        assert!(told.contains("behind it and runs a tenth faster"), "{told}");
    }
}
