//! What happens to a stream inside one database transaction, whoever asks, and how it is told afterwards.
//! It must not know of actors' states, requests or sockets.

pub mod access;
pub mod acts;
pub mod effects;
pub mod load;
pub mod publish;
pub mod transaction;
