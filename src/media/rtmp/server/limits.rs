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
    /// In which who is sent away may read why; closing a socket on bytes that were not read would throw the words away.
    pub goodbye: Duration,
    /// Connections of one address whose key is not accepted yet, or not any more, `RTMP_WAITING_PER_IP`.
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
            goodbye: Duration::from_secs(1),
            waiting_per_address: 16,
            waiting: 256,
            picture_bytes: 2 << 20,
        }
    }
}
