//! The tables: the truth of which all actors are but a cache. The only place that knows Diesel.
//! It must not know of sockets, HTTP, JSON or actors; the payload of an event is opaque text to it.
//!
//! [`Store::read`] gives a snapshot, [`Store::write`] a transaction ([`Tx`]); the functions beside take either. One file a theme.

pub(crate) mod account_end;
pub(crate) mod accounts;
pub(crate) mod audit_queue;
pub(crate) mod channels;
mod columns;
pub(crate) mod comments;
pub(crate) mod connection;
mod counters;
pub(crate) mod database;
mod error;
pub(crate) mod events;
pub(crate) mod interactions;
pub(crate) mod moderation;
mod page;
pub(crate) mod person;
pub(crate) mod pool;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod recordings;
mod schema;
pub(crate) mod site;
pub(crate) mod streams;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod transaction;
pub(crate) mod upkeep;
pub(crate) mod webhooks;

pub use accounts::users::User;
pub(crate) use comments::Comment;
pub(crate) use connection::Conn;
pub(crate) use database::server_lock::ServerLock;
pub use error::Error;
pub(crate) use error::{Conflict, Failure, Result};
pub(crate) use page::Page;
pub(crate) use person::Person;
pub use pool::Store;
pub(crate) use streams::Stream;
pub(crate) use transaction::Tx;
