//! Invitations: what lets somebody register, so many times.
//! It must not know how a code is made, nor when one is needed.

use crate::{
    domain::{InvitationId, Millis},
    store::{
        connection::Conn,
        error::{Conflict, Error, Result, found},
        page::{Page, one_more},
        schema::invitations,
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// As many there are at most that are good.
pub(crate) const INVITATIONS_MAX: i64 = 1000;

/// What lets somebody register, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations)]
pub(crate) struct Invitation {
    pub id: InvitationId,
    /// What whoever registers shows.
    pub code: String,
    /// How many more may register with it.
    pub uses_left: i32,
    pub created_at: Millis,
    /// When it ends; none is never.
    pub expires_at: Option<Millis>,
}

/// Keeps one. Those that have ended go.
/// Errors: [`Conflict::TooMany`] where there are as many as there may be.
pub(crate) fn create(tx: &mut Tx, new: &Invitation, now: Millis) -> Result<()> {
    let ended = invitations::table.filter(invitations::expires_at.le(now).assume_not_null());
    diesel::delete(ended).execute(tx.conn())?;
    let count: i64 = invitations::table.count().get_result(tx.conn())?;
    if count >= INVITATIONS_MAX {
        return Err(Error::Conflict(Conflict::TooMany));
    }
    diesel::insert_into(invitations::table).values(new.clone()).execute(tx.conn())?;
    Ok(())
}

/// Those whose time is not over.
#[diesel::dsl::auto_type]
fn good(now: Millis) -> _ {
    let now: i64 = now.0;
    invitations::table
        .filter(invitations::expires_at.is_null().or(invitations::expires_at.gt(now).assume_not_null()))
}

/// Those that are good, newest first, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    now: Millis,
    after: Option<InvitationId>,
    limit: usize,
) -> Result<Page<Invitation, InvitationId>> {
    let mut query = good(now)
        .order(invitations::id.desc())
        .limit(one_more(limit))
        .select(Invitation::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(invitations::id.lt(after));
    }
    Ok(Page::cut(query.load(conn)?, limit, |invitation| invitation.id))
}

/// Takes one back.
/// Errors: [`Error::NotFound`] where there is no such one.
pub(crate) fn delete(tx: &mut Tx, id: InvitationId) -> Result<()> {
    found(diesel::delete(invitations::table.find(id)).execute(tx.conn())?)
}

/// Whether a code is good.
pub(crate) fn is_good(conn: &mut Conn, code: &str, now: Millis) -> Result<bool> {
    let of_code = good(now).filter(invitations::code.eq(code));
    Ok(diesel::select(diesel::dsl::exists(of_code)).get_result(conn)?)
}

/// Uses a code once; whether it was good. Of two who use the last use at once, one finds it gone.
pub(crate) fn use_once(tx: &mut Tx, code: &str, now: Millis) -> Result<bool> {
    let usable = good(now).filter(invitations::code.eq(code).and(invitations::uses_left.gt(0)));
    let used = diesel::update(usable).set(invitations::uses_left.eq(invitations::uses_left - 1));
    let was_good = used.execute(tx.conn())? > 0;
    let used_up = invitations::table.filter(invitations::code.eq(code).and(invitations::uses_left.le(0)));
    diesel::delete(used_up).execute(tx.conn())?;
    Ok(was_good)
}
