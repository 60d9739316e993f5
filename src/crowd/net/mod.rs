//! How the crowd reaches a server: lines, handshakes and frames.
//! It must not know what is said.

pub(super) mod frame;
pub(super) mod handshake;
pub(super) mod http;
pub(super) mod line;
pub(super) mod link;
pub(super) mod target;
