//! Accounts as rows of other themes name them.
//! It must not know what an account may do.

use super::{error::Result, page::Page, schema::users};
use crate::domain::{
    Millis, UserId,
    channel::{Scope, Scoped},
};
use diesel::prelude::*;

/// What others see of an account.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Person {
    pub id: UserId,
    pub username: String,
    /// What others see.
    pub display_name: String,
}

/// The place in a list of accounts that belong to something: since when, and who.
pub(crate) type Key = (Millis, UserId);

/// The same in a list of what holds in the whole channel, and then of what holds in one stream.
pub(crate) type ScopedKey = (Millis, Scoped);

/// Somebody who belongs to a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Belonging {
    pub user: Person,
    pub created_at: Millis,
}

/// What has a place in a list of accounts.
pub(crate) trait Placed {
    /// Its place in the list.
    fn key(&self) -> Key;
}

impl Placed for Belonging {
    fn key(&self) -> Key {
        (self.created_at, self.user.id)
    }
}

/// A page of what holds in the channel, and behind that of what holds in the stream; `list` reads a page of either.
pub(crate) fn in_both_scopes<T: Placed>(
    after: Option<ScopedKey>,
    limit: usize,
    mut list: impl FnMut(Scope, Option<Key>, usize) -> Result<Page<T, Key>>,
) -> Result<Page<(Scope, T), ScopedKey>> {
    let mut rows: Vec<(Scope, T)> = Vec::new();
    let begins_in = after.map_or(Scope::Channel, |(_, place)| place.scope);
    for scope in [Scope::Channel, Scope::Stream].into_iter().filter(|scope| *scope >= begins_in) {
        let behind = after.filter(|(_, place)| place.scope == scope).map(|(at, place)| (at, place.user));
        // One more than the page holds tells whether that was all.
        let missing = limit + 1 - rows.len();
        let page = list(scope, behind, missing)?;
        rows.extend(page.items.into_iter().map(|row| (scope, row)));
        if rows.len() > limit {
            break;
        }
    }
    Ok(Page::cut(rows, limit, |(scope, row)| {
        let (at, user) = row.key();
        (at, Scoped { scope: *scope, user })
    }))
}
