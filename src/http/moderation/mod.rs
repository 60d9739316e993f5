//! What moderators do, over REST.
//! It must not know how a room carries it out.

pub(crate) mod bans;
pub(crate) mod belonging;
pub(crate) mod held;
pub(crate) mod moderators;
pub(crate) mod record;
pub(crate) mod terms;
