//! The database itself: opened, looked at, brought to its shape, marked, copied, and closed.
//! It must not know what a row of a theme means.

pub(crate) mod files;
pub(crate) mod house;
pub(crate) mod meta;
pub(crate) mod migrate;
pub(crate) mod name_keys;
pub(crate) mod nodes;
pub(crate) mod readiness;
pub(crate) mod server_lock;
pub(crate) mod size;
pub(crate) mod trigrams;
