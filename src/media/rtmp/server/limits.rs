//! What encoders may take of the server, each and together.
//! It must not know how it is kept to.

use std::time::Duration;

/// At most so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// From the first byte to a key.
    pub key_wait: Duration,
    /// Without a byte, afterwards.
    pub idle: Duration,
    /// Connections of one address whose key is not accepted yet, `RTMP_WAITING_PER_IP`.
    pub waiting_per_address: usize,
    /// The same of all addresses together, `RTMP_WAITING`.
    pub waiting: usize,
    /// Bytes of one coded picture, `ACCESS_UNIT_BYTES`.
    pub picture_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            key_wait: Duration::from_secs(10),
            idle: Duration::from_secs(15),
            waiting_per_address: 16,
            waiting: 256,
            picture_bytes: 2 << 20,
        }
    }
}
