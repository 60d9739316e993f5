//! What handlers call: the way to each room, reads, and what is said to a room by REST.
//! It must not know of requests or sockets, nor what happens inside a room.

pub(crate) mod reads;
pub(crate) mod registry;
pub(crate) mod streams;
pub(crate) mod viewers;
