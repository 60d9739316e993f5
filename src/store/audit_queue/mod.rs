//! The way to the audit record for refusals, which have no transaction of their own. It must not keep an answer waiting,
//! nor let a flood of refusals become a flood of writes.

mod flood;

use super::{
    Store,
    error::{Error, Result},
    moderation::audit::{self, NewEntry},
};
use crate::{domain::Millis, metrics::Metrics};
use flood::Minute;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{
        mpsc::{Receiver, Sender, channel},
        oneshot,
    },
    time::{interval, sleep},
};

/// Entries that wait to be written; what comes beyond is counted and lost.
const QUEUE_MAX: usize = 1024;
/// Entries taken from the queue at once.
const BATCH_MAX: usize = 64;
/// How often entries are tried to be written while the database is away or has too much to do, and how far apart.
const TRIES: u32 = 5;
const TRY_AGAIN: Duration = Duration::from_secs(1);
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
    let (count, entries) = (entries.len() as u64, Arc::new(entries));
    let mut tries = 1;
    while let Err(error) = write_all(store, entries.clone()).await {
        if tries == TRIES || !matches!(error, Error::Busy | Error::Unavailable(_)) {
            metrics.audit_lost.inc_by(count);
            return log::error!("the audit record has a hole of {count}: {error}");
        }
        // What comes meanwhile waits in the queue.
        tries += 1;
        sleep(TRY_AGAIN).await;
    }
}

async fn write_all(store: &Store, entries: Arc<Vec<(NewEntry, Millis)>>) -> Result<()> {
    store.write(move |tx| entries.iter().try_for_each(|(entry, at)| audit::append(tx, entry, *at))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{pool::Options, tests::TestDatabase};

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
    async fn what_could_not_be_written_at_once_is_written_later() {
        let database = TestDatabase::sqlite();
        let metrics = Metrics::new();
        let options = Options { connections: 1, wait: Duration::from_millis(50) };
        let store = Store::open_with(&database.url, &options).unwrap().counting(metrics.clone());
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (held, is_held) = oneshot::channel();
        let (writer, mut held) = (store.clone(), Some(held));
        // Somebody writes for longer than a call waits for its turn.
        let writer = std::thread::spawn(move || {
            writer.write_blocking(|_| {
                held.take().map(|held| held.send(()));
                Ok::<_, Error>(released.recv().is_ok())
            })
        });
        is_held.await.unwrap();
        let audit_queue = AuditQueue::start(store, metrics.clone());
        audit_queue.note(refusal("192.0.2.1"));
        let has_failed = async {
            while metrics.db_errors.get() == 0 {
                tokio::task::yield_now().await
            }
        };
        tokio::time::timeout(Duration::from_secs(60), has_failed).await.unwrap();
        drop(release);
        writer.join().unwrap().unwrap();
        audit_queue.flush().await;
        assert_eq!((database.read(|conn| audit::last(conn, 100)).len(), metrics.audit_lost.get()), (1, 0));
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
