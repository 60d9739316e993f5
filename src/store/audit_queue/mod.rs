//! The way to the audit record for refusals, which have no transaction of their own. It must not keep an answer waiting,
//! nor let a flood of refusals become a flood of writes.

mod flood;

use super::{
    Store,
    moderation::audit::{self, NewEntry},
};
use crate::{domain::Millis, metrics::Metrics};
use flood::Minute;
use std::time::Duration;
use tokio::{
    sync::{
        mpsc::{Receiver, Sender, channel},
        oneshot,
    },
    time::interval,
};

/// Entries that wait to be written; what comes beyond is counted and lost.
const QUEUE_MAX: usize = 1024;
/// Entries taken from the queue at once.
const BATCH_MAX: usize = 64;
/// How often is looked whether a minute is over.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The way to the record. Cheap to clone; the writer ends with the last clone.
#[derive(Clone, Debug)]
pub(crate) struct AuditQueue {
    queue: Sender<Note>,
    metrics: Metrics,
}

#[derive(Debug)]
enum Note {
    Entry(NewEntry, Millis),
    /// Answered when all that came before is written.
    Flush(oneshot::Sender<()>),
}

impl AuditQueue {
    /// Starts the writer, on the caller's runtime.
    pub(crate) fn start(store: Store, metrics: Metrics) -> Self {
        let (queue, notes) = channel(QUEUE_MAX);
        tokio::spawn(write(store, metrics.clone(), notes));
        Self { queue, metrics }
    }

    /// Puts a refusal on record: in a line of its own, or, in a flood, in one that counts many.
    pub(crate) fn note(&self, entry: NewEntry) {
        if self.queue.try_send(Note::Entry(entry, Millis::now())).is_err() {
            self.metrics.audit_lost.inc();
        }
    }

    /// Waits until what was noted before is on record.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.queue.send(Note::Flush(done)).await.is_ok() {
            // A writer that is gone has nothing left to write.
            _ = flushed.await;
        }
    }
}

async fn write(store: Store, metrics: Metrics, mut queue: Receiver<Note>) {
    let mut minute = Minute::default();
    let mut ticks = interval(LOOK_EVERY);
    loop {
        let mut notes = Vec::with_capacity(BATCH_MAX);
        tokio::select! {
            count = queue.recv_many(&mut notes, BATCH_MAX) => if count == 0 { return },
            _ = ticks.tick() => {}
        }
        let now = Millis::now();
        let mut entries = if minute.is_over(now) { minute.end(now) } else { Vec::new() };
        let mut waiting = Vec::new();
        for note in notes {
            match note {
                Note::Entry(entry, at) => entries.extend(minute.admit(entry, at)),
                Note::Flush(done) => waiting.push(done),
            }
        }
        if !waiting.is_empty() {
            entries.extend(minute.end(now));
        }
        append(&store, &metrics, entries).await;
        // Who does not wait any more needs no answer.
        waiting.into_iter().for_each(|done| _ = done.send(()));
    }
}

async fn append(store: &Store, metrics: &Metrics, entries: Vec<(NewEntry, Millis)>) {
    if entries.is_empty() {
        return;
    }
    let count = entries.len() as u64;
    let write = move |tx: &mut super::Tx<'_>| {
        entries.iter().try_for_each(|(entry, at)| audit::append(tx, entry, *at))
    };
    if let Err(error) = store.write(write).await {
        metrics.audit_lost.inc_by(count);
        log::error!("the audit record has a hole of {count}: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::TestDatabase;

    fn refusal(ip: &str) -> NewEntry {
        NewEntry { ip: Some(ip.to_owned()), action: "request", outcome: "refused", ..NewEntry::default() }
    }

    #[tokio::test]
    async fn what_was_noted_is_on_record_once_it_is_flushed() {
        let database = TestDatabase::sqlite();
        let audit_queue = AuditQueue::start(database.store.clone(), Metrics::new());
        (0..3).for_each(|_| audit_queue.note(refusal("192.0.2.1")));
        audit_queue.flush().await;
        assert_eq!(database.read(|conn| audit::last(conn, 100)).len(), 3);
    }

    #[tokio::test]
    async fn a_full_queue_loses_entries_and_counts_them() {
        let database = TestDatabase::sqlite();
        let metrics = Metrics::new();
        let audit_queue = AuditQueue::start(database.store.clone(), metrics.clone());
        // The writer shares this thread, so that nothing is taken from the queue meanwhile.
        (0..QUEUE_MAX + 7).for_each(|_| audit_queue.note(refusal("192.0.2.1")));
        assert_eq!(metrics.audit_lost.get(), 7);
        audit_queue.flush().await;
    }
}
