//! Channels: what a host keeps from stream to stream.

mod bans;
mod ignored;
mod limits;
mod moderators;
mod profile;
mod races;
mod rights;
mod settings;
mod terms;
