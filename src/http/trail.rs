//! The audit trail as handlers write it: who did what, from where, and what came of it.
//! It must not keep an answer waiting, nor know how the record is kept.

use super::{ClientAddress, extract::Account};
use crate::{
    domain::{
        ids::{SessionId, UserId},
        time::Millis,
    },
    store::{
        Store,
        audit::{self, NewEntry},
    },
};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Entries that wait to be written; beyond that they go to the log alone.
const QUEUE_MAX: usize = 1024;
/// Entries of one transaction.
const BATCH_MAX: usize = 64;

/// The way to the record. Cheap to clone; the writer ends with the last clone.
#[derive(Clone, Debug)]
pub struct Trail(Sender<(NewEntry, Millis)>);

impl Trail {
    /// Starts the writer, on the caller's thread.
    pub fn start(store: Store) -> Self {
        let (queue, entries) = channel(QUEUE_MAX);
        actix::spawn(write(store, entries));
        Self(queue)
    }

    /// Puts on record what has no transaction of its own: refusals above all.
    pub fn note(&self, entry: NewEntry) {
        if let Err(full) = self.0.try_send((entry, Millis::now())) {
            log::warn!("not on record: {full:?}");
        }
    }
}

async fn write(store: Store, mut entries: Receiver<(NewEntry, Millis)>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while entries.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let batch = std::mem::take(&mut batch);
        let written = store
            .writing(move |tx| batch.iter().try_for_each(|(entry, at)| audit::append(tx, entry, *at)))
            .await;
        if let Err(error) = written {
            log::error!("the audit trail has a hole: {error}");
        }
    }
}

/// An entry about a known account.
pub fn by(
    user: UserId,
    session: Option<SessionId>,
    address: ClientAddress,
    action: &'static str,
) -> NewEntry {
    NewEntry {
        actor_id: Some(user),
        session_id: session,
        ip: Some(address.0.to_string()),
        action,
        outcome: "ok",
        ..NewEntry::default()
    }
}

/// An entry about the caller.
pub fn of(account: &Account, address: ClientAddress, action: &'static str) -> NewEntry {
    by(account.user.id, Some(account.session.id), address, action)
}
