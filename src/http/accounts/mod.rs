//! Accounts, their images, logins, whom they follow and whom they ignore, over REST.
//! It must not know what happens in rooms.

pub(crate) mod cookie;
pub(crate) mod follows;
pub(crate) mod ignored;
pub(crate) mod images;
pub(crate) mod keys;
pub(crate) mod me;
pub(crate) mod password_resets;
pub(crate) mod passwords;
pub(crate) mod sessions;
pub(crate) mod tokens;
pub(crate) mod users;
