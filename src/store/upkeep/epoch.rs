//! Begins an epoch by the server itself, on record: what clients remember of the logs before it holds no more.
//! It must not know how a server finds out that it must.

use crate::{
    domain::Millis,
    store::{
        database::meta,
        error::Result,
        moderation::audit::{self, NewEntry},
        transaction::Tx,
    },
};

/// Begins a new epoch, and says why.
pub(super) fn begin(tx: &mut Tx<'_>, why: &str) -> Result<()> {
    meta::new_epoch(tx)?;
    record(tx, why)
}

/// For a server that has shown what the database does not hold any more: after a failover to one that was behind, or a restored
/// backup. Begins a new epoch after the one that it knows, unless another node has done so. Whether it did; either way
/// another epoch holds then.
pub(crate) fn begin_after(tx: &mut Tx<'_>, seen: &str, why: &str) -> Result<bool> {
    let begun = meta::new_epoch_after(tx, seen)?;
    if begun {
        record(tx, why)?;
    }
    Ok(begun)
}

/// The server itself is the actor.
fn record(tx: &mut Tx<'_>, why: &str) -> Result<()> {
    let reason = Some(why.to_owned());
    let entry = NewEntry { action: "epoch.new", outcome: "ok", reason, ..NewEntry::default() };
    audit::append(tx, &entry, Millis::now())
}
