//! All accounts of the house, for whoever looks after it.
//! It must not know what is shown of an account.

use super::users::User;
use crate::{
    domain::{UserId, accounts::standing::AccountsWanted},
    store::{
        connection::Conn,
        error::Result,
        page::{ESCAPE, Page, containing, one_more},
        schema::users,
    },
};
use diesel::prelude::*;

/// Accounts that were not deleted, newest first, from behind `after` on: those whose folded name contains `key`, or whose shown
/// name contains `text`.
pub(crate) fn list(
    conn: &mut Conn,
    sought: Option<(&str, &str)>,
    wanted: Option<AccountsWanted>,
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
    query = match wanted {
        None => query,
        Some(AccountsWanted::Active) => {
            query.filter(users::disabled_at.is_null().and(users::pending_since.is_null()))
        }
        Some(AccountsWanted::Pending) => query.filter(users::pending_since.is_not_null()),
        Some(AccountsWanted::Disabled) => query.filter(users::disabled_at.is_not_null()),
        Some(AccountsWanted::Admin) => query.filter(users::is_admin.eq(true)),
    };
    if let Some(after) = after {
        query = query.filter(users::id.lt(after));
    }
    Ok(Page::cut(query.load(conn)?, limit, |user| user.id))
}
