//! Accounts, their images and sessions, and what is on record of them.

mod account;
mod audit;
pub mod flood;
mod follows;
mod images;
mod revocation;
mod sessions;
mod setup;
