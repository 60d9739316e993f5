//! Thinning: when a room passes what its viewers can take, which comments are still shown? Fairly, by author.
//! It must not read the clock; staff and the system are never thinned, so they do not come here.

use crate::domain::{Millis, UserId};
use std::collections::HashMap;

/// The time in which the limit counts, in milliseconds.
const WINDOW_MS: i64 = 1000;

/// Shows at most so many comments a second; when there are more, each author gets an equal share.
pub(crate) struct Thinning {
    per_second: Option<u32>,
    window: Millis,
    /// What was asked for and by how many in the window before: whether, and how far, to divide.
    asked_before: u32,
    authors_before: u32,
    asked: u32,
    shown: u32,
    shown_by: HashMap<UserId, u32>,
}

impl Thinning {
    /// No limit, no thinning.
    pub(crate) fn new(per_second: Option<u32>) -> Self {
        Self {
            per_second,
            window: Millis(0),
            asked_before: 0,
            authors_before: 0,
            asked: 0,
            shown: 0,
            shown_by: HashMap::new(),
        }
    }

    /// Whether a comment by this author is shown.
    pub(crate) fn shows(&mut self, author: UserId, now: Millis) -> bool {
        let Some(limit) = self.per_second else { return true };
        self.advance(now);
        self.asked += 1;
        let by_author = self.shown_by.entry(author).or_default();
        let is_crowded = self.asked_before > limit;
        let share = (limit / self.authors_before.max(1)).max(1);
        // What others leave of their shares is given out evenly over the window.
        let passed_ms = now.since(self.window).min(WINDOW_MS) as u64;
        let given_out = u64::from(limit) * passed_ms / WINDOW_MS as u64;
        let is_fair = !is_crowded || *by_author < share || u64::from(self.shown) < given_out;
        if self.shown >= limit || !is_fair {
            return false;
        }
        *by_author += 1;
        self.shown += 1;
        true
    }

    fn advance(&mut self, now: Millis) {
        // Moments of the log, by the wall: a clock that was set back begins a new window, too.
        let was_set_back = self.window.since(now) >= WINDOW_MS;
        if now.since(self.window) < WINDOW_MS && !was_set_back {
            return;
        }
        let is_next = now.since(self.window) < 2 * WINDOW_MS;
        self.asked_before = if is_next { self.asked } else { 0 };
        self.authors_before = if is_next { self.shown_by.len() as u32 } else { 0 };
        self.window = now;
        self.asked = 0;
        self.shown = 0;
        self.shown_by.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_shown_and_one_more_is_not() {
        let mut thinning = Thinning::new(Some(200));
        let author = UserId::new();
        let shown = (0..201).filter(|_| thinning.shows(author, Millis(5000))).count();
        assert_eq!(shown, 200);
        assert!(thinning.shows(author, Millis(6000)));
    }

    #[test]
    fn a_clock_set_back_by_an_hour_silences_nobody() {
        let (mut thinning, author) = (Thinning::new(Some(1)), UserId::new());
        assert!(thinning.shows(author, Millis(7_200_000)));
        assert!(!thinning.shows(author, Millis(7_199_900)), "a little earlier is the same second");
        assert!(thinning.shows(author, Millis(3_600_000)));
    }

    #[test]
    fn a_flooder_does_not_silence_the_others() {
        let mut thinning = Thinning::new(Some(100));
        let flooder = UserId::new();
        let others: Vec<_> = (0..9).map(|_| UserId::new()).collect();
        let mut shown_of_others = 0;
        for now in 0..4000 {
            (0..3).for_each(|_| _ = thinning.shows(flooder, Millis(10_000 + now)));
            if now % 100 == 0 {
                let shown =
                    others.iter().filter(|&&author| thinning.shows(author, Millis(10_000 + now))).count();
                shown_of_others += usize::from(now >= 1000) * shown;
            }
        }
        assert_eq!(shown_of_others, 270, "all the others said after the first second is shown");
    }
}
