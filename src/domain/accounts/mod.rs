//! Names and passwords of accounts as types that parse at the edge.
//! It must not know which names are taken, nor how a password is hashed.

pub(crate) mod display_name;
pub(crate) mod password;
pub(crate) mod username;
