//! One moment, as both clocks have it: the wall's names it, the monotonic one measures from it.
//! Durations are never differences of wall times within one process: people and NTP set the wall clock.

use crate::domain::Millis;
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// What the calendar calls it.
    pub wall: Millis,
    /// To measure from and to.
    pub instant: Instant,
}

impl Now {
    /// What the clocks of this machine say.
    pub(crate) fn read() -> Self {
        Self { wall: Millis::now(), instant: Instant::now() }
    }

    /// Something that happened at this wall time, perhaps before this process began; none where that is too long ago for the
    /// monotonic clock. What seems to lie ahead (the clock was set back meanwhile) has happened just now.
    pub(crate) fn instant_of(&self, wall: Millis) -> Option<Instant> {
        self.instant.checked_sub(Duration::from_millis(self.wall.since(wall).unsigned_abs()))
    }
}

/// Whole milliseconds from one instant to a later one.
pub(crate) fn ms_between(earlier: Instant, later: Instant) -> i64 {
    later.saturating_duration_since(earlier).as_millis() as i64
}
