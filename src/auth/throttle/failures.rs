//! Failed logins of an account from an address: some are fast, then each doubles the wait.
//! Another address has its own count, so that nobody can lock an owner out.

use super::ms_up;
use crate::{auth::Network, config::Cap};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Pairs of account and address remembered at once; beyond that the oldest are forgotten.
pub(super) const PAIRS_MAX: usize = 65_536;
/// The wait after the first failure that is not free.
pub(crate) const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest wait, however many there were.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);
/// Failures are forgotten so long after the last.
pub(crate) const MEMORY: Duration = Duration::from_secs(60 * 60);
/// The wait for those who try while as many tries as are left are still being checked.
pub(crate) const IN_FLIGHT_WAIT: Duration = Duration::from_secs(1);

pub(super) type Pair = (String, Network);

#[derive(Debug)]
pub(super) struct Failures {
    cap: Cap,
    pairs: HashMap<Pair, Record>,
}

#[derive(Debug)]
struct Record {
    failed: u32,
    /// Tries whose password is being checked now.
    in_flight: u32,
    last: Instant,
    blocked_until: Instant,
}

impl Record {
    fn new(now: Instant) -> Record {
        Record { failed: 0, in_flight: 0, last: now, blocked_until: now }
    }

    fn is_forgotten(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.last) >= MEMORY
    }
}

impl Failures {
    pub(super) fn new(cap: Cap) -> Failures {
        Failures { cap, pairs: HashMap::new() }
    }

    /// Lets a try through, or says for how many milliseconds not. Tries under way count as if they had failed, or
    /// a burst would get past the limit before its first answer.
    pub(super) fn begin(&mut self, pair: &Pair, now: Instant) -> Result<(), i64> {
        let Some(free) = self.cap.limit() else { return Ok(()) };
        if !self.pairs.contains_key(pair) {
            self.make_room(now);
        }
        let record = self.pairs.entry(pair.clone()).or_insert_with(|| Record::new(now));
        if record.in_flight == 0 && record.is_forgotten(now) {
            *record = Record::new(now);
        }
        if now < record.blocked_until {
            return Err(ms_up(record.blocked_until.duration_since(now)));
        }
        if record.in_flight >= free.saturating_sub(record.failed).max(1) {
            return Err(ms_up(IN_FLIGHT_WAIT));
        }
        record.in_flight += 1;
        record.last = now;
        Ok(())
    }

    /// So many have failed on all nodes.
    pub(super) fn adopt(&mut self, pair: &Pair, failed: u32) {
        if let Some(record) = self.pairs.get_mut(pair) {
            record.failed = failed;
        }
    }

    /// The password of a try was wrong.
    pub(super) fn fail(&mut self, pair: &Pair, now: Instant) {
        let Some(free) = self.cap.limit() else { return };
        let record = self.pairs.entry(pair.clone()).or_insert_with(|| Record::new(now));
        record.in_flight = record.in_flight.saturating_sub(1);
        record.failed = record.failed.saturating_add(1);
        record.last = now;
        if let Some(doublings) = record.failed.checked_sub(free) {
            record.blocked_until = now + (FIRST_WAIT * (1 << doublings.min(16))).min(LONGEST_WAIT);
        }
    }

    /// The password of a try was right.
    pub(super) fn forget(&mut self, pair: &Pair) {
        self.pairs.remove(pair);
    }

    /// The password was right somewhere else at that time: whether that was after the last try here, which is then forgotten.
    pub(super) fn forget_before(&mut self, pair: &Pair, right: Instant) -> bool {
        let is_after = self.pairs.get(pair).is_some_and(|record| record.last < right);
        if is_after {
            self.forget(pair);
        }
        is_after
    }

    /// A try ended without having been checked.
    pub(super) fn withdraw(&mut self, pair: &Pair) {
        let Some(record) = self.pairs.get_mut(pair) else { return };
        record.in_flight = record.in_flight.saturating_sub(1);
        if record.in_flight == 0 && record.failed == 0 {
            self.pairs.remove(pair);
        }
    }

    fn make_room(&mut self, now: Instant) {
        super::make_room(&mut self.pairs, PAIRS_MAX, |record| record.last, |record| record.is_forgotten(now));
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }
}
