//! Work on the house as a whole: its nodes, its epoch, a copy of its database, its record.
//! It must not know where its arguments come from, nor how its results are shown.

use super::{By, Result};
use crate::store::{
    self, Store,
    database::{
        meta,
        nodes::{self, Node},
    },
    moderation::audit::{self, Entry},
};
use std::path::Path;

/// The servers that work on the database.
/// Errors: [`store::Error::Unusable`] where there can be one alone.
pub(in crate::operate) fn nodes(store: &Store) -> Result<Vec<Node>> {
    if !store.is_shared() {
        return Err(store::Error::Unusable("an SQLite database has one server at a time".into()).into());
    }
    Ok(store.read_blocking(nodes::list)?)
}

/// Begins a new epoch, and says which.
pub(in crate::operate) fn new_epoch(store: &Store) -> Result<String> {
    store.write_blocking(|tx| {
        By::command().record(tx, "epoch.new", None)?;
        Ok(meta::new_epoch(tx)?)
    })
}

/// Copies the embedded database into a new file.
pub(in crate::operate) fn backup(store: &Store, file: &Path) -> Result<()> {
    Ok(store.backup(file)?)
}

/// The last entries of the audit record, latest last.
pub(in crate::operate) fn last_on_record(store: &Store, count: usize) -> Result<Vec<Entry>> {
    Ok(store.read_blocking(|conn| audit::last(conn, count))?)
}
