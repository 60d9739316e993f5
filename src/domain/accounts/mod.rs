//! Names and passwords of accounts as types that parse at the edge.
//! It must not know which names are taken, nor how a password is hashed.

pub mod display_name;
pub mod fold;
pub mod password;
pub mod username;
