//! What moderators do, over REST.
//! It must not know how a room carries it out.

pub mod bans;
pub mod belonging;
pub mod held;
pub mod moderators;
pub mod record;
pub mod terms;
