//! From one batch of a room to many sockets.
//! It must not know what is said, nor what is spoken on a socket.

pub(crate) mod batch;
pub(crate) mod clock;
pub(crate) mod deflate;
pub(crate) mod reading;
pub(crate) mod ring;
pub(crate) mod seat;
pub(crate) mod shard;
pub(crate) mod socket;
