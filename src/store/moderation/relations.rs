//! Who belongs to a stream beside its host: members, who may see it, and moderators, who look after it.
//! It must not know what a role may do.

use crate::{
    domain::{
        ids::{StreamId, UserId},
        role::Role,
        stream::Visibility,
        time::Millis,
    },
    store::{
        accounts::users::Person,
        connection::{Conn, each},
        error::Result,
        page::{Page, one_more},
        schema::{stream_members, stream_moderators, users},
        streams::Stream,
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// The place in a list of accounts that belong to something: since when, and who.
pub type Key = (Millis, UserId);

/// Somebody who belongs to a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    /// Who.
    pub user: Person,
    /// Since when.
    pub created_at: Millis,
}

/// The same four functions for two tables of the same shape.
macro_rules! relation {
    ($(#[$doc:meta])* $module:ident, $table:ident) => {
        $(#[$doc])*
        pub mod $module {
            use super::*;

            /// Makes an account one of them; `false` where it was before.
            ///
            /// # Errors
            /// Those of the database.
            pub fn put(tx: &mut Tx, stream_id: StreamId, user_id: UserId, now: Millis) -> Result<bool> {
                let row = ($table::stream_id.eq(stream_id), $table::user_id.eq(user_id), $table::created_at.eq(now));
                let inserted = each!(tx.conn(), conn => diesel::insert_into($table::table)
                    .values(row)
                    .on_conflict_do_nothing()
                    .execute(conn))?;
                Ok(inserted > 0)
            }

            /// Makes an account none of them; `false` where it was none before.
            ///
            /// # Errors
            /// Those of the database.
            pub fn delete(tx: &mut Tx, stream_id: StreamId, user_id: UserId) -> Result<bool> {
                let row = $table::table.find((stream_id, user_id));
                Ok(diesel::delete(row).execute(tx.conn())? > 0)
            }

            /// Whether an account is one of them.
            ///
            /// # Errors
            /// Those of the database.
            pub fn has(conn: &mut Conn, stream_id: StreamId, user_id: UserId) -> Result<bool> {
                let row = $table::table.find((stream_id, user_id));
                Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
            }

            /// All of them, in no order.
            ///
            /// # Errors
            /// Those of the database.
            pub fn ids(conn: &mut Conn, stream_id: StreamId) -> Result<Vec<UserId>> {
                let rows = $table::table.filter($table::stream_id.eq(stream_id));
                Ok(rows.select($table::user_id).load(conn)?)
            }

            /// A page of them, earliest first, from behind `after` on.
            ///
            /// # Errors
            /// Those of the database.
            pub fn list(
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

/// What an account is in a stream's room. `is_admin` is of the account.
///
/// # Errors
/// Those of the database.
pub fn role_of(conn: &mut Conn, stream: &Stream, user_id: Option<UserId>, is_admin: bool) -> Result<Role> {
    match user_id {
        None => Ok(Role::Guest),
        Some(user_id) if user_id == stream.host.id => Ok(Role::Host),
        Some(_) if is_admin => Ok(Role::Admin),
        Some(user_id) if moderators::has(conn, stream.id, user_id)? => Ok(Role::Moderator),
        Some(_) => Ok(Role::Viewer),
    }
}

/// Whether somebody may know of a stream. `is_admin` is of the account.
///
/// # Errors
/// Those of the database.
pub fn may_see(conn: &mut Conn, stream: &Stream, user_id: Option<UserId>, is_admin: bool) -> Result<bool> {
    if stream.visibility != Visibility::Private {
        return Ok(true);
    }
    match (role_of(conn, stream, user_id, is_admin)?, user_id) {
        (Role::Host | Role::Admin | Role::Moderator, _) => Ok(true),
        (_, Some(user_id)) => members::has(conn, stream.id, user_id),
        (_, None) => Ok(false),
    }
}
