//! Who belongs to a stream beside its host: members, who may see it, and moderators, who look after it.
//! It must not know what a role may do.

use crate::{
    domain::{Millis, StreamId, UserId, role::Standing},
    store::{
        Person, Stream,
        connection::{Conn, each},
        error::Result,
        page::{Page, one_more},
        person::{Belonging, Key},
        schema::{stream_members, stream_moderators, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;
use std::collections::HashSet;

/// The same four functions for two tables of the same shape.
macro_rules! relation {
    ($(#[$doc:meta])* $module:ident, $table:ident) => {
        $(#[$doc])*
        pub(crate) mod $module {
            use super::*;

            /// Makes an account one of them; `false` where it was before.
            pub(crate) fn put(tx: &mut Tx, stream_id: StreamId, user_id: UserId, now: Millis) -> Result<bool> {
                let row = ($table::stream_id.eq(stream_id), $table::user_id.eq(user_id), $table::created_at.eq(now));
                let inserted = each!(tx.conn(), conn => diesel::insert_into($table::table)
                    .values(row)
                    .on_conflict_do_nothing()
                    .execute(conn))?;
                Ok(inserted > 0)
            }

            /// Makes an account none of them; `false` where it was none before.
            pub(crate) fn delete(tx: &mut Tx, stream_id: StreamId, user_id: UserId) -> Result<bool> {
                let row = $table::table.find((stream_id, user_id));
                Ok(diesel::delete(row).execute(tx.conn())? > 0)
            }

            /// Whether an account is one of them.
            pub(crate) fn has(conn: &mut Conn, stream_id: StreamId, user_id: UserId) -> Result<bool> {
                let row = $table::table.find((stream_id, user_id));
                Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
            }

            /// All of them, in no order.
            pub(crate) fn ids(conn: &mut Conn, stream_id: StreamId) -> Result<Vec<UserId>> {
                let rows = $table::table.filter($table::stream_id.eq(stream_id));
                Ok(rows.select($table::user_id).load(conn)?)
            }

            /// A page of them, earliest first, from behind `after` on.
            pub(crate) fn list(
                conn: &mut Conn,
                stream_id: StreamId,
                after: Option<Key>,
                limit: usize,
            ) -> Result<Page<Belonging, Key>> {
                let mut query = $table::table
                    .inner_join(users::table)
                    .filter($table::stream_id.eq(stream_id))
                    .order(($table::created_at.asc(), $table::user_id.asc()))
                    .limit(one_more(limit))
                    .select((Person::as_select(), $table::created_at))
                    .into_boxed();
                if let Some((at, id)) = after {
                    let later = $table::created_at.gt(at);
                    query = query.filter(later.or($table::created_at.eq(at).and($table::user_id.gt(id))));
                }
                let rows: Vec<(Person, Millis)> = query.load(conn)?;
                let page = Page::cut(rows, limit, |(user, at)| (*at, user.id));
                Ok(page.map(|(user, created_at)| Belonging { user, created_at }))
            }
        }
    };
}

relation! {
    /// Who may see a private stream.
    members, stream_members
}
relation! {
    /// Who looks after a stream.
    moderators, stream_moderators
}

/// Of which of these streams an account is a moderator.
pub(crate) fn moderated(conn: &mut Conn, user_id: UserId, streams: &[StreamId]) -> Result<HashSet<StreamId>> {
    let rows = stream_moderators::table
        .filter(stream_moderators::user_id.eq(user_id))
        .filter(stream_moderators::stream_id.eq_any(streams.iter().map(StreamId::to_string)));
    Ok(rows.select(stream_moderators::stream_id).load(conn)?.into_iter().collect())
}

/// What an account has to do with a stream; what its other standing makes irrelevant is not looked up.
pub(crate) fn standing(
    conn: &mut Conn,
    stream: &Stream,
    user_id: Option<UserId>,
    is_admin: bool,
) -> Result<Standing> {
    let Some(user_id) = user_id else { return Ok(Standing::default()) };
    let is_host = user_id == stream.host.id;
    let is_moderator = !is_host && !is_admin && moderators::has(conn, stream.id, user_id)?;
    let standing = Standing { is_signed_in: true, is_host, is_admin, is_moderator, is_member: false };
    match standing.may_see(stream.visibility) {
        true => Ok(standing),
        false => Ok(Standing { is_member: members::has(conn, stream.id, user_id)?, ..standing }),
    }
}
