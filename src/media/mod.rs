//! The picture: sources come in by WHIP or RTMP and go out by WHEP or HLS, on a thread of their own.
//! It must not know HTTP, SQL, or rooms.

pub(crate) mod aac;
pub(crate) mod audio;
mod board;
pub(crate) mod h264;
pub(crate) mod handle;
pub(crate) mod hls;
mod hub;
mod packet;
pub(crate) mod rtmp;
pub(crate) mod sample;
pub(crate) mod settings;
pub(crate) mod thread;
pub(crate) mod webrtc;
