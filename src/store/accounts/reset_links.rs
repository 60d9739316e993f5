//! Links by which somebody sets a new password: one an account, kept as a hash.
//! It must not know how a link is made, nor who may make one.

use crate::{
    domain::{Millis, UserId},
    store::{
        connection::{Conn, each},
        error::Result,
        schema::reset_links,
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// Keeps a link of an account, in place of any before.
pub(crate) fn put(tx: &mut Tx, user: UserId, hash: &str, expires_at: Millis) -> Result<()> {
    let changes = (reset_links::hash.eq(hash), reset_links::expires_at.eq(expires_at));
    each!(tx.conn(), conn => diesel::insert_into(reset_links::table)
        .values((reset_links::user_id.eq(user), changes))
        .on_conflict(reset_links::user_id)
        .do_update()
        .set(changes)
        .execute(conn))?;
    Ok(())
}

/// Whose a link is, while it is good.
pub(crate) fn owner(conn: &mut Conn, hash: &str, now: Millis) -> Result<Option<UserId>> {
    let good = reset_links::table.filter(reset_links::hash.eq(hash)).filter(reset_links::expires_at.gt(now));
    Ok(good.select(reset_links::user_id).first(conn).optional()?)
}

/// Uses a link up; whose it was, where it was there. Of two who use it at once, one finds it gone.
pub(crate) fn use_up(tx: &mut Tx, hash: &str, now: Millis) -> Result<Option<UserId>> {
    let good = reset_links::table.filter(reset_links::hash.eq(hash)).filter(reset_links::expires_at.gt(now));
    Ok(diesel::delete(good).returning(reset_links::user_id).get_result(tx.conn()).optional()?)
}

/// Voids the link of an account, if there is one.
pub(crate) fn void(tx: &mut Tx, user: UserId) -> Result<()> {
    diesel::delete(reset_links::table.find(user)).execute(tx.conn())?;
    Ok(())
}
