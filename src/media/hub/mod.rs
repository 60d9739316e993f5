//! The streams: each with its source, the packets since its last keyframe, and its viewers.
//! It must not know how packets come or go, nor read the clock.

mod gop;
mod health;
mod inspect;
mod keyframes;
pub(crate) mod places;
mod rebase;
mod state;
pub(crate) mod stream;
mod table;
mod viewer;

pub(crate) use table::Hub;
pub(crate) use viewer::BURST_EVERY;
