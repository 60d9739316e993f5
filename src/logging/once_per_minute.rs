//! A line that others can bring about as often as they like is logged once a minute, with how many were left out.
//! It must not read the clock: time is an argument.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// The state of one such line.
#[derive(Debug, Default)]
pub struct OncePerMinute(Mutex<Option<Said>>);

#[derive(Clone, Copy, Debug)]
struct Said {
    at: Instant,
    left_out: u64,
}

impl OncePerMinute {
    /// How many were left out since the last that was logged; `None` where this one is left out, too.
    pub fn due(&self, now: Instant) -> Option<u64> {
        let mut said = self.0.lock();
        match &mut *said {
            Some(last) if now.saturating_duration_since(last.at) < MINUTE => {
                last.left_out += 1;
                None
            }
            last => {
                let left_out = last.map_or(0, |last| last.left_out);
                *last = Some(Said { at: now, left_out: 0 });
                Some(left_out)
            }
        }
    }

    /// What it says is over: the next one is logged at once. Whether there was any.
    pub fn end(&self) -> bool {
        self.0.lock().take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_minute_is_logged_with_the_number_of_those_that_were_not() {
        let (line, begun) = (OncePerMinute::default(), Instant::now());
        assert_eq!(line.due(begun), Some(0));
        assert_eq!(line.due(begun), None);
        assert_eq!(line.due(begun + MINUTE - Duration::from_millis(1)), None);
        assert_eq!(line.due(begun + MINUTE), Some(2));
        assert_eq!(line.due(begun + MINUTE * 2), Some(0));
    }

    #[test]
    fn what_was_over_is_logged_at_once_when_it_comes_anew() {
        let (line, now) = (OncePerMinute::default(), Instant::now());
        assert!(!line.end(), "there was none");
        assert_eq!(line.due(now), Some(0));
        assert_eq!(line.due(now), None);
        assert!(line.end());
        assert_eq!(line.due(now), Some(0));
    }
}
