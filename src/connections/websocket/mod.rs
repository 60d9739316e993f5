//! WebSocket: the handshake, one session actor a connection, and the feed that brings it the room.
//! It must not know what is true in a room.

mod deflate;
pub(crate) mod feed;
pub(crate) mod handshake;
pub(crate) mod session;
pub(crate) mod upgrade;
