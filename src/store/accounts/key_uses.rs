//! The way to the record of when keys were used. It must not keep a request waiting, nor let many uses become many writes:
//! what comes together is written together, and a use that finds no room is forgotten, since the next one says the same.

use super::keys;
use crate::{
    domain::{KeyId, Millis},
    logging::Recurring,
    metrics::Metrics,
    store::{Store, error::Result},
};
use std::{collections::HashMap, time::Duration};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    time::sleep,
};

/// Uses that wait to be written.
const QUEUE_MAX: usize = 1024;
/// How far apart two writes are, at least.
const WRITE_EVERY: Duration = Duration::from_millis(500);

/// The way to the record. Cheap to clone; the writer ends with the last clone.
#[derive(Clone, Debug)]
pub(crate) struct KeyUses {
    queue: Sender<(KeyId, Millis)>,
    metrics: Metrics,
}

impl KeyUses {
    /// Starts the writer, on the caller's runtime.
    pub(crate) fn start(store: Store, metrics: Metrics) -> Self {
        let (queue, uses) = channel(QUEUE_MAX);
        tokio::spawn(write(store, uses));
        Self { queue, metrics }
    }

    /// A key was used.
    pub(crate) fn note(&self, id: KeyId, at: Millis) {
        if self.queue.try_send((id, at)).is_err() {
            self.metrics.key_uses_lost.inc();
        }
    }
}

async fn write(store: Store, mut queue: Receiver<(KeyId, Millis)>) {
    let fault = Recurring::new("when keys were used cannot be noted");
    let mut uses = Vec::with_capacity(QUEUE_MAX);
    while queue.recv_many(&mut uses, QUEUE_MAX).await > 0 {
        // Of each key the last use.
        let latest: HashMap<KeyId, Millis> = uses.drain(..).collect();
        match write_all(&store, latest).await {
            Ok(()) => fault.worked(),
            // The next use of the same key is noted instead.
            Err(error) => fault.failed(error),
        }
        sleep(WRITE_EVERY).await;
    }
}

async fn write_all(store: &Store, latest: HashMap<KeyId, Millis>) -> Result<()> {
    // In one order, so that two servers that write at once do not wait in a circle.
    let mut latest: Vec<(KeyId, Millis)> = latest.into_iter().collect();
    latest.sort_unstable();
    store.write(move |tx| latest.iter().try_for_each(|(id, at)| keys::used(tx, *id, *at))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::TestDatabase;

    #[tokio::test]
    async fn uses_that_find_no_room_are_counted_and_keep_nobody_waiting() {
        let database = TestDatabase::sqlite();
        let metrics = Metrics::new();
        let uses = KeyUses::start(database.store.clone(), metrics.clone());
        // The writer shares this thread, so that nothing is taken from the queue meanwhile.
        (0..QUEUE_MAX).for_each(|_| uses.note(KeyId::new(), Millis(1)));
        assert_eq!(metrics.key_uses_lost.get(), 0);
        uses.note(KeyId::new(), Millis(1));
        assert_eq!(metrics.key_uses_lost.get(), 1);
    }
}
