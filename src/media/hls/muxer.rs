//! From samples to parts and segments, as they come.
//! It must not know who reads them.

use super::reader::Reader;
use crate::{domain::Millis, media::sample::Sample};

/// At most so much of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Of all segments that can be fetched.
    pub window_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { window_bytes: 64 << 20 }
    }
}

/// Makes the HLS of one stream, however often its publisher changes.
#[derive(Debug)]
pub(crate) struct Muxer {}

impl Muxer {
    /// One without anything in it yet, and its reader.
    pub(crate) fn new(_limits: Limits) -> (Self, Reader) {
        (Self {}, Reader {})
    }

    /// Takes the next sample, which came at that time.
    pub(crate) fn push(&mut self, _sample: Sample, _wall: Millis) {}

    /// Says that what comes now has another timeline: another publisher, or the same after a jump. Its configurations come first.
    pub(crate) fn new_run(&mut self) {}

    /// Says that nothing more comes: players end.
    pub(crate) fn end(&mut self) {}
}
