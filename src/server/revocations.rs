//! Word of sessions and accounts that were ended by another hand: the admin command, or another node. Both write to
//! the tables alone. It must not know what is open, nor how it is closed.

use crate::{
    domain::time::Millis,
    store::{
        Store,
        sessions::{self, Revoked},
    },
};
use std::{collections::HashSet, time::Duration};
use tokio::time::{MissedTickBehavior, interval};

/// Twice within the second in which a revocation must reach open sockets.
const EVERY: Duration = Duration::from_millis(500);
/// How far each look reaches back behind the one before, in milliseconds: a revocation is dated before it is
/// committed, and a commit may have waited for its turn.
const OVERLAP_MS: i64 = 10_000;

/// Looks for what was ended and tells it, each once, for as long as the future is polled. What this server itself
/// has ended is told too: telling twice does no harm.
pub async fn watch(store: Store, tell: impl Fn(Revoked)) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut look = Look::from(Millis::now());
    loop {
        ticks.tick().await;
        let (now, since) = (Millis::now(), look.since());
        match store.reading(move |conn| sessions::revoked_since(conn, since)).await {
            Ok(found) => look.fresh(found, now).into_iter().for_each(&tell),
            // What was missed is found by the next look that succeeds.
            Err(error) => log::warn!("revocations cannot be looked for: {error}"),
        }
    }
}

/// Where the next look begins, and what the last one found.
struct Look {
    at: Millis,
    found: HashSet<Revoked>,
}

impl Look {
    fn from(at: Millis) -> Look {
        Look { at, found: HashSet::new() }
    }

    fn since(&self) -> Millis {
        self.at - OVERLAP_MS
    }

    /// What the look before has not found yet.
    fn fresh(&mut self, found: Vec<Revoked>, now: Millis) -> HashSet<Revoked> {
        let found = HashSet::from_iter(found);
        let fresh = &found - &self.found;
        *self = Look { at: now, found };
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{SessionId, UserId};

    #[test]
    fn each_revocation_is_told_once_while_looks_overlap_and_again_when_it_happens_again() {
        let (ana, session) = (Revoked::User(UserId::new()), Revoked::Session(SessionId::new()));
        let mut look = Look::from(Millis(1_000_000));
        assert_eq!(look.since(), Millis(990_000));
        assert_eq!(look.fresh(vec![ana], Millis(1_000_500)), HashSet::from([ana]));
        assert_eq!(look.since(), Millis(990_500));
        assert_eq!(look.fresh(vec![ana, session], Millis(1_001_000)), HashSet::from([session]));
        assert!(look.fresh(vec![session], Millis(1_011_000)).is_empty());
        assert_eq!(look.fresh(vec![ana], Millis(1_012_000)), HashSet::from([ana]));
    }
}
