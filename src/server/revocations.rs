//! Word of sessions and accounts that were ended by another hand: the admin command, or another node. Both write to
//! the tables alone. It must not know what is open, nor how it is closed, nor what time it is.

use crate::{
    logging::Recurring,
    store::{
        Store,
        accounts::revocations::{self, Revoked},
    },
};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Twice within the second in which a revocation must reach open sockets.
const EVERY: Duration = Duration::from_millis(500);

/// Looks for what is ended from this call on and tells it, each once, for as long as the future is polled. What this server
/// itself has ended is told too: telling twice does no harm.
pub fn watch(store: Store, tell: impl Fn(Revoked)) -> impl Future<Output = ()> {
    // Before anybody can be let in, so that nothing falls between.
    let last = store.read_blocking(revocations::last).unwrap_or_else(|error| {
        log::warn!("all revocations of the past are looked through: {error}");
        0
    });
    look_and_tell(store, tell, last)
}

async fn look_and_tell(store: Store, tell: impl Fn(Revoked), mut last: i64) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let fault = Recurring::new("revocations cannot be looked for");
    loop {
        ticks.tick().await;
        match store.read(move |conn| revocations::after(conn, last)).await {
            Ok((found, number)) => {
                fault.worked();
                found.into_iter().for_each(&tell);
                last = number;
            }
            // What was missed is found by the next look that succeeds.
            Err(error) => fault.failed(error),
        }
    }
}
