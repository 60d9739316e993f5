//! The tables: the truth of which all actors are but a cache. The only place that knows Diesel.
//! It must not know of sockets, HTTP, JSON or actors; the payload of an event is opaque text to it.
//!
//! [`Store::read`] gives a snapshot, [`Store::write`] a transaction ([`Tx`]); the functions beside take either. One file a theme.

mod columns;
mod comment_log;
pub mod comments;
mod conn;
mod error;
mod house;
pub mod log;
pub mod meta;
mod migrate;
mod page;
mod schema;
pub mod sessions;
mod stream_list;
pub mod streams;
mod tx;
pub mod users;

pub use conn::Conn;
pub use error::{Conflict, Error, Result, Source};
pub use house::{Options, Store};
pub use page::Page;
pub use tx::Tx;
