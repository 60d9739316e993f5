//! Accounts, their logins, and whom they follow.
//! It must not know who may do what.

pub mod follows;
pub mod revocations;
pub mod sessions;
pub mod users;
