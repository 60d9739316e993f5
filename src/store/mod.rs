//! The tables: the truth of which all actors are but a cache. The only place that knows Diesel.
//! It must not know of sockets, HTTP, JSON or actors; the payload of an event is opaque text to it.
//!
//! [`Store::read`] gives a snapshot, [`Store::write`] a transaction ([`Tx`]); the functions beside take either. One file a theme.

pub mod announcements;
pub mod audit;
pub mod bans;
mod columns;
mod comment_log;
mod comment_removal;
pub mod comments;
mod conn;
mod error;
pub mod follows;
mod house;
pub mod log;
pub mod meta;
mod migrate;
mod name_keys;
mod page;
pub mod pins;
pub mod polls;
pub mod questions;
pub mod reactions;
pub mod relations;
pub mod review;
pub mod revocations;
mod schema;
pub mod sessions;
pub mod stats;
mod stream_list;
mod stream_lock;
mod stream_rows;
pub mod streams;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod trail;
mod tx;
pub mod users;

pub use conn::Conn;
pub use error::{Conflict, Error, Result, Source};
pub use house::{Options, Store};
pub use page::Page;
pub use tx::Tx;
