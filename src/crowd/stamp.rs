//! The mark a comment carries, so that whoever receives it knows when it should have been sent, and the timetable
//! of those times. It must not know sockets or frames.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const MARK: &[u8] = b"crowd-";
/// How far into a text the mark is looked for; peers may put their framing before it.
const MARK_WITHIN: usize = 64;

/// Microseconds since 1970 that never go back: the wall clock is read once.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    origin: Instant,
    origin_us: u64,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let origin_us =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64);
        Self { origin: Instant::now(), origin_us }
    }

    pub(crate) fn now_us(&self) -> u64 {
        self.origin_us + self.origin.elapsed().as_micros() as u64
    }

    /// The instant at which [`Clock::now_us`] will say `us`; at once where that is past.
    pub(crate) fn instant(&self, us: u64) -> Instant {
        self.origin + Duration::from_micros(us.saturating_sub(self.origin_us))
    }
}

/// What a comment of the crowd says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Which crowd wrote it; several may be in one room.
    pub crowd: u32,
    /// Its number within that crowd, from 0.
    pub number: u64,
    /// When it was to be sent, in microseconds since 1970.
    pub intended_us: u64,
}

impl Stamp {
    /// The comment's text, filled up with words to `length` bytes.
    pub(crate) fn text(&self, length: usize) -> String {
        let mut text = format!("crowd-{:08x} {} {}", self.crowd, self.number, self.intended_us);
        const WORDS: &str = " what a lovely evening and what a band on this stage tonight";
        while text.len() < length {
            let room = (length - text.len()).min(WORDS.len());
            text.push_str(&WORDS[..room]);
        }
        // The server trims, so a space at the end would come back shorter than it was sent.
        if text.ends_with(' ') {
            text.pop();
            text.push('.');
        }
        text
    }

    /// Finds the stamp near the front of a text.
    pub(crate) fn find(text: &[u8]) -> Option<Self> {
        Self::find_within(text, MARK_WITHIN)
    }

    /// Finds the stamp in a text, if it begins within so many bytes.
    pub(crate) fn find_within(text: &[u8], most: usize) -> Option<Self> {
        let front = &text[..text.len().min(most)];
        let at = front.windows(MARK.len()).position(|window| window == MARK)?;
        let mut fields = text[at + MARK.len()..].splitn(4, |&byte| byte == b' ');
        let crowd = u32::from_str_radix(std::str::from_utf8(fields.next()?).ok()?, 16).ok()?;
        let number = decimal(fields.next()?)?;
        let intended_us = decimal(fields.next()?)?;
        Some(Self { crowd, number, intended_us })
    }
}

fn decimal(text: &[u8]) -> Option<u64> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = text.get(..length).filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0u64, |value, digit| value.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

/// When each comment of a run is due, whoever is late: an open loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timetable {
    pub first_us: u64,
    /// Comments a second, all commenters together.
    pub rate: f64,
    /// How many comments the whole run has.
    pub count: u64,
}

/// What is due in a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    pub comments: Timetable,
    pub reactions: Timetable,
}

impl Timetable {
    pub(crate) fn new(first_us: u64, rate: f64, duration: Duration) -> Self {
        Self { first_us, rate, count: (rate * duration.as_secs_f64()).floor() as u64 }
    }

    /// When comment `number` is due; none beyond the last.
    pub(crate) fn due_us(&self, number: u64) -> Option<u64> {
        (number < self.count).then(|| self.first_us + (number as f64 * 1e6 / self.rate) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_comes_back_from_its_text_at_any_length() {
        let stamp = Stamp { crowd: 0xbeef, number: 42, intended_us: 1_795_363_595_123_456 };
        for length in 0..200 {
            let text = stamp.text(length);
            assert_eq!(Stamp::find(text.as_bytes()), Some(stamp), "{text}");
            assert_eq!(text.trim(), text);
        }
        assert_eq!(stamp.text(120).len(), 120);
    }

    #[test]
    fn a_stamp_is_found_behind_a_peers_framing_and_nowhere_else() {
        let stamp = Stamp { crowd: 1, number: 2, intended_us: 3 };
        let framed = format!(r#"42["m","{}"]"#, stamp.text(80));
        assert_eq!(Stamp::find(framed.as_bytes()), Some(stamp));
        for other in
            ["", "crowd-", "crowd-1 2", "crowd-zz 1 2 ", "hello", "crowd-1 99999999999999999999999 3 x"]
        {
            assert_eq!(Stamp::find(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn comments_are_due_evenly_and_end() {
        let timetable = Timetable::new(1_000, 200.0, Duration::from_secs(2));
        assert_eq!(timetable.due_us(0), Some(1_000));
        assert_eq!(timetable.due_us(1), Some(6_000));
        assert_eq!(timetable.due_us(399), Some(1_996_000));
        assert_eq!(timetable.due_us(400), None);
    }
}
