//! From one batch of a room to many sockets.
//! It must not know what is said, nor what a socket is.

pub mod audience;
pub mod batch;
pub mod clock;
pub mod reading;
pub mod ring;
pub mod seat;
pub mod shard;
pub mod writer;
