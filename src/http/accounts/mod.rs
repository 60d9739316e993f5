//! Accounts, logins and follows over REST.
//! It must not know what happens in rooms.

pub(crate) mod cookie;
pub(crate) mod follows;
pub(crate) mod me;
pub(crate) mod passwords;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod users;
