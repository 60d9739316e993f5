//! How words travel through a channel: a head that says who has said them and when, then the words as they are.
//! It must not know what the words mean, nor where they go.

use crate::domain::{BootId, Millis};
use bytes::Bytes;
use uuid::Uuid;

/// The first byte. A head that means something else has another one.
const VERSION: u8 = 1;
/// Version, boot id, and milliseconds since 1970.
const HEAD_BYTES: usize = 1 + 16 + 8;

/// What one node has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bus) struct Message {
    pub from: BootId,
    /// By the clock of the machine that it comes from.
    pub sent: Millis,
    pub words: Bytes,
}

impl Message {
    pub(in crate::bus) fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD_BYTES + self.words.len());
        bytes.push(VERSION);
        bytes.extend_from_slice(self.from.0.as_bytes());
        bytes.extend_from_slice(&self.sent.0.to_be_bytes());
        bytes.extend_from_slice(&self.words);
        bytes
    }

    /// None for what another version has written.
    pub(super) fn read(bytes: impl Into<Bytes>) -> Option<Self> {
        let bytes = bytes.into();
        let head = bytes.get(1..HEAD_BYTES).filter(|_| bytes[0] == VERSION)?;
        let (from, sent) = head.split_at(16);
        Some(Self {
            from: BootId(Uuid::from_slice(from).ok()?),
            sent: Millis(i64::from_be_bytes(sent.try_into().ok()?)),
            words: bytes.slice(HEAD_BYTES..),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_back_and_another_version_is_none() {
        for words in ["", "{\"v\":1}"] {
            let message =
                Message { from: BootId::new(), sent: Millis(1_764_112_345_678), words: words.into() };
            let bytes = message.write();
            assert_eq!(bytes.len(), HEAD_BYTES + words.len());
            assert_eq!(Message::read(bytes.clone()), Some(message));
            assert_eq!(Message::read([&[VERSION + 1], &bytes[1..]].concat()), None);
            assert_eq!(Message::read(bytes[..HEAD_BYTES - 1].to_vec()), None);
        }
        assert_eq!(Message::read(Vec::new()), None);
    }
}
