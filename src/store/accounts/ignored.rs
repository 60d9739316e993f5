//! Whose comments an account does not want to see.
//! It must not know what is done about that.

use super::users as users_of_house;
use crate::{
    domain::{Millis, UserId, channel::IGNORED_MAX},
    store::{
        Person,
        connection::{Conn, each},
        error::{Conflict, Error, Result},
        page::{Page, one_more},
        person::{Belonging, Key},
        schema::{ignored, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// Begins to ignore an account; `false` where it did before.
/// Errors: [`Conflict::TooMany`] where it ignores as many as it may; [`Error::NotFound`] where it is gone.
pub(crate) fn put(tx: &mut Tx, user_id: UserId, ignored_id: UserId, now: Millis) -> Result<bool> {
    users_of_house::lock(tx, user_id)?;
    if one(tx, user_id, ignored_id)?.is_some() {
        return Ok(false);
    }
    let count: i64 = ignored::table.filter(ignored::user_id.eq(user_id)).count().get_result(tx.conn())?;
    if count >= IGNORED_MAX {
        return Err(Error::Conflict(Conflict::TooMany));
    }
    let row = (ignored::user_id.eq(user_id), ignored::ignored_id.eq(ignored_id), ignored::created_at.eq(now));
    each!(tx.conn(), conn => diesel::insert_into(ignored::table).values(row).execute(conn))?;
    Ok(true)
}

/// Ignores an account no longer; `false` where it did not.
pub(crate) fn delete(tx: &mut Tx, user_id: UserId, ignored_id: UserId) -> Result<bool> {
    Ok(diesel::delete(ignored::table.find((user_id, ignored_id))).execute(tx.conn())? > 0)
}

/// One of those whom an account ignores.
pub(crate) fn one(conn: &mut Conn, user_id: UserId, ignored_id: UserId) -> Result<Option<Belonging>> {
    let row: Option<(Person, Millis)> = ignored::table
        .inner_join(users::table)
        .filter(ignored::user_id.eq(user_id).and(ignored::ignored_id.eq(ignored_id)))
        .select((Person::as_select(), ignored::created_at))
        .first(conn)
        .optional()?;
    Ok(row.map(|(user, created_at)| Belonging { user, created_at }))
}

/// Whom an account ignores, latest first, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    user_id: UserId,
    after: Option<Key>,
    limit: usize,
) -> Result<Page<Belonging, Key>> {
    let mut query = ignored::table
        .inner_join(users::table)
        .filter(ignored::user_id.eq(user_id))
        .order((ignored::created_at.desc(), ignored::ignored_id.desc()))
        .limit(one_more(limit))
        .select((Person::as_select(), ignored::created_at))
        .into_boxed();
    if let Some((at, id)) = after {
        let earlier = ignored::created_at.lt(at);
        query = query.filter(earlier.or(ignored::created_at.eq(at).and(ignored::ignored_id.lt(id))));
    }
    let rows: Vec<(Person, Millis)> = query.load(conn)?;
    let page = Page::cut(rows, limit, |(user, at)| (*at, user.id));
    Ok(page.map(|(user, created_at)| Belonging { user, created_at }))
}
