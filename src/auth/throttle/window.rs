//! Counters of events from one address within a fixed window that begins with the first of them.
//! They must not know what is counted.

use super::{super::Network, Quota};
use crate::{config::Cap, domain::time::Millis};
use std::collections::HashMap;

/// Addresses remembered at once; beyond that the oldest windows are forgotten.
pub(super) const ADDRESSES_MAX: usize = 65_536;

#[derive(Debug)]
pub(super) struct Windows {
    cap: Cap,
    window_ms: i64,
    open: HashMap<Network, Window>,
}

#[derive(Debug)]
struct Window {
    since: Millis,
    count: u32,
}

impl Windows {
    pub fn new(cap: Cap, window_ms: i64) -> Windows {
        Windows { cap, window_ms, open: HashMap::new() }
    }

    /// Counts one event; one too many is not counted, and answered with the milliseconds until the window ends.
    pub fn count(&mut self, network: Network, now: Millis) -> Result<(), i64> {
        let Some(limit) = self.cap.limit() else { return Ok(()) };
        let window_ms = self.window_ms;
        if !self.open.contains_key(&network) {
            self.make_room(now);
        }
        let window = self.open.entry(network).or_insert(Window { since: now, count: 0 });
        if now.since(window.since) >= window_ms {
            *window = Window { since: now, count: 0 };
        }
        if window.count >= limit {
            return Err((window_ms - now.since(window.since)).max(1));
        }
        window.count += 1;
        Ok(())
    }

    /// How an address stands, without counting anything.
    pub fn standing(&self, network: Network, now: Millis) -> Option<Quota> {
        let limit = self.cap.limit()?;
        let window = self.open.get(&network).filter(|window| now.since(window.since) < self.window_ms);
        let (used, since) = window.map_or((0, now), |window| (window.count, window.since));
        let reset_ms = self.window_ms - now.since(since);
        Some(Quota { limit, window_ms: self.window_ms, left: limit.saturating_sub(used), reset_ms })
    }

    fn make_room(&mut self, now: Millis) {
        let window_ms = self.window_ms;
        super::make_room(
            &mut self.open,
            ADDRESSES_MAX,
            |window| window.since,
            |window| now.since(window.since) >= window_ms,
        );
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.open.len()
    }
}
