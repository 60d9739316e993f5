//! The numbers under which one viewer gets one track: without a jump from one source to the next, and small at first.
//! It must not read the clock: time is an argument.
//!
//! SRTP derives its keys from a sequence number whose upper bits are not sent and begin at zero for each receiver (RFC 3711,
//! 3.3.1), so who joins after the source's 65,536th packet could decrypt nothing under the source's own numbers.

use std::time::Instant;

/// The first sequence number a viewer gets: far from where a packet before it would wrap, and from where this one will.
const FIRST_SEQ: u64 = 1000;
/// At least so many pictures a second are taken to be between the last of one source and the first of the next.
const PICTURES_PER_S: u32 = 30;

/// One track of one viewer.
#[derive(Debug)]
pub(crate) struct Rebase {
    clock: u32,
    mapping: Option<Mapping>,
    newest: Option<Newest>,
}

/// From the source's numbers to the viewer's.
#[derive(Clone, Copy, Debug)]
struct Mapping {
    source_seq: u64,
    seq: u64,
    at_offset: u32,
}

/// What was sent last.
#[derive(Clone, Copy, Debug)]
struct Newest {
    seq: u64,
    at: u32,
    when: Instant,
}

impl Rebase {
    /// A track whose timestamps have `clock` ticks a second.
    pub(crate) fn new(clock: u32) -> Self {
        Self { clock, mapping: None, newest: None }
    }

    /// What follows begins at this sequence number and timestamp of the source, and continues what was sent before.
    pub(crate) fn begin(&mut self, source_seq: u64, source_at: u32, now: Instant) {
        let (seq, at) = self.newest.map_or((FIRST_SEQ, source_at), |newest| {
            let passed_s = now.saturating_duration_since(newest.when).as_secs_f64();
            let passed = (passed_s * f64::from(self.clock)) as u32;
            (newest.seq + 1, newest.at.wrapping_add(passed.max(self.clock / PICTURES_PER_S)))
        });
        self.mapping = Some(Mapping { source_seq, seq, at_offset: at.wrapping_sub(source_at) });
    }

    /// Sequence number and timestamp for the viewer; none for what comes from before the beginning.
    pub(crate) fn map(&mut self, source_seq: u64, source_at: u32, now: Instant) -> Option<(u64, u32)> {
        let mapping = self.mapping?;
        let seq = mapping.seq + source_seq.checked_sub(mapping.source_seq)?;
        let at = source_at.wrapping_add(mapping.at_offset);
        if self.newest.is_none_or(|newest| seq > newest.seq) {
            self.newest = Some(Newest { seq, at, when: now });
        }
        Some((seq, at))
    }

    /// Whether anything has been sent.
    pub(crate) fn has_sent(&self) -> bool {
        self.newest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn who_joins_late_gets_small_numbers() {
        let (now, mut track) = (Instant::now(), Rebase::new(90_000));
        track.begin(70_000, 5, now);
        assert_eq!(track.map(70_000, 5, now), Some((1000, 5)));
        assert_eq!(track.map(70_002, 3005, now), Some((1002, 3005)));
        assert_eq!(track.map(70_001, 5, now), Some((1001, 5)), "late, under its own number");
        assert_eq!(track.map(69_999, 5, now), None, "from before the beginning");
    }

    #[test]
    fn another_source_continues_the_numbers_and_the_time() {
        let (now, mut track) = (Instant::now(), Rebase::new(90_000));
        track.begin(70_000, 5, now);
        track.map(70_009, 900, now);
        let later = now + Duration::from_secs(2);
        track.begin(3, u32::MAX, later);
        assert_eq!(track.map(3, u32::MAX, later), Some((1010, 900 + 180_000)));
        assert_eq!(track.map(4, 2999, later), Some((1011, 900 + 180_000 + 3000)));
        track.begin(50, 7, later);
        assert_eq!(track.map(50, 7, later), Some((1012, 900 + 180_000 + 6000)), "never the same moment");
    }
}
