//! What viewers and hosts do in a room, over REST.
//! It must not know how a room carries it out.

pub mod announcements;
pub mod comments;
pub mod pins;
pub mod polls;
pub mod questions;
pub mod reactions;
