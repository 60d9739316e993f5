//! The room as an actor: a mailbox, timers, the database and the journal around its [`core`](super::core).
//! It must not decide what is allowed.

pub(crate) mod flush;
pub(crate) mod joining;
pub(crate) mod notices;
pub(crate) mod ops;
pub(crate) mod questions;
pub(crate) mod refresh;
pub(crate) mod room;
pub(crate) mod stored;
pub(crate) mod timers;
pub(crate) mod who_is_here;
