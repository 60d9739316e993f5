//! WebSocket: the handshake, one session actor a connection, and the feed that brings it the room.
//! It must not know what is true in a room.

pub mod feed;
pub mod handshake;
pub mod session;
pub mod upgrade;
