//! H.264 in RTP payloads (RFC 6184): to samples, and back for sources that come without RTP.
//! It must not know sockets, nor who sends.

mod assembly;
mod depacketizer;
pub(crate) mod fuzz_harness;
mod packetizer;
mod reorder;
mod timeline;

pub(crate) use depacketizer::{Depacketized, Depacketizer};
pub(crate) use packetizer::{PAYLOAD_BYTES, packetize};
