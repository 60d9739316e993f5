//! What an operator decides for the whole site.
//! It must not know who may decide it.

pub(crate) mod bans;
pub(crate) mod invitations;
pub(crate) mod logo;
pub(crate) mod settings;
