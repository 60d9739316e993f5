//! The picture: sources come in by WHIP or RTMP and go out by WHEP or HLS, on a thread of their own.
//! It must not know HTTP, SQL, or rooms.

pub(crate) mod handle;
pub(crate) mod sample;
