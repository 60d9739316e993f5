//! The rooms: each live stream is one actor that judges, orders and fans out what is said in it.
//! No HTTP, no WebSocket and no SQL here; time is an argument in the pure modules (`rules`, `roster`, `pace`, `clock`, `ring`).

pub(crate) mod actor;
pub(crate) mod barred;
pub(crate) mod bench_harness;
pub(crate) mod core;
pub(crate) mod fanout;
pub(crate) mod front;
pub(crate) mod hooks;
pub(crate) mod journal;
pub(crate) mod operations;
pub(crate) mod parts;
pub(crate) mod pictures;
pub(crate) mod reply;
pub(crate) mod rules;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod state;
pub(crate) mod viewer_counts;
