//! Counters of events, each from one address or account, within a fixed window that begins with the first of them.
//! They must not know what is counted.

use super::{Quota, ms_up};
use crate::{auth::Network, config::Cap};
use std::{
    collections::HashMap,
    hash::Hash,
    time::{Duration, Instant},
};

/// Addresses or accounts remembered at once; beyond that the oldest windows are forgotten.
pub(super) const ADDRESSES_MAX: usize = 65_536;

#[derive(Debug)]
pub(super) struct Windows<From = Network> {
    cap: Cap,
    length: Duration,
    open: HashMap<From, Window>,
}

#[derive(Debug)]
struct Window {
    since: Instant,
    count: u32,
}

impl Window {
    fn left(&self, length: Duration, now: Instant) -> Duration {
        length.saturating_sub(now.saturating_duration_since(self.since))
    }

    fn has_ended(&self, length: Duration, now: Instant) -> bool {
        self.left(length, now).is_zero()
    }
}

impl<From: Copy + Eq + Hash> Windows<From> {
    pub(super) fn new(cap: Cap, length: Duration) -> Windows<From> {
        Windows { cap, length, open: HashMap::new() }
    }

    /// Counts one event; one too many is not counted, and answered with the milliseconds until the window ends.
    pub(super) fn count(&mut self, from: From, now: Instant) -> Result<(), i64> {
        let Some(limit) = self.cap.limit() else { return Ok(()) };
        let length = self.length;
        if !self.open.contains_key(&from) {
            self.make_room(now);
        }
        let window = self.open.entry(from).or_insert(Window { since: now, count: 0 });
        if window.has_ended(length, now) {
            *window = Window { since: now, count: 0 };
        }
        if window.count >= limit {
            return Err(ms_up(window.left(length, now)));
        }
        window.count += 1;
        Ok(())
    }

    /// So many were counted on all nodes, in a window that ends so late.
    pub(super) fn adopt(&mut self, from: From, used: u32, ends: Duration, now: Instant) {
        let since = now.checked_sub(self.length.saturating_sub(ends)).unwrap_or(now);
        if let Some(window) = self.open.get_mut(&from) {
            *window = Window { since, count: used };
        }
    }

    /// How an address stands, without counting anything.
    pub(super) fn standing(&self, from: From, now: Instant) -> Option<Quota> {
        let limit = self.cap.limit()?;
        let window = self.open.get(&from).filter(|window| !window.has_ended(self.length, now));
        let (used, reset) =
            window.map_or((0, self.length), |window| (window.count, window.left(self.length, now)));
        let left = limit.saturating_sub(used);
        Some(Quota { limit, window_ms: ms_up(self.length), left, reset_ms: ms_up(reset) })
    }

    fn make_room(&mut self, now: Instant) {
        let length = self.length;
        super::make_room(
            &mut self.open,
            ADDRESSES_MAX,
            |window| window.since,
            |window| window.has_ended(length, now),
        );
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }
}
