//! The tables: the truth of which all actors are but a cache. The only place that knows Diesel.
//! It must not know of sockets, HTTP, JSON or actors; the payload of an event is opaque text to it.
//!
//! [`Store::read`] gives a snapshot, [`Store::write`] a transaction ([`Tx`]); the functions beside take either. One file a theme.

pub mod accounts;
pub mod audit_queue;
mod columns;
pub mod comments;
pub mod connection;
pub mod database;
mod error;
pub mod events;
pub mod interactions;
pub mod moderation;
mod page;
pub mod pool;
mod schema;
pub mod streams;
#[cfg(test)]
mod tests;
pub mod transaction;

pub use connection::Conn;
pub use database::{files::Missing, server_lock::ServerLock};
pub use error::{Conflict, Error, Result, Source};
pub use page::Page;
pub use pool::{Options, Store};
pub use transaction::Tx;
