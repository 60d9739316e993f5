//! How the last hour of this server went, minute by minute, in memory: what its administrators see as graphs.
//! It must not know who looks, nor how a figure is counted: it reads what is counted for `/metrics`.

use crate::{
    domain::Millis,
    metrics::{Exposition, Metrics},
};
use parking_lot::Mutex;
use std::{collections::VecDeque, sync::Arc, time::Instant};

/// Minutes that are kept.
const MINUTES: usize = 60;

/// The last hour. Clones share it.
#[derive(Clone)]
pub(crate) struct Course {
    metrics: Metrics,
    kept: Arc<Mutex<Kept>>,
}

struct Kept {
    /// What had been counted when the last minute ended.
    before: Reading,
    minutes: VecDeque<Minute>,
}

/// How a minute went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Minute {
    /// When it ended.
    pub at: Millis,
    /// Rooms that were open at its end.
    pub rooms: u64,
    /// Who watched or read at its end.
    pub viewers: u64,
    pub comments_per_s: f64,
    /// Frames that were handed to viewers.
    pub deliveries_per_s: f64,
    /// What a commit of the journal took on average, in milliseconds.
    pub journal_ms: f64,
    /// What a batch waited on average until it was handed to sockets, in milliseconds.
    pub flush_ms: f64,
    /// The size of the database.
    pub database_bytes: u64,
}

/// What had been counted at a moment.
#[derive(Clone, Copy, Debug)]
struct Reading {
    taken: Instant,
    rooms: u64,
    viewers: u64,
    comments: u64,
    deliveries: u64,
    /// Seconds, and how many there were.
    journal: (f64, f64),
    flush: (f64, f64),
}

impl Course {
    /// Nothing has been seen yet.
    pub(crate) fn new(metrics: Metrics) -> Self {
        let before = Reading::of(&metrics);
        let kept = Kept { before, minutes: VecDeque::with_capacity(MINUTES) };
        Self { metrics, kept: Arc::new(Mutex::new(kept)) }
    }

    /// A minute has passed.
    pub(crate) fn note(&self, database_bytes: u64) {
        let after = Reading::of(&self.metrics);
        let mut kept = self.kept.lock();
        let minute = after.since(&kept.before, database_bytes);
        kept.before = after;
        if kept.minutes.len() == MINUTES {
            kept.minutes.pop_front();
        }
        kept.minutes.push_back(minute);
    }

    /// The minutes, oldest first, and what has come since.
    pub(crate) fn look(&self, database_bytes: u64) -> (Vec<Minute>, Minute) {
        let after = Reading::of(&self.metrics);
        let kept = self.kept.lock();
        (kept.minutes.iter().copied().collect(), after.since(&kept.before, database_bytes))
    }
}

impl Reading {
    fn of(metrics: &Metrics) -> Self {
        // Of times the library tells sums and counts in this text alone.
        let text = metrics.encode(Exposition::OpenMetrics);
        let figure = |name: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|value| value.split(' ').next()?.parse().ok()).unwrap_or(0.0)
        };
        let times = |name: &str| (figure(&format!("{name}_sum")), figure(&format!("{name}_count")));
        Self {
            taken: Instant::now(),
            rooms: metrics.rooms.get() as u64,
            viewers: metrics.seats.get() as u64,
            comments: metrics.comments_accepted.get(),
            deliveries: metrics.fanout_deliveries.get(),
            journal: times("livehouse_journal_commit_seconds"),
            flush: times("livehouse_fanout_delay_seconds"),
        }
    }

    fn since(&self, before: &Reading, database_bytes: u64) -> Minute {
        let seconds = self.taken.saturating_duration_since(before.taken).as_secs_f64().max(1.0);
        let mean_ms = |after: (f64, f64), before: (f64, f64)| match after.1 - before.1 {
            count if count > 0.0 => (after.0 - before.0) / count * 1000.0,
            _ => 0.0,
        };
        Minute {
            at: Millis::now(),
            rooms: self.rooms,
            viewers: self.viewers,
            comments_per_s: (self.comments - before.comments) as f64 / seconds,
            deliveries_per_s: (self.deliveries - before.deliveries) as f64 / seconds,
            journal_ms: mean_ms(self.journal, before.journal),
            flush_ms: mean_ms(self.flush, before.flush),
            database_bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_minute_says_what_came_in_it_and_not_before() {
        let metrics = Metrics::new();
        metrics.comments_accepted.inc_by(1000);
        metrics.journal_commit_seconds.observe(9.0);
        metrics.fanout_delay_seconds.observe(9.0);
        let course = Course::new(metrics.clone());
        metrics.comments_accepted.inc_by(120);
        metrics.fanout_deliveries.inc_by(600);
        metrics.journal_commit_seconds.observe(0.002);
        metrics.journal_commit_seconds.observe(0.004);
        metrics.fanout_delay_seconds.observe(0.005);
        metrics.rooms.set(3);
        metrics.seats.set(4);
        let before = course.kept.lock().before;
        let after = Reading { taken: before.taken + Duration::from_secs(60), ..Reading::of(&metrics) };
        let minute = after.since(&before, 7);
        assert_eq!((minute.rooms, minute.comments_per_s, minute.deliveries_per_s), (3, 2.0, 10.0));
        assert!((minute.journal_ms - 3.0).abs() < 0.001, "{minute:?}");
        assert!((minute.flush_ms - 5.0).abs() < 0.001, "{minute:?}");
        assert_eq!((minute.viewers, minute.database_bytes), (4, 7));
    }

    #[test]
    fn an_hour_is_kept_and_no_more() {
        let course = Course::new(Metrics::new());
        (0..70).for_each(|size| course.note(size));
        let (minutes, _) = course.look(0);
        let sizes: Vec<u64> = minutes.iter().map(|minute| minute.database_bytes).collect();
        assert_eq!(sizes, (10..70).collect::<Vec<_>>());
    }
}
