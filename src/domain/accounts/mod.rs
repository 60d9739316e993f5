//! Names, passwords, keys and images of accounts as types.
//! It must not know which names are taken, nor how a password is hashed.

pub(crate) mod display_name;
pub(crate) mod image;
pub(crate) mod key;
pub(crate) mod login;
pub(crate) mod password;
pub(crate) mod standing;
pub(crate) mod username;
