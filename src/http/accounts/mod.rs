//! Accounts, logins and follows over REST.
//! It must not know what happens in rooms.

pub mod cookie;
pub mod follows;
pub mod me;
pub mod passwords;
pub mod sessions;
pub mod tokens;
pub mod users;
