//! Bans from the whole site: who may not write anywhere, and until when. Each change is counted, so that every server finds it.
//! It must not know what a ban takes away.

use crate::{
    domain::{Millis, UserId},
    store::{
        Person,
        connection::{Conn, each},
        counters,
        error::{Conflict, Error, Result},
        page::{Page, one_more},
        person::{Key, Placed},
        schema::{site_bans, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// As many are in force at most: each server has all of them in memory.
pub(crate) const SITE_BANS_MAX: i64 = 10_000;
const COUNTER: &str = "site_bans";

/// A ban in force.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub(crate) struct SiteBan {
    pub user: Person,
    /// Its end; `None` is for good.
    pub until: Option<Millis>,
    pub reason: Option<String>,
    /// Who did it; `None` is the command of an operator.
    pub banned_by: Option<UserId>,
    pub created_at: Millis,
}

impl Placed for SiteBan {
    fn key(&self) -> Key {
        (self.created_at, self.user.id)
    }
}

/// A ban to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewSiteBan {
    pub user_id: UserId,
    /// Its end; `None` is for good.
    pub until: Option<Millis>,
    pub reason: Option<String>,
    /// Who does it; `None` is the command of an operator.
    pub banned_by: Option<UserId>,
}

macro_rules! columns {
    () => {
        (
            <Person as SelectableHelper<_>>::as_select(),
            site_bans::until,
            site_bans::reason,
            site_bans::banned_by,
            site_bans::created_at,
        )
    };
}

/// How many changes there were.
pub(crate) fn changes(conn: &mut Conn) -> Result<i64> {
    counters::last(conn, COUNTER)
}

/// Bans an account, or bans it anew; the number of the change. Those that have run out go.
/// Errors: [`Conflict::TooMany`] where as many are in force as may be.
pub(crate) fn put(tx: &mut Tx, new: &NewSiteBan, now: Millis) -> Result<i64> {
    let number = counters::next(tx, COUNTER)?;
    diesel::delete(site_bans::table.filter(site_bans::until.le(now).assume_not_null())).execute(tx.conn())?;
    let others: i64 =
        site_bans::table.filter(site_bans::user_id.ne(new.user_id)).count().get_result(tx.conn())?;
    if others >= SITE_BANS_MAX {
        return Err(Error::Conflict(Conflict::TooMany));
    }
    let changes = (
        site_bans::until.eq(new.until.map(|until| until.0)),
        site_bans::reason.eq(&new.reason),
        site_bans::banned_by.eq(new.banned_by.map(|by| by.to_string())),
        site_bans::created_at.eq(now),
    );
    each!(tx.conn(), conn => diesel::insert_into(site_bans::table)
        .values((site_bans::user_id.eq(new.user_id), changes.clone()))
        .on_conflict(site_bans::user_id)
        .do_update()
        .set(changes)
        .execute(conn))?;
    Ok(number)
}

/// Lifts a ban; the number of the change, none where no ban was in force.
pub(crate) fn delete(tx: &mut Tx, user_id: UserId, now: Millis) -> Result<Option<i64>> {
    let was_in_force = of_user(tx, user_id, now)?.is_some();
    diesel::delete(site_bans::table.find(user_id)).execute(tx.conn())?;
    if was_in_force { Ok(Some(counters::next(tx, COUNTER)?)) } else { Ok(None) }
}

/// Those in force, with whose they are.
#[diesel::dsl::auto_type]
fn in_force(now: Millis) -> _ {
    let now: i64 = now.0;
    site_bans::table
        .inner_join(users::table)
        .filter(site_bans::until.is_null().or(site_bans::until.gt(now).assume_not_null()))
}

/// The ban of an account that is in force.
pub(crate) fn of_user(conn: &mut Conn, user_id: UserId, now: Millis) -> Result<Option<SiteBan>> {
    let own = in_force(now).filter(site_bans::user_id.eq(user_id));
    Ok(own.select(columns!()).first(conn).optional()?)
}

/// All that are in force, in no order.
pub(crate) fn active(conn: &mut Conn, now: Millis) -> Result<Vec<SiteBan>> {
    Ok(in_force(now).select(columns!()).load(conn)?)
}

/// A page of those in force, earliest first, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    now: Millis,
    after: Option<Key>,
    limit: usize,
) -> Result<Page<SiteBan, Key>> {
    let mut query = in_force(now)
        .order((site_bans::created_at.asc(), site_bans::user_id.asc()))
        .limit(one_more(limit))
        .select(columns!())
        .into_boxed();
    if let Some((at, id)) = after {
        let later = site_bans::created_at.gt(at);
        query = query.filter(later.or(site_bans::created_at.eq(at).and(site_bans::user_id.gt(id))));
    }
    Ok(Page::cut(query.load(conn)?, limit, Placed::key))
}
