//! The tables: the truth of which all actors are but a cache. The only place that knows Diesel.
//! It must not know of sockets, HTTP, JSON or actors; the payload of an event is opaque text to it.
//!
//! [`Store::read`] gives a snapshot, [`Store::write`] a transaction ([`Tx`]); the functions beside take either. One file a theme.

pub mod announcements;
pub mod audit;
mod backup;
pub mod bans;
mod columns;
mod comment_log;
mod comment_removal;
pub mod comments;
mod conn;
mod error;
mod files;
pub mod follows;
mod house;
mod lock;
pub mod log;
mod mark;
pub mod meta;
mod migrate;
mod name_keys;
mod open;
mod page;
pub mod pins;
pub mod polls;
#[cfg(feature = "postgres")]
mod postgres;
pub mod questions;
pub mod reactions;
mod readiness;
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
pub use files::Missing;
pub use house::{Options, Store};
pub use lock::ServerLock;
pub use page::Page;
pub use tx::Tx;
