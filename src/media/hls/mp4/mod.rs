//! The MP4 that players are given: what a run begins with, its fragments, and one picture by itself.
//! It must not know playlists, nor when something is cut.

mod codecs;
mod entry;
mod fragment;
mod init;
mod poster;
mod track;

pub(super) use codecs::codecs;
pub(super) use fragment::{Timed, fragment};
pub(super) use init::init;
pub(super) use poster::{POSTER_BYTES_MAX, poster};
pub(super) use track::rate;

/// A configuration that has no place in MP4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this configuration cannot be written as MP4")]
pub(super) struct Unwritable;

impl From<mp4_atom::Error> for Unwritable {
    fn from(_: mp4_atom::Error) -> Self {
        Self
    }
}
