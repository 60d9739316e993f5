//! What the picture's thread has told of each stream, for whoever asks without waiting for it.
//! It must not know who asks, nor what changes it.

use super::hls::Reader;
use crate::domain::{
    StreamId,
    stream::picture::{IngestWarning, Picture, Publisher},
};
use parking_lot::RwLock;
use std::collections::HashMap;

/// What is known of one stream.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub picture: Picture,
    pub publisher: Option<Publisher>,
    pub warnings: Vec<IngestWarning>,
}

/// A table by stream; a stream without publisher and picture has no entry.
#[derive(Debug, Default)]
pub(super) struct Board {
    entries: RwLock<HashMap<StreamId, Entry>>,
    readers: RwLock<HashMap<StreamId, Reader>>,
}

impl Board {
    pub(super) fn put(&self, stream: StreamId, entry: Entry) {
        self.entries.write().insert(stream, entry);
    }

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

    /// Changes what is known of the picture alone.
    pub(super) fn change_picture(&self, stream: StreamId, picture: Picture) {
        let nobody = Entry { picture, publisher: None, warnings: Vec::new() };
        self.entries.write().entry(stream).or_insert(nobody).picture = picture;
    }

    pub(super) fn remove(&self, stream: StreamId) {
        self.entries.write().remove(&stream);
    }

    pub(super) fn picture(&self, stream: StreamId) -> Option<Picture> {
        self.entries.read().get(&stream).map(|entry| entry.picture)
    }

    pub(super) fn publisher(&self, stream: StreamId) -> (Option<Publisher>, Vec<IngestWarning>) {
        let entries = self.entries.read();
        entries
            .get(&stream)
            .map_or_else(Default::default, |entry| (entry.publisher.clone(), entry.warnings.clone()))
    }
}
