//! Words of the trade as types that parse at the edge: what exists here is valid everywhere.
//! It must not know of databases, sockets or HTTP; of clocks, `clock` alone does.

pub mod accounts;
pub mod client_id;
pub mod cursor;
pub mod ids;
pub mod invalid;
mod parsed;
pub mod rate;
pub mod role;
pub mod stream;
pub mod terms;
pub mod text;
pub mod time;
