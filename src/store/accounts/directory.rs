//! All accounts of the house, for whoever looks after it.
//! It must not know what is shown of an account.

use super::users::User;
use crate::{
    domain::UserId,
    store::{
        connection::Conn,
        error::Result,
        page::{ESCAPE, Page, containing, one_more},
        schema::users,
    },
};
use diesel::prelude::*;

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// It can log in.
    Active,
    /// It waits to be let in.
    Pending,
    /// It was disabled.
    Disabled,
    /// It looks after the site.
    Admin,
}

/// Accounts that were not deleted, newest first, from behind `after` on: those whose folded name contains `key`, or whose shown
/// name contains `text`.
pub(crate) fn list(
    conn: &mut Conn,
    sought: Option<(&str, &str)>,
    stands: Option<Stands>,
    after: Option<UserId>,
    limit: usize,
) -> Result<Page<User, UserId>> {
    let mut query = users::table
        .filter(users::deleted_at.is_null())
        .order(users::id.desc())
        .limit(one_more(limit))
        .select(User::as_select())
        .into_boxed();
    if let Some((key, text)) = sought {
        let by_name = users::name_key.like(containing(key)).escape(ESCAPE);
        query = query.filter(by_name.or(users::display_name.like(containing(text)).escape(ESCAPE)));
    }
    query = match stands {
        None => query,
        Some(Stands::Active) => {
            query.filter(users::disabled_at.is_null().and(users::pending_since.is_null()))
        }
        Some(Stands::Pending) => query.filter(users::pending_since.is_not_null()),
        Some(Stands::Disabled) => query.filter(users::disabled_at.is_not_null()),
        Some(Stands::Admin) => query.filter(users::is_admin.eq(true)),
    };
    if let Some(after) = after {
        query = query.filter(users::id.lt(after));
    }
    Ok(Page::cut(query.load(conn)?, limit, |user| user.id))
}
