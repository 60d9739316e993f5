//! What one viewer has seen of a room's log, and whether that was right: every event once, in order, no hole that
//! was not announced. It must not know frames, sockets or time.

use std::fmt;

/// Why a viewer's log is not what the contract promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Breach {
    /// An event arrived before any snapshot or resumption said where the log stands.
    BeforeSnapshot { seq: u64 },
    /// The same number twice.
    Repeated { seq: u64 },
    /// A number that had been skipped came later.
    OutOfOrder { seq: u64 },
    /// Numbers that never came and that no `lagged` named.
    Hole { from: u64, to: u64 },
    /// A `lagged` whose count is not what is missing.
    Miscounted { from: u64, to: u64, said: u64, missing: u64 },
    /// `resumed` did not continue where this viewer stood.
    ResumedElsewhere { expected: u64, from: u64 },
    /// A snapshot older than what had been seen already.
    WentBack { seen: u64, snapshot: u64 },
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeforeSnapshot { seq } => write!(f, "event {seq} before any snapshot"),
            Self::Repeated { seq } => write!(f, "event {seq} came twice"),
            Self::OutOfOrder { seq } => write!(f, "event {seq} came after a later one"),
            Self::Hole { from, to } => {
                write!(f, "events {from} to {to} never came and were not announced as lagged")
            }
            Self::Miscounted { from, to, said, missing } => {
                write!(f, "lagged {from} to {to} said {said} missed, {missing} were")
            }
            Self::ResumedElsewhere { expected, from } => {
                write!(f, "resumed from {from} instead of {expected}")
            }
            Self::WentBack { seen, snapshot } => write!(f, "a snapshot at {snapshot} after event {seen}"),
        }
    }
}

/// What everybody must have heard at the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    /// The number of the log's last event; none for a peer without numbers.
    pub head: Option<u64>,
    /// Comments that such a peer passed on.
    pub heard: u64,
    /// The total of reactions; none where nobody reacts.
    pub reactions: Option<u64>,
}

struct Notice {
    from: u64,
    to: u64,
    missed: u64,
}

/// One viewer's book.
#[derive(Default)]
pub(crate) struct Ledger {
    next: Option<u64>,
    holes: Vec<(u64, u64)>,
    notices: Vec<Notice>,
    /// Events that the server announced as left out, and was right about.
    pub missed: u64,
}

impl Ledger {
    /// The number that should come next; none before the first snapshot.
    pub(crate) fn next(&self) -> Option<u64> {
        self.next
    }

    /// Whether everything up to `head` has arrived or was announced as left out.
    pub(crate) fn reaches(&self, head: u64) -> bool {
        self.next.is_some_and(|next| next > head) || self.notices.iter().any(|notice| notice.to >= head)
    }

    /// A snapshot replaces all that went before it.
    pub(crate) fn snapshot(&mut self, seq: u64) -> Result<(), Breach> {
        let seen = self.next.map_or(0, |next| next - 1);
        *self = Self { next: Some(seq + 1), missed: self.missed, ..Self::default() };
        if seq < seen { Err(Breach::WentBack { seen, snapshot: seq }) } else { Ok(()) }
    }

    /// `resumed {from}` must go on exactly where this viewer stands.
    pub(crate) fn resumed(&mut self, from: u64) -> Result<(), Breach> {
        let expected = self.next.unwrap_or(from);
        self.next = Some(from);
        // What was said to be left out as the socket was closed comes now.
        self.notices.retain(|notice| notice.from < from);
        if from == expected { Ok(()) } else { Err(Breach::ResumedElsewhere { expected, from }) }
    }

    /// One numbered event arrived.
    pub(crate) fn event(&mut self, seq: u64) -> Result<(), Breach> {
        let Some(next) = self.next else {
            self.next = Some(seq + 1);
            return Err(Breach::BeforeSnapshot { seq });
        };
        if seq < next {
            let skipped = self.holes.iter().any(|&(from, to)| (from..=to).contains(&seq));
            return Err(if skipped { Breach::OutOfOrder { seq } } else { Breach::Repeated { seq } });
        }
        if seq > next {
            self.holes.push((next, seq - 1));
        }
        self.next = Some(seq + 1);
        self.judge_notices(seq + 1)
    }

    /// `lagged` may stand before, among or after the events of its range, so it is judged once that is passed.
    pub(crate) fn lagged(&mut self, from: u64, to: u64, missed: u64) -> Result<(), Breach> {
        self.notices.push(Notice { from, to, missed });
        self.judge_notices(self.next.unwrap_or(0))
    }

