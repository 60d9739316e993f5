//! What the house knows of itself: the epoch of its logs.
//! It must not know what a client does with it.

use super::{conn::Conn, error::Result, schema::meta, tx::Tx};
use diesel::prelude::*;
use uuid::Uuid;

const EPOCH: &str = "epoch";

/// The epoch: a client's place in a log means nothing in another epoch.
///
/// # Errors
/// Those of the database.
pub fn epoch(conn: &mut Conn) -> Result<String> {
    Ok(meta::table.find(EPOCH).select(meta::value).first(conn)?)
}

/// Begins a new epoch, after a backup was restored: clients that saw what is gone must start anew.
///
/// # Errors
/// Those of the database.
pub fn new_epoch(tx: &mut Tx) -> Result<String> {
    let epoch = Uuid::now_v7().to_string();
    diesel::update(meta::table.find(EPOCH)).set(meta::value.eq(&epoch)).execute(tx.conn())?;
    Ok(epoch)
}

/// Makes the first epoch of a new house.
pub(super) fn ensure_epoch(tx: &mut Tx) -> Result<()> {
    let known: Option<String> = meta::table.find(EPOCH).select(meta::value).first(tx.conn()).optional()?;
    if known.is_some() {
        return Ok(());
    }
    let epoch = Uuid::now_v7().to_string();
    // Two nodes that start at once: the second one keeps the first one's.
    super::conn::each!(tx.conn(), conn => diesel::insert_into(meta::table)
        .values((meta::name.eq(EPOCH), meta::value.eq(&epoch)))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}
