//! Keeps SQLite's table of trigrams short: what each commit wrote of it is merged beside the commits, step by step, and what was
//! taken out of it leaves its pages. It must not know when there is time for that.

use super::meta;
use crate::store::{
    connection::Conn,
    error::{Error, Result},
    transaction::Tx,
};
use diesel::{
    RunQueryDsl, sql_query,
    sql_types::{BigInt, Integer, Text},
};

/// So many comments are taken out one by one, each 0.4 ms and gone from the pages at once. More are only marked, and go when all of
/// the table is written anew, which takes 6 us for each comment that stays.
const ONE_BY_ONE: usize = 1_000;
/// As much is merged in a step, in pages of 4 kB: some milliseconds, for which those who write wait.
const STEP: i32 = 64;
/// So many parts of about one size are merged into one.
const PARTS: i32 = 16;
/// While all of the table is written anew, any two are.
const ALL_PARTS: i32 = 2;

/// The option of FTS5 by which what is deleted leaves the pages at once.
const SECURE_DELETE: &str = "secure-delete";

/// How far a table is that is written anew, as the house keeps it under this name.
const REWRITE: &str = "search_rewrite";
const WANTED: &str = "wanted";
const UNDER_WAY: &str = "under way";

/// Takes a step, or finds that there is nothing to do. Whether there may be more.
pub(crate) fn step(tx: &mut Tx) -> Result<bool> {
    if !matches!(tx.conn(), Conn::Sqlite(_)) {
        return Ok(false);
    }
    let rewrite = meta::get(tx, REWRITE)?;
    if rewrite.as_deref() == Some(WANTED) {
        configure(tx, "usermerge", ALL_PARTS)?;
        meta::put(tx, REWRITE, UNDER_WAY)?;
        // Below zero: all of the table becomes one part.
        return merge(tx, -STEP).map(|_| true);
    }
    let has_merged = merge(tx, STEP)?;
    if !has_merged && rewrite.is_some() {
        configure(tx, "usermerge", PARTS)?;
        meta::remove(tx, REWRITE)?;
    }
    Ok(has_merged)
}

/// Runs `f`, which takes about `count` comments out of the log for good.
pub(crate) fn taking_out<T, E: From<Error>>(
    tx: &mut Tx,
    count: usize,
    f: impl FnOnce(&mut Tx) -> Result<T, E>,
) -> Result<T, E> {
    // Within another that does the same, all are marked already.
    if count <= ONE_BY_ONE || !matches!(tx.conn(), Conn::Sqlite(_)) || !takes_out_one_by_one(tx)? {
        return f(tx);
    }
    configure(tx, SECURE_DELETE, 0)?;
    let done = f(tx)?;
    configure(tx, SECURE_DELETE, 1)?;
    meta::put(tx, REWRITE, WANTED)?;
    Ok(done)
}

fn takes_out_one_by_one(tx: &mut Tx) -> Result<bool> {
    let sql = "SELECT count(*) AS count FROM comment_trigrams_config WHERE k = ? AND v = 1";
    let Count { count } = sql_query(sql).bind::<Text, _>(SECURE_DELETE).get_result(tx.conn())?;
    Ok(count > 0)
}

fn merge(tx: &mut Tx, pages: i32) -> Result<bool> {
    let before = changes(tx)?;
    configure(tx, "merge", pages)?;
    // One is the command itself (https://sqlite.org/fts5.html#the_merge_command).
    Ok(changes(tx)? - before > 1)
}

fn configure(tx: &mut Tx, what: &str, value: i32) -> Result<()> {
    sql_query("INSERT INTO comment_trigrams (comment_trigrams, rank) VALUES (?, ?)")
        .bind::<Text, _>(what)
        .bind::<Integer, _>(value)
        .execute(tx.conn())?;
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

fn changes(tx: &mut Tx) -> Result<i64> {
    let Count { count } = sql_query("SELECT total_changes() AS count").get_result(tx.conn())?;
    Ok(count)
}
