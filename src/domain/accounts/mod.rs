//! Names, passwords and images of accounts as types.
//! It must not know which names are taken, nor how a password is hashed.

pub(crate) mod display_name;
pub(crate) mod image;
pub(crate) mod password;
pub(crate) mod username;
