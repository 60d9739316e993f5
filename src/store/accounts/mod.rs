//! Accounts, their logins and keys, whom they follow and whom they ignore.
//! It must not know who may do what.

pub(crate) mod directory;
pub(crate) mod follows;
pub(crate) mod ignored;
pub(crate) mod images;
pub(crate) mod key_uses;
pub(crate) mod keys;
pub(crate) mod reset_links;
pub(crate) mod revocations;
pub(crate) mod sessions;
pub(crate) mod users;
