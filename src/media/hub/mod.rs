//! The streams: each with its source, the packets since its last keyframe, and its viewers.
//! It must not know how packets come or go, nor read the clock.

mod inspect;
mod peers;
pub(crate) mod places;
mod segments;
mod source;
mod state;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod viewing;

pub(crate) use peers::Peers;
pub(crate) use source::Source;
pub(crate) use table::Hub;
pub(crate) use viewing::BURST_EVERY;
