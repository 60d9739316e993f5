//! Bans and timeouts: who may not write in a stream, or in all streams of a host, and until when. Both add up.
//! It must not know what a ban takes away.

use crate::{
    domain::{Millis, StreamId, UserId, channel::Scope},
    store::{
        Person,
        connection::{Conn, each},
        error::Result,
        page::{Page, one_more},
        person::{self, Key, Placed, ScopedKey},
        schema::{bans, channel_bans, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;
use std::collections::HashMap;

/// A ban in force.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub(crate) struct Ban {
    pub user: Person,
    /// Its end; `None` is for good.
    pub until: Option<Millis>,
    pub reason: Option<String>,
    pub banned_by: UserId,
    pub created_at: Millis,
}

impl Placed for Ban {
    fn key(&self) -> Key {
        (self.created_at, self.user.id)
    }
}

impl Ban {
    /// When it ends, for comparing: what is for good ends last.
    fn end(&self) -> i64 {
        self.until.map_or(i64::MAX, |until| until.0)
    }
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

/// The same functions for two tables of the same shape, by where a ban holds.
macro_rules! bans_in {
    ($(#[$doc:meta])* $module:ident, $table:ident, $owner:ident: $Owner:ty) => {
        $(#[$doc])*
        pub(crate) mod $module {
            use super::*;

            /// Bans an account, or bans it anew; `false` where the very same ban is in force, so that nothing changed.
            pub(crate) fn put(tx: &mut Tx, owner: $Owner, new: &NewBan, now: Millis) -> Result<bool> {
                let until = new.until.map(|until| until.0);
                let in_force = of_user(tx, owner, new.user_id, now)?;
                if in_force.is_some_and(|ban| ban.until == new.until && ban.reason == new.reason) {
                    return Ok(false);
                }
                let row = (
                    $table::$owner.eq(owner),
                    $table::user_id.eq(new.user_id),
                    $table::until.eq(until),
                    $table::reason.eq(&new.reason),
                    $table::banned_by.eq(new.banned_by),
                    $table::created_at.eq(now),
                );
                let changes = (
                    $table::until.eq(until),
                    $table::reason.eq(&new.reason),
                    $table::banned_by.eq(new.banned_by),
                    $table::created_at.eq(now),
                );
                each!(tx.conn(), conn => diesel::insert_into($table::table)
                    .values(row)
                    .on_conflict(($table::$owner, $table::user_id))
                    .do_update()
                    .set(changes)
                    .execute(conn))?;
                Ok(true)
            }

            /// Lifts a ban; `false` where none was in force.
            pub(crate) fn delete(tx: &mut Tx, owner: $Owner, user_id: UserId, now: Millis) -> Result<bool> {
                let was_in_force = of_user(tx, owner, user_id, now)?.is_some();
                diesel::delete($table::table.find((owner, user_id))).execute(tx.conn())?;
                Ok(was_in_force)
            }

            /// The ban of an account that is in force.
            pub(crate) fn of_user(
                conn: &mut Conn,
                owner: $Owner,
                user_id: UserId,
                now: Millis,
            ) -> Result<Option<Ban>> {
                let rows = $table::table.inner_join(users::table);
                Ok(rows
                    .filter($table::$owner.eq(owner).and($table::user_id.eq(user_id)))
                    .filter($table::until.is_null().or($table::until.gt(now).assume_not_null()))
                    .select(columns!($table))
                    .first(conn)
                    .optional()?)
            }

            /// All that are in force, in no order.
            pub(super) fn active(conn: &mut Conn, owner: $Owner, now: Millis) -> Result<Vec<Ban>> {
                let rows = $table::table.inner_join(users::table).filter($table::$owner.eq(owner));
                Ok(rows
                    .filter($table::until.is_null().or($table::until.gt(now).assume_not_null()))
                    .select(columns!($table))
                    .load(conn)?)
            }

            /// A page of those in force, earliest first, from behind `after` on.
            pub(crate) fn list(
                conn: &mut Conn,
                owner: $Owner,
                now: Millis,
                after: Option<Key>,
                limit: usize,
            ) -> Result<Page<Ban, Key>> {
                let mut query = $table::table
                    .inner_join(users::table)
                    .filter($table::$owner.eq(owner))
                    .filter($table::until.is_null().or($table::until.gt(now).assume_not_null()))
                    .order(($table::created_at.asc(), $table::user_id.asc()))
                    .limit(one_more(limit))
                    .select(columns!($table))
                    .into_boxed();
                if let Some((at, id)) = after {
                    let later = $table::created_at.gt(at);
                    query = query.filter(later.or($table::created_at.eq(at).and($table::user_id.gt(id))));
                }
                let rows: Vec<Ban> = query.load(conn)?;
                Ok(Page::cut(rows, limit, Placed::key))
            }
        }
    };
}

macro_rules! columns {
    ($table:ident) => {
        (
            <Person as SelectableHelper<_>>::as_select(),
            $table::until,
            $table::reason,
            $table::banned_by,
            $table::created_at,
        )
    };
}

bans_in! {
    /// Those of one stream.
    of_stream, bans, stream_id: StreamId
}
bans_in! {
    /// Those of all streams of a host.
    of_channel, channel_bans, host_id: UserId
}

/// The ban of an account that holds in a stream of this host: of two the longer.
pub(crate) fn of_user(
    conn: &mut Conn,
    (stream_id, host): (StreamId, UserId),
    user_id: UserId,
    now: Millis,
) -> Result<Option<Ban>> {
    let own = of_stream::of_user(conn, stream_id, user_id, now)?;
    let of_channel = of_channel::of_user(conn, host, user_id, now)?;
    Ok(own.into_iter().chain(of_channel).max_by_key(Ban::end))
}

/// All bans that hold in a stream of this host, one an account, in no order.
pub(crate) fn active(
    conn: &mut Conn,
    (stream_id, host): (StreamId, UserId),
    now: Millis,
) -> Result<Vec<Ban>> {
    let mut longest: HashMap<UserId, Ban> = HashMap::new();
    let all = of_stream::active(conn, stream_id, now)?.into_iter();
    for ban in all.chain(of_channel::active(conn, host, now)?) {
        let is_shorter = |known: &Ban| ban.end() < known.end();
        if !longest.get(&ban.user.id).is_some_and(is_shorter) {
            longest.insert(ban.user.id, ban);
        }
    }
    Ok(longest.into_values().collect())
}

/// How many bans of a channel are in force.
pub(crate) fn count_in_channel(conn: &mut Conn, host: UserId, now: Millis) -> Result<i64> {
    Ok(channel_bans::table
        .filter(channel_bans::host_id.eq(host))
        .filter(channel_bans::until.is_null().or(channel_bans::until.gt(now).assume_not_null()))
        .count()
        .get_result(conn)?)
}

/// A page of all bans that hold in a stream: those of the channel first, then its own, earliest first, from behind `after` on.
pub(crate) fn list(
    conn: &mut Conn,
    (stream_id, host): (StreamId, UserId),
    now: Millis,
    after: Option<ScopedKey>,
    limit: usize,
) -> Result<Page<(Scope, Ban), ScopedKey>> {
    person::in_both_scopes(after, limit, |scope, after, limit| match scope {
        Scope::Channel => of_channel::list(conn, host, now, after, limit),
        Scope::Stream => of_stream::list(conn, stream_id, now, after, limit),
    })
}
