//! Keeps the pictures of streams in files, on a thread of its own: segments in, a film for each run out.
//! It must not know how a picture travels, nor who may see one.

mod boxes;
mod disk;
mod film;
mod fragment;
mod index;
mod recorder;
mod space;
mod sweep;
#[cfg(test)]
mod tests;
mod wishes;
mod writer;

pub(crate) use disk::Disk;
pub(crate) use film::{Reading, index_of};
pub(crate) use fragment::Fragment;
pub(crate) use index::{Entry, read as read_index};
pub(crate) use recorder::{Recorder, Running, Settings, Tap, Taps, start};
pub(crate) use space::Limits;
