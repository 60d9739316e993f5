//! Low-latency HLS (RFC 8216bis): from samples to a window of parts and segments, its playlists, and how they are read.
//! It must not know HTTP, rooms, or where samples come from.

mod kept;
mod mp4;
mod muxer;
mod playlist;
pub(crate) mod query;
mod reader;
mod run;
mod silence;
mod sounds;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use muxer::{Limits, Muxer};
pub(crate) use query::{Resource, Wanted};
pub(crate) use reader::{NotServed, Reader};
