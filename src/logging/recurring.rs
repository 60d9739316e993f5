//! A failure that may come again and again: said at most once a minute, and once more when it is over.
//! It must not know what failed.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

/// How often a failure that goes on is said again.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// One thing that is tried again and again.
#[derive(Debug)]
pub struct Recurring {
    what: &'static str,
    said: Option<Instant>,
    unsaid: u64,
}

impl Recurring {
    /// `what` reads well before a colon: "abandoned streams cannot be looked for".
    pub const fn new(what: &'static str) -> Self {
        Self { what, said: None, unsaid: 0 }
    }

    /// It failed: a warning, unless there was one within a minute.
    pub fn failed(&mut self, error: impl Display) {
        match self.count_failure(Instant::now()) {
            Some(0) => log::warn!("{}: {error}", self.what),
            Some(unsaid) => log::warn!("{}: {error} (and {unsaid} times before)", self.what),
            None => {}
        }
    }

    /// It worked: said where it had failed before.
    pub fn worked(&mut self) {
        if self.said.take().is_some() {
            self.unsaid = 0;
            log::info!("{}: over", self.what);
        }
    }

    /// How many failures were not said since the last that was, where this one is to be said.
    fn count_failure(&mut self, now: Instant) -> Option<u64> {
        if self.said.is_some_and(|said| now.saturating_duration_since(said) < SAY_EVERY) {
            self.unsaid += 1;
            return None;
        }
        self.said = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_said_once_a_minute_and_what_was_not_said_is_counted() {
        let mut recurring = Recurring::new("it cannot be looked for");
        let begun = Instant::now();
        let said: Vec<_> =
            (0..240).map(|half| recurring.count_failure(begun + Duration::from_millis(500) * half)).collect();
        let spoken: Vec<_> = said.iter().enumerate().filter(|(_, said)| said.is_some()).collect();
        assert_eq!(spoken, [(0, &Some(0)), (120, &Some(119))]);
    }

    #[test]
    fn what_works_again_is_said_at_once_when_it_fails_anew() {
        let mut recurring = Recurring::new("it cannot be looked for");
        let now = Instant::now();
        assert_eq!(recurring.count_failure(now), Some(0));
        assert_eq!(recurring.count_failure(now), None);
        recurring.worked();
        assert_eq!(recurring.count_failure(now), Some(0));
    }
}
