//! What players may fetch of each stream, for whoever asks without waiting for the picture's thread.
//! It must not know who asks, nor what changes it.

use super::hls::Reader;
use crate::domain::StreamId;
use parking_lot::RwLock;
use std::collections::HashMap;

/// A table by stream; a stream of which nothing can be fetched has no entry.
#[derive(Debug, Default)]
pub(super) struct Board {
    readers: RwLock<HashMap<StreamId, Reader>>,
}

impl Board {
    /// Players may fetch this of a stream.
    pub(super) fn put_reader(&self, stream: StreamId, reader: Reader) {
        self.readers.write().insert(stream, reader);
    }

    /// There is nothing to fetch of a stream any more.
    pub(super) fn remove_reader(&self, stream: StreamId) {
        self.readers.write().remove(&stream);
    }

    pub(super) fn reader(&self, stream: StreamId) -> Option<Reader> {
        self.readers.read().get(&stream).cloned()
    }
}
