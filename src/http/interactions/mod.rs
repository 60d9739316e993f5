//! What viewers and hosts do in a room, over REST.
//! It must not know how a room carries it out.

pub(crate) mod announcements;
pub(crate) mod comments;
pub(crate) mod pins;
pub(crate) mod polls;
pub(crate) mod questions;
pub(crate) mod reactions;
