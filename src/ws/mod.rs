//! (being built)

pub mod guard;
pub mod header;
pub mod incoming;
pub mod ordeal;
pub mod utf8;
