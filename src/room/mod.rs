//! The rooms: each live stream is one actor that judges, orders and fans out what is said in it.
//! No HTTP, no WebSocket and no SQL here; time is an argument in the pure modules (`rules`, `roster`, `pace`, `clock`, `ring`).

pub mod access;
pub mod acts;
mod answers;
pub mod arrivals;
pub mod asides;
mod asking;
pub mod audience;
pub mod clock;
pub mod committed;
pub mod desk;
mod due;
pub mod effects;
pub mod hall;
pub mod history;
pub mod journal;
pub mod load;
pub mod lobby;
pub mod membership;
pub mod message;
pub mod minutes;
pub mod now;
pub mod outbox;
pub mod outlet;
pub mod pace;
pub mod posts;
pub mod presence;
pub mod publish;
mod reading;
mod refresh;
mod requests;
pub mod ring;
#[allow(clippy::module_inception)]
pub mod room;
pub mod roster;
pub mod rules;
pub mod said;
#[cfg(test)]
pub(crate) mod samples;
pub mod seat;
pub mod sequencer;
pub mod shard;
pub mod stage;
pub mod thinning;
pub mod visit;
mod visits;
