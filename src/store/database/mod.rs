//! The database itself: opened, looked at, brought to its shape, marked, copied, and closed.
//! It must not know what a row of a theme means.

pub mod backup;
pub mod files;
pub mod mark;
pub mod meta;
pub mod migrate;
pub mod name_keys;
pub mod open;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod readiness;
pub mod server_lock;
