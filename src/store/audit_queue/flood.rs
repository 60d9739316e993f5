//! Refusals of one minute: the first of a kind are entries of their own, the others are counted.
//! It must not read the clock, nor know how the record is kept.

use crate::{domain::Millis, store::moderation::audit::NewEntry};
use std::collections::HashMap;

/// Entries of their own that one kind may have, and all together.
pub(crate) const ENTRIES_A_KIND: u64 = 20;
pub(crate) const ENTRIES_MAX: u64 = 300;
/// Kinds that are told apart; what comes beyond is counted in one.
pub(crate) const KINDS_MAX: usize = 100;
const MINUTE_MS: i64 = 60_000;

/// The refusals since the minute began.
#[derive(Debug, Default)]
pub(crate) struct Minute {
    began: Millis,
    entries: u64,
    kinds: HashMap<NewEntry, Count>,
    others: u64,
}

#[derive(Debug, Default)]
struct Count {
    listed: u64,
    unlisted: u64,
}

impl Minute {
    /// Whether it has ended by this time.
    pub(super) fn is_over(&self, now: Millis) -> bool {
        now.since(self.began) >= MINUTE_MS
    }

    /// The entry, if it is to have a line of its own.
    pub(super) fn admit(&mut self, entry: NewEntry, at: Millis) -> Option<(NewEntry, Millis)> {
        let kind = NewEntry { target: None, ..entry.clone() };
        if self.kinds.len() >= KINDS_MAX && !self.kinds.contains_key(&kind) {
            self.others += 1;
            return None;
        }
        let count = self.kinds.entry(kind).or_default();
        if count.listed >= ENTRIES_A_KIND || self.entries >= ENTRIES_MAX {
            count.unlisted += 1;
            return None;
        }
        count.listed += 1;
        self.entries += 1;
        Some((entry, at))
    }

    /// Begins the next minute; gives what stands for all that had no line of its own.
    pub(super) fn end(&mut self, now: Millis) -> Vec<(NewEntry, Millis)> {
        let ended = std::mem::replace(self, Minute { began: now, ..Minute::default() });
        let unlisted = ended.kinds.into_iter().filter(|(_, count)| count.unlisted > 0);
        let mut sums: Vec<_> = unlisted.map(|(kind, count)| (sum(kind, count.unlisted), now)).collect();
        if ended.others > 0 {
            let others = NewEntry { action: "many", outcome: "refused", ..NewEntry::default() };
            sums.push((sum(others, ended.others), now));
        }
        sums
    }
}

fn sum(kind: NewEntry, more: u64) -> NewEntry {
    let reason = kind.reason.map_or_else(String::new, |reason| format!("{reason} "));
    NewEntry { reason: Some(format!("{reason}(and {more} more within a minute)")), ..kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(ip: usize) -> NewEntry {
        NewEntry {
            ip: Some(format!("192.0.2.{ip}")),
            action: "request",
            target: Some("GET /".to_owned()),
            outcome: "refused",
            reason: Some("forbidden".to_owned()),
            ..NewEntry::default()
        }
    }

    #[test]
    fn the_first_of_a_kind_are_listed_and_the_others_counted() {
        let mut minute = Minute::default();
        let listed = (0..100).filter_map(|_| minute.admit(refusal(1), Millis(5))).count() as u64;
        assert_eq!(listed, ENTRIES_A_KIND);
        assert!(minute.admit(refusal(2), Millis(5)).is_some(), "another address is not hidden by the first");
        let sums = minute.end(Millis(60_000));
        assert_eq!(sums.len(), 1);
        assert_eq!(sums[0].0.reason.as_deref(), Some("forbidden (and 80 more within a minute)"));
        assert_eq!((&sums[0].0.ip, &sums[0].0.target), (&Some("192.0.2.1".to_owned()), &None));
        assert!(minute.admit(refusal(1), Millis(60_001)).is_some());
        assert!(!minute.is_over(Millis(119_999)) && minute.is_over(Millis(120_000)));
    }

    #[test]
    fn a_flood_from_everywhere_stays_within_the_bounds_and_is_counted_whole() {
        let mut minute = Minute::default();
        let all = 10_000;
        let listed = (0..all).filter_map(|ip| minute.admit(refusal(ip % 1000), Millis(5))).count();
        assert_eq!(listed as u64, ENTRIES_MAX);
        let sums = minute.end(Millis(60_000));
        assert_eq!(sums.len(), KINDS_MAX + 1);
        let more = |entry: &NewEntry| -> usize {
            let reason = entry.reason.as_deref().unwrap();
            let number = reason.split("and ").nth(1).unwrap().split(' ').next().unwrap();
            number.parse().unwrap()
        };
        assert_eq!(listed + sums.iter().map(|(entry, _)| more(entry)).sum::<usize>(), all);
    }
}
