//! Words of the trade as types that parse at the edge: what exists here is valid everywhere.
//! It must not know of databases, sockets or HTTP; of clocks, `clock` alone does.

pub mod client_id;
pub mod clock;
pub mod cursor;
pub mod display_name;
pub mod fold;
pub mod ids;
pub mod invalid;
mod letters;
pub mod links;
mod parsed;
pub mod password;
pub mod playback_url;
pub mod reaction;
pub mod role;
pub mod settings;
mod spelling;
pub mod stream;
pub mod style;
pub mod terms;
pub mod text;
pub mod time;
pub mod username;
