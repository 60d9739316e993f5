//! Words of the trade as types that parse at the edge: what exists here is valid everywhere.
//! It must not know of databases, sockets, HTTP or the clock.

pub mod ids;
pub mod reaction;
pub mod role;
pub mod settings;
pub mod stream;
pub mod style;
pub mod time;
