//! What a viewer is sent of a source's packets, and under which numbers.
//! It must not know who views what, nor read the clock.

mod gop;
mod rebase;
mod viewer;

pub(super) use gop::{Gop, Numbered, Pushed};
pub(crate) use viewer::BURST_EVERY;
pub(super) use viewer::Viewer;
