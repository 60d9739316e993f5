//! Who follows whom.
//! It must not know what a follower may do.

use crate::{
    domain::{Millis, UserId},
    store::{
        Person,
        connection::{Conn, each},
        error::Result,
        page::{Page, one_more},
        person::{Belonging, Key},
        schema::{follows, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// Begins to follow; `false` where it did before.
pub(crate) fn put(tx: &mut Tx, follower_id: UserId, host_id: UserId, now: Millis) -> Result<bool> {
    let row =
        (follows::follower_id.eq(follower_id), follows::host_id.eq(host_id), follows::created_at.eq(now));
    let inserted = each!(tx.conn(), conn => diesel::insert_into(follows::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(inserted > 0)
}

/// Follows no longer; `false` where it did not.
pub(crate) fn delete(tx: &mut Tx, follower_id: UserId, host_id: UserId) -> Result<bool> {
    Ok(diesel::delete(follows::table.find((follower_id, host_id))).execute(tx.conn())? > 0)
}

/// Whether one follows the other.
pub(crate) fn is_following(conn: &mut Conn, follower_id: UserId, host_id: UserId) -> Result<bool> {
    let row = follows::table.find((follower_id, host_id));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// Whom an account follows, latest first, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    follower_id: UserId,
    after: Option<Key>,
    limit: usize,
) -> Result<Page<Belonging, Key>> {
    let mut query = follows::table
        .inner_join(users::table)
        .filter(follows::follower_id.eq(follower_id))
        .order((follows::created_at.desc(), follows::host_id.desc()))
        .limit(one_more(limit))
        .select((Person::as_select(), follows::created_at))
        .into_boxed();
    if let Some((at, id)) = after {
        let earlier = follows::created_at.lt(at);
        query = query.filter(earlier.or(follows::created_at.eq(at).and(follows::host_id.lt(id))));
    }
    let rows: Vec<(Person, Millis)> = query.load(conn)?;
    let page = Page::cut(rows, limit, |(user, at)| (*at, user.id));
    Ok(page.map(|(user, created_at)| Belonging { user, created_at }))
}
