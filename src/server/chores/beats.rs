//! Says again and again that this server is here, so that others and their operator know, and warns where two are one house
//! without a way to each other, or their clocks differ. It must not know what a node tells another.

use crate::{
    domain::BootId,
    logging::Recurring,
    metrics::Metrics,
    store::{
        self, Store,
        database::nodes::{self, Beat, Node},
    },
};
use std::time::Duration;
use tokio::time::sleep;

/// How far beats lie apart; no two servers that start at once beat together for long.
const EVERY: Duration = Duration::from_secs(5);
const JITTER_MS: u64 = 500;
/// More than this between two clocks is worth a word, in milliseconds.
const SKEW_MAX_MS: u64 = 500;

/// One run of a server among those that work on its database.
#[derive(Clone)]
pub(in crate::server) struct Heartbeat {
    pub store: Store,
    pub boot: BootId,
    /// What its operator calls it.
    pub name: String,
    /// Whether it hears others at once.
    pub has_bus: bool,
    pub metrics: Metrics,
}

impl Heartbeat {
    /// Beats for as long as the future is polled. An SQLite database has one server at a time.
    pub(super) async fn keep(self) {
        self.metrics.nodes_alive.set(1);
        if !self.store.is_shared() {
            return;
        }
        let faults = Faults::new();
        loop {
            match self.beat().await {
                Ok(beat) => self.note(&beat, &faults),
                Err(error) => faults.beat.failed(error),
            }
            sleep(EVERY + Duration::from_millis(self.boot.0.as_u64_pair().1 % JITTER_MS)).await;
        }
    }

    /// Says that it goes, so that nobody waits for it.
    pub(in crate::server) async fn end(self) {
        if !self.store.is_shared() {
            return;
        }
        if let Err(error) = self.store.write(move |tx| nodes::leave(tx, self.boot)).await {
            log::debug!("it is not noted that this server goes: {error}");
        }
    }

    async fn beat(&self) -> store::Result<Beat> {
        let (boot, name) = (self.boot, self.name.clone());
        self.store.write(move |tx| nodes::beat(tx, boot, &name, env!("CARGO_PKG_VERSION"))).await
    }

    fn note(&self, Beat { ahead_ms, others }: &Beat, faults: &Faults) {
        faults.beat.worked();
        self.metrics.nodes_alive.set(1 + others.len() as i64);
        self.metrics.clock_skew_seconds.set(*ahead_ms as f64 / 1000.0);
        match alone_among(others, self.has_bus) {
            Some(line) => faults.alone.failed(line),
            None => faults.alone.worked(),
        }
        match skewed(*ahead_ms) {
            Some(line) => faults.skew.failed(line),
            None => faults.skew.worked(),
        }
    }
}

/// What may be wrong again and again, each once a minute.
struct Faults {
    beat: Recurring,
    alone: Recurring,
    skew: Recurring,
}

impl Faults {
    fn new() -> Faults {
        Faults {
            beat: Recurring::new("it cannot be noted that this server is here"),
            alone: Recurring::new("other servers work on this database"),
            skew: Recurring::new("the clock of the database differs from this server's"),
        }
    }
}

/// What is to be said where there are others, but no way to them.
fn alone_among(others: &[Node], has_bus: bool) -> Option<String> {
    if others.is_empty() || has_bus {
        return None;
    }
    let names: Vec<&str> = others.iter().map(|node| node.name.as_str()).collect();
    let names = names.join(", ");
    Some(format!(
        "{names}; without --redis-url each looks there for what the others have done, a fifth of a second late"
    ))
}

fn skewed(ahead_ms: i64) -> Option<String> {
    if ahead_ms.unsigned_abs() <= SKEW_MAX_MS {
        return None;
    }
    let way = if ahead_ms < 0 { "behind" } else { "ahead" };
    let by = ahead_ms.unsigned_abs();
    Some(format!(
        "it is {way} by {}.{:03} s; have all machines follow one time service",
        by / 1000,
        by % 1000
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Millis;

    #[test]
    fn others_are_worth_a_word_where_there_is_no_way_to_them() {
        let other = Node { boot: BootId::new(), name: "b".into(), version: "1".into(), seen_at: Millis(0) };
        let said = alone_among(&[other.clone(), Node { name: "c".into(), ..other.clone() }], false);
        assert!(said.is_some_and(|said| said.starts_with("b, c; without --redis-url")));
        assert_eq!(alone_among(&[other], true), None);
        assert_eq!(alone_among(&[], false), None);
    }

    #[test]
    fn half_a_second_between_two_clocks_is_none() {
        assert_eq!(skewed(500), None);
        assert_eq!(skewed(-500), None);
        assert!(skewed(-501).is_some_and(|said| said.starts_with("it is behind by 0.501 s")));
        assert!(skewed(61_002).is_some_and(|said| said.starts_with("it is ahead by 61.002 s")));
    }
}
