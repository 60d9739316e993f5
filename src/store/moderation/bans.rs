//! Bans and timeouts: who may not write in a stream, and until when.
//! It must not know what a ban takes away.

use crate::{
    domain::{Millis, StreamId, UserId},
    store::{
        Person,
        connection::{Conn, each},
        error::Result,
        page::{Page, one_more},
        person::Key,
        schema::{bans, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// A ban in force.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = bans)]
pub(crate) struct Ban {
    #[diesel(embed)]
    pub user: Person,
    /// Its end; `None` is for good.
    pub until: Option<Millis>,
    pub reason: Option<String>,
    pub banned_by: UserId,
    pub created_at: Millis,
}

/// A ban to be.
#[derive(Clone, Debug)]
pub(crate) struct NewBan {
    pub user_id: UserId,
    /// Its end; `None` is for good.
    pub until: Option<Millis>,
    pub reason: Option<String>,
    pub banned_by: UserId,
}

/// Bans an account, or bans it anew; `false` where the very same ban is in force, so that nothing changed.
pub(crate) fn put(tx: &mut Tx, stream_id: StreamId, new: &NewBan, now: Millis) -> Result<bool> {
    let until = new.until.map(|until| until.0);
    let in_force = of_user(tx, stream_id, new.user_id, now)?;
    if in_force.is_some_and(|ban| ban.until == new.until && ban.reason == new.reason) {
        return Ok(false);
    }
    let row = (
        bans::stream_id.eq(stream_id),
        bans::user_id.eq(new.user_id),
        bans::until.eq(until),
        bans::reason.eq(&new.reason),
        bans::banned_by.eq(new.banned_by),
        bans::created_at.eq(now),
    );
    let changes = (
        bans::until.eq(until),
        bans::reason.eq(&new.reason),
        bans::banned_by.eq(new.banned_by),
        bans::created_at.eq(now),
    );
    each!(tx.conn(), conn => diesel::insert_into(bans::table)
        .values(row)
        .on_conflict((bans::stream_id, bans::user_id))
        .do_update()
        .set(changes)
        .execute(conn))?;
    Ok(true)
}

/// Lifts a ban; `false` where none was in force.
pub(crate) fn delete(tx: &mut Tx, stream_id: StreamId, user_id: UserId, now: Millis) -> Result<bool> {
    let was_in_force = of_user(tx, stream_id, user_id, now)?.is_some();
    diesel::delete(bans::table.find((stream_id, user_id))).execute(tx.conn())?;
    Ok(was_in_force)
}

/// The ban of an account that is in force.
pub(crate) fn of_user(
    conn: &mut Conn,
    stream_id: StreamId,
    user_id: UserId,
    now: Millis,
) -> Result<Option<Ban>> {
    Ok(bans::table
        .inner_join(users::table)
        .filter(bans::stream_id.eq(stream_id).and(bans::user_id.eq(user_id)))
        .filter(bans::until.is_null().or(bans::until.gt(now).assume_not_null()))
        .select(Ban::as_select())
        .first(conn)
        .optional()?)
}

/// All bans of a stream that are in force, in no order.
pub(crate) fn active(conn: &mut Conn, stream_id: StreamId, now: Millis) -> Result<Vec<Ban>> {
    Ok(bans::table
        .inner_join(users::table)
        .filter(bans::stream_id.eq(stream_id))
        .filter(bans::until.is_null().or(bans::until.gt(now).assume_not_null()))
        .select(Ban::as_select())
        .load(conn)?)
}

/// A page of the bans in force, earliest first, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    stream_id: StreamId,
    now: Millis,
    after: Option<Key>,
    limit: usize,
) -> Result<Page<Ban, Key>> {
    let mut query = bans::table
        .inner_join(users::table)
        .filter(bans::stream_id.eq(stream_id))
        .filter(bans::until.is_null().or(bans::until.gt(now).assume_not_null()))
        .order((bans::created_at.asc(), bans::user_id.asc()))
        .limit(one_more(limit))
        .select(Ban::as_select())
        .into_boxed();
    if let Some((at, id)) = after {
        let later = bans::created_at.gt(at);
        query = query.filter(later.or(bans::created_at.eq(at).and(bans::user_id.gt(id))));
    }
    let rows: Vec<Ban> = query.load(conn)?;
    Ok(Page::cut(rows, limit, |ban| (ban.created_at, ban.user.id)))
}
