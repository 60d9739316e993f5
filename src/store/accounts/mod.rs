//! Accounts, their logins, and whom they follow.
//! It must not know who may do what.

pub(crate) mod follows;
pub(crate) mod revocations;
pub(crate) mod sessions;
pub(crate) mod users;
