//! H.264 as it is cut into NAL units: parameter sets, access units, and RTP payloads in and out.
//! It must not know sockets, rooms, or any container.

mod access_unit;
pub(crate) mod avcc;
mod bits;
pub(crate) mod nal;
pub(crate) mod rtp;
#[cfg(test)]
pub(crate) mod samples;
mod sps;

pub(crate) use access_unit::{AccessUnit, ParameterSets, Unit};
pub(crate) use sps::{SIDE_MAX, Sps};

/// What of H.264 ends a publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// One coded picture, or one unit of it, is larger than the limit in bytes.
    #[error("one coded picture has more than {0} bytes")]
    TooLarge(usize),
    /// The picture is wider or higher than [`SIDE_MAX`].
    #[error("the picture has {width}x{height} pixels, and no side may have more than {SIDE_MAX}")]
    TooWide { width: u32, height: u32 },
}
