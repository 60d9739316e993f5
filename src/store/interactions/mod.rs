//! What happens in a room beside comments: polls, questions, announcements, pins, reactions.
//! It must not know who may do what.

pub(crate) mod announcements;
pub(crate) mod pins;
pub(crate) mod polls;
pub(crate) mod questions;
pub(crate) mod reactions;
