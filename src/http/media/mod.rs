//! The picture by HTTP: offers of publishers and viewers, segments, and what a host has to know to send one.
//! It must not know how a picture travels, nor what happens in a room.

pub(crate) mod addresses;
pub(crate) mod forward;
pub(crate) mod hls;
pub(crate) mod hooks;
pub(crate) mod ingest;
pub(crate) mod offers;
pub(crate) mod playback;
pub(crate) mod recording;
pub(crate) mod relay;
pub(crate) mod sessions;
pub(crate) mod whep;
pub(crate) mod whip;
