//! Accounts as rows of other themes name them.
//! It must not know what an account may do.

use super::schema::users;
use crate::domain::{Millis, UserId};
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

/// Somebody who belongs to a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Belonging {
    pub user: Person,
    pub created_at: Millis,
}
