//! Keeps the pictures of streams in files, on a thread of its own: parts in, a film for each run out.
//! It must not know how a picture travels, nor who may see one.

mod film;
mod fragment;
pub(crate) mod ready;
mod recorder;
mod space;
mod sweep;
#[cfg(test)]
mod tests;
mod wishes;
mod writer;

pub(crate) use film::{
    Reading,
    disk::Disk,
    index::{Entry, read as read_index},
    index_of,
};
pub(crate) use fragment::Fragment;
pub(crate) use recorder::{Recorder, Running, Settings, Tap, Taps, start};
pub(crate) use space::Limits;
