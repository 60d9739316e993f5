//! WebSocket: the upgrade, one session actor a connection, the feed that brings it the room, the guard before it.
//! `actix_web_actors` is named here alone; no SQL here, and no session knows of another viewer.

pub mod connection;
pub mod connections;
pub mod door;
pub mod feed;
pub mod gate;
pub mod guard;
pub mod handshake;
pub mod header;
pub mod incoming;
pub mod ordeal;
pub mod origin;
pub mod reader;
pub mod session;
pub mod upgrade;
pub mod utf8;
