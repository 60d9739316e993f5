//! Who belongs to a stream or a channel beside its host: members, who may see a stream, and moderators, who look after it.
//! It must not know what a role may do.

use crate::{
    domain::{Millis, StreamId, UserId, channel::Scope, role::Standing},
    store::{
        Person, Stream,
        connection::{Conn, each},
        error::Result,
        page::{Page, one_more},
        person::{self, Belonging, Key, ScopedKey},
        schema::{channel_moderators, stream_members, stream_moderators, streams, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;
use std::collections::HashSet;

/// The same functions for tables of the same shape, by whom one belongs to.
macro_rules! relation {
    ($(#[$doc:meta])* $module:ident, $table:ident, $owner:ident: $Owner:ty) => {
        $(#[$doc])*
        pub(crate) mod $module {
            use super::*;

            /// Makes an account one of them; `false` where it was before.
            pub(crate) fn put(tx: &mut Tx, owner: $Owner, user_id: UserId, now: Millis) -> Result<bool> {
                let row = ($table::$owner.eq(owner), $table::user_id.eq(user_id), $table::created_at.eq(now));
                let inserted = each!(tx.conn(), conn => diesel::insert_into($table::table)
                    .values(row)
                    .on_conflict_do_nothing()
                    .execute(conn))?;
                Ok(inserted > 0)
            }

            /// Makes an account none of them; `false` where it was none before.
            pub(crate) fn delete(tx: &mut Tx, owner: $Owner, user_id: UserId) -> Result<bool> {
                let row = $table::table.find((owner, user_id));
                Ok(diesel::delete(row).execute(tx.conn())? > 0)
            }

            /// Whether an account is one of them.
            pub(crate) fn has(conn: &mut Conn, owner: $Owner, user_id: UserId) -> Result<bool> {
                let row = $table::table.find((owner, user_id));
                Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
            }

            /// All of them, in no order.
            pub(crate) fn ids(conn: &mut Conn, owner: $Owner) -> Result<Vec<UserId>> {
                let rows = $table::table.filter($table::$owner.eq(owner));
                Ok(rows.select($table::user_id).load(conn)?)
            }

            /// A page of them, earliest first, from behind `after` on.
            pub(crate) fn list(
                conn: &mut Conn,
                owner: $Owner,
                after: Option<Key>,
                limit: usize,
            ) -> Result<Page<Belonging, Key>> {
                let mut query = $table::table
                    .inner_join(users::table)
                    .filter($table::$owner.eq(owner))
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
    members, stream_members, stream_id: StreamId
}
relation! {
    /// Who looks after a stream.
    moderators, stream_moderators, stream_id: StreamId
}
relation! {
    /// Who looks after all streams of a host.
    moderators_of_channel, channel_moderators, host_id: UserId
}

/// How many moderators a channel has.
pub(crate) fn count_in_channel(conn: &mut Conn, host: UserId) -> Result<i64> {
    Ok(channel_moderators::table.filter(channel_moderators::host_id.eq(host)).count().get_result(conn)?)
}

/// Whether an account looks after a stream, by itself or with all streams of its host.
pub(crate) fn is_moderator(
    conn: &mut Conn,
    stream_id: StreamId,
    host: UserId,
    user_id: UserId,
) -> Result<bool> {
    Ok(moderators::has(conn, stream_id, user_id)? || moderators_of_channel::has(conn, host, user_id)?)
}

/// All who look after a stream, in no order.
pub(crate) fn all_moderators(conn: &mut Conn, stream_id: StreamId, host: UserId) -> Result<HashSet<UserId>> {
    let own = moderators::ids(conn, stream_id)?;
    Ok(moderators_of_channel::ids(conn, host)?.into_iter().chain(own).collect())
}

/// A page of all who look after a stream: those of the channel first, then its own, earliest first, from behind `after` on.
pub(crate) fn list_moderators(
    conn: &mut Conn,
    (stream_id, host): (StreamId, UserId),
    after: Option<ScopedKey>,
    limit: usize,
) -> Result<Page<(Scope, Belonging), ScopedKey>> {
    person::in_both_scopes(after, limit, |scope, after, limit| match scope {
        Scope::Channel => moderators_of_channel::list(conn, host, after, limit),
        Scope::Stream => moderators::list(conn, stream_id, after, limit),
    })
}

/// Dismisses an account wherever it looks after a stream of this host, those that are over among them.
pub(crate) fn dismiss_everywhere(tx: &mut Tx, host: UserId, user_id: UserId) -> Result<()> {
    moderators_of_channel::delete(tx, host, user_id)?;
    let theirs = streams::table.filter(streams::host_id.eq(host)).select(streams::id);
    let rows = stream_moderators::table
        .filter(stream_moderators::user_id.eq(user_id))
        .filter(stream_moderators::stream_id.eq_any(theirs));
    diesel::delete(rows).execute(tx.conn())?;
    Ok(())
}

/// Of which of these streams an account is a moderator, by itself or with all streams of its host.
pub(crate) fn moderated(conn: &mut Conn, user_id: UserId, listed: &[StreamId]) -> Result<HashSet<StreamId>> {
    let ids: Vec<String> = listed.iter().map(StreamId::to_string).collect();
    let own = stream_moderators::table
        .filter(stream_moderators::user_id.eq(user_id))
        .filter(stream_moderators::stream_id.eq_any(&ids));
    let own: Vec<StreamId> = own.select(stream_moderators::stream_id).load(conn)?;
    let hosts = channel_moderators::table
        .filter(channel_moderators::user_id.eq(user_id))
        .select(channel_moderators::host_id);
    let of_hosts = streams::table.filter(streams::id.eq_any(&ids).and(streams::host_id.eq_any(hosts)));
    let of_hosts: Vec<StreamId> = of_hosts.select(streams::id).load(conn)?;
    Ok(own.into_iter().chain(of_hosts).collect())
}

/// What an account has to do with a stream; what its other standing makes irrelevant is not looked up.
pub(crate) fn standing(
    conn: &mut Conn,
    stream: &Stream,
    user_id: Option<UserId>,
    is_admin: bool,
) -> Result<Standing> {
    let Some(user_id) = user_id else { return Ok(Standing::default()) };
    let host = stream.host.id;
    let is_host = user_id == host;
    let is_moderator = !is_host && !is_admin && is_moderator(conn, stream.id, host, user_id)?;
    let standing = Standing { is_signed_in: true, is_host, is_admin, is_moderator, is_member: false };
    match standing.may_see(stream.visibility) {
        true => Ok(standing),
        false => Ok(Standing { is_member: members::has(conn, stream.id, user_id)?, ..standing }),
    }
}

/// What an account has to do with all streams of a host.
pub(crate) fn standing_in_channel(
    conn: &mut Conn,
    host: UserId,
    user_id: UserId,
    is_admin: bool,
) -> Result<Standing> {
    let is_host = user_id == host;
    let is_moderator = !is_host && !is_admin && moderators_of_channel::has(conn, host, user_id)?;
    Ok(Standing { is_signed_in: true, is_host, is_admin, is_moderator, is_member: false })
}
