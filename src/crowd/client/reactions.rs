//! Reactions of a crowd, and what the room's pulses say of them: exact totals, and at most two pulses a second for each
//! viewer. It must not know sockets.

use crate::crowd::tally::Tally;
use serde::Serialize;

/// What the `ref` of a reaction begins with; that of a comment is its number alone.
const MARK: char = 'r';

/// The text that sends reaction `number`.
pub(crate) fn text(number: u64) -> String {
    const KINDS: [&str; 6] = ["like", "love", "laugh", "wow", "clap", "fire"];
    let kind = KINDS[(number % KINDS.len() as u64) as usize];
    format!(r#"{{"op":"react","ref":"{MARK}{number}","kind":"{kind}"}}"#)
}

/// Whether an answer is to a reaction.
pub(crate) fn is_answered_by(reference: Option<&str>) -> bool {
    reference.is_some_and(|reference| reference.starts_with(MARK))
}

/// What one viewer's pulses said, over one visit.
#[derive(Debug, Default)]
pub(crate) struct Pulses {
    since_us: u64,
    count: u64,
    total: u64,
}

impl Pulses {
    /// A visit begins: nothing was sent before this.
    pub(crate) fn begin(&mut self, now_us: u64) {
        *self = Self { since_us: now_us, ..Self::default() };
    }

    /// A pulse came. That it came late is no fault: only too many in all the time since the beginning are.
    pub(crate) fn hear(&mut self, total: u64, now_us: u64) -> Result<(), String> {
        self.count += 1;
        self.total = total;
        let seconds = now_us.saturating_sub(self.since_us).div_ceil(1_000_000);
        match self.count {
            count if count > 1 + 2 * seconds.max(1) => {
                Err(format!("{count} pulses within {seconds} s of coming in"))
            }
            _ => Ok(()),
        }
    }

    /// The total that was heard last.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Pulses a second, beside the first.
    pub(crate) fn rate(&self, now_us: u64) -> f64 {
        self.count.saturating_sub(1) as f64 * 1e6 / now_us.saturating_sub(self.since_us).max(1) as f64
    }
}

/// The figures of a run with reactions.
#[derive(Debug, Serialize)]
pub(crate) struct Reactions {
    pub sent: u64,
    pub counted: u64,
    pub refused: u64,
    /// By how much the stream's totals grew.
    pub grown: u64,
    /// Of the viewer with the most.
    pub pulses_per_s_max: f64,
}

impl Reactions {
    /// Draws the figures, and says so where the totals are not what was acknowledged.
    pub(crate) fn draw(tally: &mut Tally, grown: Option<u64>) -> Option<Self> {
        let grown = grown.filter(|_| tally.reacted > 0)?;
        let (counted, unanswered) =
            (tally.reactions_counted, tally.reacted - tally.reactions_counted - tally.reactions_refused);
        if !(counted..=counted + unanswered).contains(&grown) {
            tally.breach(format!("{counted} reactions were acknowledged, the totals grew by {grown}"));
        }
        if unanswered > 0 && tally.ended.is_empty() {
            tally.breach(format!("{unanswered} reactions were never answered"));
        }
        Some(Self {
            sent: tally.reacted,
            counted,
            refused: tally.reactions_refused,
            grown,
            pulses_per_s_max: tally.pulse_rate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pulses_a_second_and_the_first_are_allowed_whenever_they_come() {
        let mut pulses = Pulses::default();
        pulses.begin(5_000_000);
        (0..3).for_each(|total| pulses.hear(total, 5_900_000).unwrap());
        assert!(pulses.hear(3, 5_900_000).is_err());
        pulses.begin(0);
        (0..21).for_each(|total| pulses.hear(total, 9_500_000).unwrap());
        assert!(pulses.hear(21, 9_999_999).is_err());
        assert_eq!(pulses.total(), 21);
    }

    #[test]
    fn totals_that_are_not_what_was_acknowledged_are_a_breach() {
        for (grown, breaches) in [(9, 1), (10, 0), (11, 1)] {
            let mut tally =
                Tally { reacted: 12, reactions_counted: 10, reactions_refused: 2, ..Tally::default() };
            let figures = Reactions::draw(&mut tally, Some(grown)).unwrap();
            assert_eq!((figures.grown, tally.breaches), (grown, breaches));
        }
        assert!(Reactions::draw(&mut Tally::default(), Some(0)).is_none(), "nobody reacted");
    }
}
