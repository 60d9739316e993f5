//! The room as an actor: a mailbox, timers and the database around the [`core`](super::core).
//! It must not decide what is allowed.

pub mod comments;
pub mod joining;
pub mod membership;
pub mod questions;
pub mod refresh;
pub mod room;
pub mod timers;
