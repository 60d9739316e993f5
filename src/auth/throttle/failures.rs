//! Failed logins of an account from an address: some are fast, then each doubles the wait.
//! Another address has its own count, so that nobody can lock an owner out.

use super::super::Network;
use crate::{config::Cap, domain::time::Millis};
use std::collections::HashMap;

/// Pairs of account and address remembered at once; beyond that the oldest are forgotten.
pub(super) const PAIRS_MAX: usize = 65_536;
/// The first wait, in milliseconds.
pub(super) const FIRST_WAIT_MS: i64 = 5_000;
/// The longest wait, in milliseconds.
pub(super) const LONGEST_WAIT_MS: i64 = 15 * 60_000;
/// Failures are forgotten so long after the last, in milliseconds.
const MEMORY_MS: i64 = 60 * 60_000;
/// The wait for those who try while as many tries as are left are still being checked, in milliseconds.
const IN_FLIGHT_WAIT_MS: i64 = 1_000;

pub(super) type Pair = (String, Network);

#[derive(Debug)]
pub(super) struct Failures {
    cap: Cap,
    pairs: HashMap<Pair, Record>,
}

#[derive(Debug, Default)]
struct Record {
    failed: u32,
    /// Tries whose password is being checked now.
    in_flight: u32,
    last: Millis,
    blocked_until: Millis,
}

impl Failures {
    pub fn new(cap: Cap) -> Failures {
        Failures { cap, pairs: HashMap::new() }
    }

    /// Lets a try through, or says for how many milliseconds not. Tries under way count as if they had failed, or
    /// a burst would get past the limit before its first answer.
    pub fn begin(&mut self, pair: &Pair, now: Millis) -> Result<(), i64> {
        let Some(free) = self.cap.limit() else { return Ok(()) };
        if !self.pairs.contains_key(pair) {
            self.make_room(now);
        }
        let record = self.pairs.entry(pair.clone()).or_default();
        if record.in_flight == 0 && now.since(record.last) >= MEMORY_MS {
            *record = Record::default();
        }
        if now < record.blocked_until {
            return Err(record.blocked_until.since(now));
        }
        if record.in_flight >= free.saturating_sub(record.failed).max(1) {
            return Err(IN_FLIGHT_WAIT_MS);
        }
        record.in_flight += 1;
        record.last = now;
        Ok(())
    }

    /// The password of a try was wrong.
    pub fn fail(&mut self, pair: &Pair, now: Millis) {
        let Some(free) = self.cap.limit() else { return };
        let record = self.pairs.entry(pair.clone()).or_default();
        record.in_flight = record.in_flight.saturating_sub(1);
        record.failed = record.failed.saturating_add(1);
        record.last = now;
        if let Some(doublings) = record.failed.checked_sub(free) {
            record.blocked_until = now + (FIRST_WAIT_MS << doublings.min(16)).min(LONGEST_WAIT_MS);
        }
    }

    /// The password of a try was right.
    pub fn forget(&mut self, pair: &Pair) {
        self.pairs.remove(pair);
    }

    /// A try ended without having been checked.
    pub fn withdraw(&mut self, pair: &Pair) {
        let Some(record) = self.pairs.get_mut(pair) else { return };
        record.in_flight = record.in_flight.saturating_sub(1);
        if record.in_flight == 0 && record.failed == 0 {
            self.pairs.remove(pair);
        }
    }

    fn make_room(&mut self, now: Millis) {
        super::make_room(
            &mut self.pairs,
            PAIRS_MAX,
            |record| record.last,
            |record| now.since(record.last) >= MEMORY_MS,
        );
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }
}
