//! When a piece of sound begins, counted in samples: milliseconds are too coarse, and counting alone drifts from the pictures.
//! It must not know runs, nor what is in a piece.

/// So far what is counted may be from what is told, in fractions of a second.
const DRIFT: i64 = 10;

/// Counts the samples of one run.
#[derive(Debug)]
pub(super) struct Sounds {
    rate: i64,
    /// Samples of a piece.
    length: i64,
    next: Option<i64>,
}

impl Sounds {
    /// Of pieces of `length` samples, `rate` of them a second.
    pub(super) fn new(rate: u32, length: u32) -> Self {
        Sounds { rate: i64::from(rate), length: i64::from(length), next: None }
    }

    /// Another run begins.
    pub(super) fn begin(&mut self) {
        self.next = None;
    }

    /// Where the piece begins that is told to begin at `ms` of the run; none where it is to be left out, because more sound
    /// came than time went by.
    pub(super) fn place(&mut self, ms: i64) -> Option<i64> {
        let told = ms * self.rate / 1000;
        let counted = self.next.unwrap_or(told);
        let drift = self.rate / DRIFT;
        if told < counted - drift {
            return None;
        }
        let at = if told > counted + drift { told } else { counted };
        self.next = Some(at + self.length);
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_each_other_to_the_sample() {
        let mut sounds = Sounds::new(44_100, 1024);
        for n in 0..10_000 {
            // What FLV tells is rounded down to the millisecond.
            assert_eq!(sounds.place(n * 1_024_000 / 44_100), Some(n * 1024));
        }
    }

    #[test]
    fn a_gap_of_100_ms_is_made_up_for_and_a_longer_one_stays() {
        let after = |ms: i64| {
            let mut sounds = Sounds::new(48_000, 1024);
            sounds.place(0);
            (sounds.place(ms), sounds.place(ms + 21))
        };
        // 1,024 samples and 100 ms are 121.3 ms.
        assert_eq!(after(121), (Some(1024), Some(2048)));
        assert_eq!(after(122), (Some(122 * 48), Some(122 * 48 + 1024)));
    }

    #[test]
    fn a_clock_that_runs_fast_loses_a_piece_now_and_then_and_never_leads_by_more_than_100_ms() {
        let mut sounds = Sounds::new(48_000, 1024);
        let (mut last, mut left_out) = (-1024, 0);
        for n in 0..10_000_i64 {
            let ms = n * 1_024_000 / 48_000 * 999 / 1000;
            match sounds.place(ms) {
                Some(at) => {
                    assert!(at >= last + 1024 && at - ms * 48 <= 4800, "{n}");
                    last = at;
                }
                None => left_out += 1,
            }
        }
        // A thousandth, less the 100 ms that it may lead.
        assert!((4..=10).contains(&left_out), "{left_out}");
    }
}
