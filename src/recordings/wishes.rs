//! Which streams are to be kept, and what stands in the way of that: written by a chore and by the recorder, read with each
//! segment of a picture. It must not know files.

use crate::{
    domain::{StreamId, stream::picture::IngestWarning},
    store::recordings::Wanted,
};
use parking_lot::RwLock;
use std::collections::HashMap;

/// All wishes of one node.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    wanted: RwLock<HashMap<StreamId, Wanted>>,
    warnings: RwLock<HashMap<StreamId, IngestWarning>>,
}

impl Wishes {
    /// What is wanted of a stream, if it is to be kept.
    pub(super) fn of(&self, stream: StreamId) -> Option<Wanted> {
        self.wanted.read().get(&stream).copied()
    }

    /// These are wanted and no others; returns those that were, and are no more.
    pub(super) fn set(&self, now: Vec<Wanted>) -> Vec<StreamId> {
        let now: HashMap<_, _> = now.into_iter().map(|wanted| (wanted.stream, wanted)).collect();
        self.warnings.write().retain(|stream, _| now.contains_key(stream));
        let before = std::mem::replace(&mut *self.wanted.write(), now);
        let wanted = self.wanted.read();
        before.into_keys().filter(|stream| !wanted.contains_key(stream)).collect()
    }

    /// A stream is gone.
    pub(super) fn forget(&self, stream: StreamId) {
        self.wanted.write().remove(&stream);
        self.warnings.write().remove(&stream);
    }

    /// A stream is not kept for this reason, or there is none any more.
    pub(super) fn warn(&self, stream: StreamId, warning: Option<IngestWarning>) {
        let mut warnings = self.warnings.write();
        match warning {
            // Of one that nobody wants any more nothing is remembered.
            Some(warning) if self.of(stream).is_some() => drop(warnings.insert(stream, warning)),
            _ => drop(warnings.remove(&stream)),
        }
    }

    /// Why a stream is not kept that should be.
    pub(super) fn warning(&self, stream: StreamId) -> Option<IngestWarning> {
        self.warnings.read().get(&stream).copied()
    }
}
