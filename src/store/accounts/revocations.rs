//! The order in which sessions, keys and accounts were ended, and accounts renamed: each is numbered in the transaction that does it,
//! so that whoever looks for them, here or on another machine, needs no clock. It must not know why it was done.

use crate::{
    domain::{KeyId, SessionId, UserId},
    store::{
        connection::Conn,
        counters,
        error::Result,
        schema::{account_keys, sessions, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

const COUNTER: &str = "revocations";

/// Why a server must close what an account, a session or a key has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// This session ended.
    Session(SessionId),
    /// This key was deleted.
    Key(KeyId),
    /// This account was disabled or deleted.
    User(UserId),
}

/// The next number.
pub(crate) fn next_number(tx: &mut Tx) -> Result<i64> {
    counters::next(tx, COUNTER)
}

/// The number of the last one.
pub fn last(conn: &mut Conn) -> Result<i64> {
    counters::last(conn, COUNTER)
}

/// What was ended after this number, by whoever's hand, and the number of the last of them.
pub fn after(conn: &mut Conn, number: i64) -> Result<(Vec<Revoked>, i64)> {
    // First, so that all up to it is there to be read; what comes meanwhile is left to the next look.
    let last = last(conn)?;
    if last <= number {
        return Ok((Vec::new(), last));
    }
    let ended: Vec<SessionId> = sessions::table
        .filter(sessions::revoked_no.gt(number).and(sessions::revoked_no.le(last)))
        .order(sessions::revoked_no)
        .select(sessions::id)
        .load(conn)?;
    let deleted: Vec<KeyId> = account_keys::table
        .filter(account_keys::revoked_no.gt(number).and(account_keys::revoked_no.le(last)))
        .order(account_keys::revoked_no)
        .select(account_keys::id)
        .load(conn)?;
    let gone: Vec<UserId> = users::table
        .filter(users::ended_no.gt(number).and(users::ended_no.le(last)))
        // Others have another name, and go on.
        .filter(users::disabled_at.is_not_null().or(users::deleted_at.is_not_null()))
        .order(users::ended_no)
        .select(users::id)
        .load(conn)?;
    let ended = ended.into_iter().map(Revoked::Session).chain(deleted.into_iter().map(Revoked::Key));
    Ok((ended.chain(gone.into_iter().map(Revoked::User)).collect(), last))
}
