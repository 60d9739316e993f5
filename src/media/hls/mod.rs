//! Low-latency HLS (RFC 8216bis): from samples to a window of parts and segments, its playlists, and how they are read.
//! It must not know HTTP, rooms, or where samples come from.

mod muxer;
mod query;
mod reader;

pub(crate) use muxer::{Limits, Muxer};
pub(crate) use query::{Resource, Wanted};
pub(crate) use reader::{NotServed, Reader};