    /// The log's head is known and nothing more will come: what is still missing?
    pub(crate) fn close(&mut self, head: u64) -> Vec<Breach> {
        let next = self.next.unwrap_or(head + 1);
        if next <= head {
            self.holes.push((next, head));
            self.next = Some(head + 1);
        }
        let mut breaches = Vec::new();
        while let Err(breach) = self.judge_notices(u64::MAX) {
            breaches.push(breach);
        }
        breaches.extend(self.holes.drain(..).map(|(from, to)| Breach::Hole { from, to }));
        breaches
    }

    fn judge_notices(&mut self, next: u64) -> Result<(), Breach> {
        while let Some(at) = self.notices.iter().position(|notice| notice.to < next) {
            let Notice { from, to, missed } = self.notices.swap_remove(at);
            let missing = self.take_holes(from, to);
            self.missed += missing;
            if missing != missed {
                return Err(Breach::Miscounted { from, to, said: missed, missing });
            }
        }
        Ok(())
    }

    /// Removes what is missing within `from..=to` from the holes and says how much that was.
    fn take_holes(&mut self, from: u64, to: u64) -> u64 {
        let mut taken = 0;
        let mut left = Vec::new();
        for (start, end) in self.holes.drain(..) {
            let (low, high) = (start.max(from), end.min(to));
            if low > high {
                left.push((start, end));
                continue;
            }
            taken += high - low + 1;
            if start < low {
                left.push((start, low - 1));
            }
            if high < end {
                left.push((high + 1, end));
            }
        }
        self.holes = left;
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seq: u64) -> Ledger {
        let mut ledger = Ledger::default();
        ledger.snapshot(seq).unwrap();
        ledger
    }

    #[test]
    fn events_in_order_leave_nothing_to_say() {
        let mut ledger = at(4);
        for seq in 5..=9 {
            ledger.event(seq).unwrap();
        }
        assert_eq!((ledger.next(), ledger.close(9)), (Some(10), vec![]));
    }

    #[test]
    fn a_repeat_and_a_late_event_are_told_apart() {
        let mut ledger = at(0);
        ledger.event(1).unwrap();
        ledger.event(4).unwrap();
        assert_eq!(ledger.event(4), Err(Breach::Repeated { seq: 4 }));
        assert_eq!(ledger.event(3), Err(Breach::OutOfOrder { seq: 3 }));
    }

    #[test]
    fn a_hole_that_nobody_announced_is_a_breach() {
        let mut ledger = at(0);
        ledger.event(1).unwrap();
        ledger.event(5).unwrap();
        assert_eq!(ledger.close(5), [Breach::Hole { from: 2, to: 4 }]);
    }

    #[test]
    fn a_tail_that_never_came_is_a_breach() {
        assert_eq!(at(7).close(9), [Breach::Hole { from: 8, to: 9 }]);
    }

    #[test]
    fn lagged_covers_its_hole_before_among_and_after_the_events() {
        for place in 0..3 {
            let mut ledger = at(0);
            for (turn, seq) in [2, 4].into_iter().enumerate() {
                if turn == place {
                    ledger.lagged(1, 4, 2).unwrap();
                }
                ledger.event(seq).unwrap();
            }
            if place == 2 {
                ledger.lagged(1, 4, 2).unwrap();
            }
            assert_eq!((ledger.close(4), ledger.missed), (vec![], 2), "place {place}");
        }
    }

    #[test]
    fn what_was_left_out_at_a_close_comes_with_the_resumption() {
        let mut ledger = at(0);
        ledger.event(1).unwrap();
        ledger.lagged(2, 3, 2).unwrap();
        ledger.resumed(2).unwrap();
        (2..=4).for_each(|seq| ledger.event(seq).unwrap());
        assert_eq!((ledger.close(4), ledger.missed), (vec![], 0));
    }

    #[test]
    fn lagged_at_the_very_end_covers_the_tail() {
        let mut ledger = at(0);
        ledger.lagged(1, 10, 10).unwrap();
        assert_eq!((ledger.close(10), ledger.missed), (vec![], 10));
    }

    #[test]
    fn a_lagged_that_counts_wrong_is_a_breach() {
        let mut ledger = at(0);
        ledger.event(3).unwrap();
        let wrong = Breach::Miscounted { from: 1, to: 2, said: 1, missing: 2 };
        assert_eq!(ledger.lagged(1, 2, 1), Err(wrong));
    }

    #[test]
    fn resuming_goes_on_where_it_stood_and_a_snapshot_starts_over() {
        let mut ledger = at(5);
        ledger.event(6).unwrap();
        ledger.resumed(7).unwrap();
        assert_eq!(ledger.resumed(9), Err(Breach::ResumedElsewhere { expected: 7, from: 9 }));
        assert_eq!(ledger.snapshot(3), Err(Breach::WentBack { seen: 8, snapshot: 3 }));
        assert_eq!(ledger.next(), Some(4));
    }
}
