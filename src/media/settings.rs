//! What the picture's thread is started with.
//! It must not know where a setting comes from.

use std::net::SocketAddr;

/// Where it listens, and what it allows.
#[derive(Clone, Debug)]
pub(crate) struct MediaSettings {
    /// UDP and TCP alike, for WebRTC.
    pub listen: SocketAddr,
    /// What viewers and publishers are told to reach it at; port 0 is the one bound. Empty: those of the interfaces.
    pub addresses: Vec<SocketAddr>,
    /// For encoders by RTMP, if they may.
    pub rtmp: Option<SocketAddr>,
    pub limits: MediaLimits,
}

/// At most so many; a count of `u32::MAX` is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MediaLimits {
    /// Publishers at once, `PUBLISHERS`.
    pub publishers: u32,
    /// WebRTC viewers at once, `MEDIA_VIEWERS`.
    pub viewers: u32,
    /// The same from one address, `MEDIA_VIEWERS_PER_IP`.
    pub viewers_per_ip: u32,
    /// SDP offers from one address in a minute, `MEDIA_OFFERS_PER_IP`.
    pub offers_per_ip: u32,
    /// Kilobits a second from one publisher before the host is warned, `INGEST_KBPS`.
    pub ingest_kbps: u32,
    /// Bytes of one coded picture, `ACCESS_UNIT_BYTES`.
    pub access_unit_bytes: usize,
    /// Bytes kept since the last keyframe for who joins, `GOP_BYTES`.
    pub gop_bytes: usize,
}

impl Default for MediaLimits {
    fn default() -> Self {
        Self {
            publishers: 50,
            viewers: 1000,
            viewers_per_ip: 32,
            offers_per_ip: 30,
            ingest_kbps: 12_000,
            access_unit_bytes: 2 << 20,
            gop_bytes: 8 << 20,
        }
    }
}
