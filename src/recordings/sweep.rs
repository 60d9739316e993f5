//! Brings files and table together: a film that nobody knows goes, and a row without a film. What a crash has left is made
//! whole. It must not know what comes in meanwhile.

use super::{
    film::{self, disk::Disk},
    ready,
    space::Fault,
};
use crate::{
    domain::Millis,
    store::{
        self, Store, Tx,
        recordings::{self, Keeper, RunId},
    },
};
use std::collections::BTreeSet;

const DAY_S: i64 = 24 * 3600;

/// Makes all films on this disk whole, at the start; one of which nothing is left is removed.
/// Errors: where the disk cannot be looked through.
pub(super) fn repair(disk: &Disk, keeper: &Keeper, store: &Store) -> Result<(), Fault> {
    for id in disk.runs()? {
        if let Err(fault) = repair_one(disk, keeper, store, id) {
            log::error!("run {} of stream {} cannot be made whole: {fault}", id.run, id.stream);
        }
    }
    Ok(())
}

fn repair_one(disk: &Disk, keeper: &Keeper, store: &Store, id: RunId) -> Result<(), Fault> {
    if !store.read_blocking(|conn| recordings::is_there(conn, id))? {
        return Ok(());
    }
    let Some(size) = film::repair(disk, id)? else { return remove(disk, store, id) };
    store.write_blocking::<_, store::Error>(|tx| {
        ready::end_run(tx, id.stream, Millis::now(), |tx| {
            recordings::adopt(tx, id, keeper)?;
            recordings::close(tx, id, size)
        })
    })?;
    Ok(())
}

/// Removes films without a row, rows without a film, and what is older than so many days; not what is `under_way`.
/// Errors: those of disk and store. What was removed before that is gone.
pub(super) fn sweep(
    disk: &Disk,
    keeper: &Keeper,
    store: &Store,
    days: u32,
    under_way: &[RunId],
) -> Result<(), Fault> {
    find_disk(disk, keeper, store)?;
    // The table first: whatever begins meanwhile is in neither list alone.
    let rows = store.read_blocking(|conn| recordings::of_node(conn, &keeper.node))?;
    let rows: BTreeSet<RunId> = rows.into_iter().collect();
    let films: BTreeSet<RunId> = disk.runs()?.into_iter().collect();
    // The row of a film may be under the name that this node had before.
    for &id in films.difference(&rows) {
        if !store.read_blocking(|conn| recordings::is_there(conn, id))? {
            log::info!("run {} of stream {} is removed: nobody knows it any more", id.run, id.stream);
            disk.remove(id)?;
        }
    }
    for &id in rows.difference(&films).filter(|id| !under_way.contains(id)) {
        log::warn!("run {} of stream {} is lost: its file is gone", id.run, id.stream);
        remove_row(store, id)?;
    }
    let before = Millis::now().plus_s(-i64::from(days) * DAY_S);
    for id in store.read_blocking(|conn| recordings::of_before(conn, &keeper.node, before))? {
        log::info!("run {} of stream {} is removed: it is older than {days} days", id.run, id.stream);
        remove(disk, store, id)?;
    }
    Ok(())
}

/// Makes sure that the disk is there on which this node keeps films: one start without it must not take them for lost, nor may more
/// be kept on another.
/// Errors: where it is not there; those of the store.
pub(super) fn find_disk(disk: &Disk, keeper: &Keeper, store: &Store) -> Result<(), Fault> {
    if disk.is_marked() {
        return Ok(());
    }
    let kept = store.read_blocking(|conn| recordings::of_node(conn, &keeper.node))?;
    Ok(disk.must_be_that_of(kept.len())?)
}

/// The row first: a film without one is found again, and nobody is shown it.
fn remove(disk: &Disk, store: &Store, id: RunId) -> Result<(), Fault> {
    remove_row(store, id)?;
    Ok(disk.remove(id)?)
}

fn remove_row(store: &Store, id: RunId) -> store::Result<()> {
    let removed = |tx: &mut Tx<'_>| {
        ready::end_run(tx, id.stream, Millis::now(), |tx| recordings::remove(tx, id)).map(drop)
    };
    store.write_blocking(removed)
}
