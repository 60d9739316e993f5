//! What happens in a room beside comments: polls, questions, announcements, pins, reactions.
//! It must not know who may do what.

pub mod announcements;
pub mod pins;
pub mod polls;
pub mod questions;
pub mod reactions;
