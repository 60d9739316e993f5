//! Whose turn it is to send: so many at once, those whose receivers answer quickly apart from all others, so that whoever lets
//! the server wait has those alone wait who do so, too. It must not know what is sent.

use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Most messages under way at once in each lane. Each is a socket and a little memory; who does not answer holds one for ten seconds.
const SENDING_MAX: usize = 256;
/// Who answers within this time is quick.
pub(super) const QUICK: Duration = Duration::from_secs(1);

/// The two lanes.
pub(super) struct Turns {
    quick: Arc<Semaphore>,
    /// Who was slow the last time, or has not been tried yet.
    others: Arc<Semaphore>,
}

/// The right to send one message.
pub(super) struct Turn(#[allow(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Turns {
    pub(super) fn new() -> Self {
        let lane = || Arc::new(Semaphore::new(SENDING_MAX));
        Self { quick: lane(), others: lane() }
    }

    /// Waits for a turn; none where the server stops.
    pub(super) async fn take(&self, is_quick: bool) -> Option<Turn> {
        let lane = if is_quick { &self.quick } else { &self.others };
        lane.clone().acquire_owned().await.ok().map(Turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use tokio::time::timeout;

    #[tokio::test]
    async fn who_is_slow_has_those_wait_who_are_slow_alone() {
        let turns = Turns::new();
        let mut held = Vec::new();
        for _ in 0..SENDING_MAX {
            held.extend(turns.take(false).await);
        }
        let at_once = async |turn: &mut (dyn Future<Output = Option<Turn>> + Unpin)| {
            timeout(Duration::from_millis(20), turn).await.is_ok()
        };
        assert!(!at_once(&mut Box::pin(turns.take(false))).await, "one more of them waits");
        assert!(at_once(&mut Box::pin(turns.take(true))).await);
        held.pop();
        assert!(at_once(&mut Box::pin(turns.take(false))).await);
    }
}
