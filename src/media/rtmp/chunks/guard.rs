//! What a peer may make us keep, before its key is accepted and after; asked at each chunk's header, before a byte is kept.
//! It must not know how chunks lie in the stream, nor what is in them.

use crate::media::rtmp::refusal::Refusal;

/// Before a key is accepted: all bytes together, of which the handshake is 3,073.
const BYTES_BEFORE_KEY: u64 = 64 << 10;
/// Encoders use two to six chunk streams.
const CHUNK_STREAMS_BEFORE_KEY: usize = 8;
const CHUNK_STREAMS: usize = 32;
/// Longest message before a key is accepted, and longest command ever.
pub(crate) const COMMAND_BYTES: usize = 16 << 10;
/// Longest chunk that a peer may announce: known encoders say 4,096 to 65,536.
const CHUNK_BYTES: usize = 64 << 10;
/// All messages of a publisher that have begun and not ended.
const BUFFERED_BYTES: usize = 4 << 20;

/// Counts what one peer sends and makes us keep.
#[derive(Debug)]
pub(crate) struct Guard {
    is_admitted: bool,
    message_bytes: usize,
    read: u64,
    buffered: usize,
}

impl Guard {
    /// Of a peer whose key is not known yet.
    pub(crate) fn new() -> Self {
        Guard { is_admitted: false, message_bytes: COMMAND_BYTES, read: 0, buffered: 0 }
    }

    /// The key is accepted: from now on messages may be as long as one picture.
    pub(crate) fn admit(&mut self, message_bytes: usize) {
        self.is_admitted = true;
        self.message_bytes = message_bytes;
    }

    /// So many more bytes are taken from the peer.
    pub(crate) fn read(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.read = self.read.saturating_add(bytes as u64);
        if !self.is_admitted && self.read > BYTES_BEFORE_KEY {
            return Err(Refusal::BeforeKey("64 kB in all"));
        }
        Ok(())
    }

    /// How many bytes were taken in all.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read
    }

    /// A chunk stream is used beside so many others.
    pub(crate) fn open_stream(&self, others: usize) -> Result<(), Refusal> {
        match self.is_admitted {
            false if others >= CHUNK_STREAMS_BEFORE_KEY => Err(Refusal::BeforeKey("8 chunk streams")),
            true if others >= CHUNK_STREAMS => Err(Refusal::TooBig("32 chunk streams")),
            _ => Ok(()),
        }
    }

    /// A message of so many bytes is announced.
    pub(crate) fn begin_message(&self, bytes: usize) -> Result<(), Refusal> {
        if bytes <= self.message_bytes {
            return Ok(());
        }
        Err(if self.is_admitted {
            Refusal::TooBig("a message longer than a picture may be")
        } else {
            Refusal::BeforeKey("a message of 16 kB")
        })
    }

    /// So many bytes of a message are kept until its end.
    pub(crate) fn keep(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.buffered += bytes;
        if self.buffered > BUFFERED_BYTES {
            return Err(Refusal::TooBig("4 MB in messages that have not ended"));
        }
        Ok(())
    }

    /// So many bytes are no longer kept.
    pub(crate) fn release(&mut self, bytes: usize) {
        self.buffered = self.buffered.saturating_sub(bytes);
    }

    /// How many bytes of messages are kept now.
    pub(crate) fn buffered(&self) -> usize {
        self.buffered
    }

    /// The length of chunks that a peer announces, if it may.
    pub(crate) fn chunk_bytes(&self, announced: u32) -> Result<usize, Refusal> {
        match usize::try_from(announced) {
            Ok(0) | Err(_) => Err(Refusal::Protocol("a chunk size that cannot be")),
            Ok(bytes) if bytes > CHUNK_BYTES => Err(Refusal::TooBig("a chunk size over 64 kB")),
            Ok(bytes) => Ok(bytes),
        }
    }
}
