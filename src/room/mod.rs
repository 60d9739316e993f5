//! The rooms: each live stream is one actor that judges, orders and fans out what is said in it.
//! No HTTP, no WebSocket and no SQL here; time is an argument in the pure modules (`rules`, `roster`, `pace`, `clock`, `ring`).

pub mod actor;
pub mod core;
pub mod fanout;
pub mod front;
pub mod journal;
pub mod message;
pub mod operations;
pub mod rules;
#[cfg(test)]
pub(crate) mod samples;
pub mod viewer_counts;
