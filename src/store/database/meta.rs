//! What the house knows of itself: the epoch of its logs, and how it tells a copy.
//! It must not know what a client does with it.

use crate::{
    domain::Millis,
    store::{
        connection::{Conn, each},
        error::Result,
        schema::meta,
        transaction::Tx,
    },
};
use diesel::prelude::*;
use uuid::Uuid;

const EPOCH: &str = "epoch";
/// Counts how often a server has noted what it saw of this database; see `mark`.
const MARK: &str = "mark";
/// Set in a backup: whoever serves it begins a new epoch.
const COPIED: &str = "copied";
/// Where a database on PostgreSQL lives; see `home`.
const HOME: &str = "home";
/// Written to see whether it can be.
const TOUCHED: &str = "touched";
/// As much as a batch of comments takes, so that a disk with room for one page is not called writable.
const TOUCH_BYTES: usize = 16 * 1024;

/// The epoch: a client's place in a log means nothing in another epoch.
pub fn epoch(conn: &mut Conn) -> Result<String> {
    Ok(meta::table.find(EPOCH).select(meta::value).first(conn)?)
}

/// Begins a new epoch, after a backup was restored: clients that saw what is gone must start anew.
pub(crate) fn new_epoch(tx: &mut Tx) -> Result<String> {
    let epoch = Uuid::now_v7().to_string();
    put(tx, EPOCH, &epoch)?;
    // From here on it is this database that counts, wherever it is from.
    diesel::delete(meta::table.filter(meta::name.eq_any([MARK, COPIED, HOME]))).execute(tx.conn())?;
    Ok(epoch)
}

/// Begins a new epoch after `seen`; not where another node has begun one since, so that all agree on one. Whether it did.
pub(crate) fn new_epoch_after(tx: &mut Tx, seen: &str) -> Result<bool> {
    change(tx, EPOCH, seen, &Uuid::now_v7().to_string())
}

/// Lets nobody else who calls this go on until the transaction ends.
pub(crate) fn lock(tx: &mut Tx) -> Result<()> {
    diesel::update(meta::table.find(EPOCH)).set(meta::value.eq(meta::value)).execute(tx.conn())?;
    Ok(())
}

/// Makes the first epoch of a new house.
pub(crate) fn ensure_epoch(tx: &mut Tx) -> Result<()> {
    if get(tx, EPOCH)?.is_some() {
        return Ok(());
    }
    let epoch = Uuid::now_v7().to_string();
    // Two nodes that start at once: the second one keeps the first one's.
    each!(tx.conn(), conn => diesel::insert_into(meta::table)
        .values((meta::name.eq(EPOCH), meta::value.eq(&epoch)))
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Where the database says that it lives; `None` where it has not said so yet.
pub(crate) fn home(conn: &mut Conn) -> Result<Option<String>> {
    get(conn, HOME)
}

/// It lives here, from wherever it came.
pub(crate) fn set_home(tx: &mut Tx, here: &str) -> Result<()> {
    put(tx, HOME, here)
}

/// It lives here and not where it `said`; not where another has noticed that. Whether this was the first one to.
pub(crate) fn change_home(tx: &mut Tx, said: &str, here: &str) -> Result<bool> {
    change(tx, HOME, said, here)
}

/// Writes something, for whoever wants to know whether that can be done.
pub(crate) fn touch(tx: &mut Tx, now: Millis) -> Result<()> {
    // What differs from the last time, on every page.
    let text = now.0.to_string();
    put(tx, TOUCHED, &text.repeat(TOUCH_BYTES / text.len()))
}

/// Says of a copy that it is one.
pub(crate) fn set_copied(tx: &mut Tx, now: Millis) -> Result<()> {
    put(tx, COPIED, &now.0.to_string())
}

/// Whether this is a backup that nobody has served yet.
pub(crate) fn is_copied(conn: &mut Conn) -> Result<bool> {
    Ok(get(conn, COPIED)?.is_some())
}

/// How often it was noted what was seen; `None` where no server has begun to.
pub(crate) fn marks(conn: &mut Conn) -> Result<Option<i64>> {
    Ok(get(conn, MARK)?.and_then(|count| count.parse().ok()))
}

/// Counts one more.
pub(crate) fn count_mark(tx: &mut Tx) -> Result<i64> {
    let count = marks(tx)?.unwrap_or(0) + 1;
    put(tx, MARK, &count.to_string())?;
    Ok(count)
}

/// What is kept under a name.
pub(crate) fn get(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    Ok(meta::table.find(name).select(meta::value).first(conn).optional()?)
}

/// Keeps something under a name in place of this, where this is still there. Whether it was.
fn change(tx: &mut Tx, name: &str, from: &str, to: &str) -> Result<bool> {
    let it = meta::table.find(name).filter(meta::value.eq(from));
    // Another who does the same is waited for, and then there is no such row.
    Ok(diesel::update(it).set(meta::value.eq(to)).execute(tx.conn())? > 0)
}

/// Keeps something under a name, in place of what was there.
pub(crate) fn put(tx: &mut Tx, name: &str, value: &str) -> Result<()> {
    each!(tx.conn(), conn => diesel::insert_into(meta::table)
        .values((meta::name.eq(name), meta::value.eq(value)))
        .on_conflict(meta::name)
        .do_update()
        .set(meta::value.eq(value))
        .execute(conn))?;
    Ok(())
}

/// Keeps nothing under a name any more.
pub(crate) fn remove(tx: &mut Tx, name: &str) -> Result<()> {
    diesel::delete(meta::table.find(name)).execute(tx.conn())?;
    Ok(())
}
