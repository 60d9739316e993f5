//! Accounts and their sessions, and what is on record of them.

mod account;
mod audit;
pub mod flood;
mod follows;
mod revocation;
mod sessions;
