//! Hints that there may be something for webhooks, from whoever has stored something. Nothing is lost with a hint: the tables are
//! looked at again and again. They must not know what was stored.

use crate::domain::StreamId;
use parking_lot::Mutex;
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Notify;

/// Most streams that are remembered until somebody looks; with more of them all are looked at.
const STREAMS_MAX: usize = 1_000;

/// Where hints are left. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hints(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Whether there is any webhook: without one a hint costs as much as reading this.
    is_wanted: AtomicBool,
    left: Mutex<Left>,
    came: Notify,
}

/// What was left since somebody looked.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Streams whose logs have grown.
    pub streams: HashSet<StreamId>,
    /// Whether all must be looked at.
    pub all: bool,
}

impl Hints {
    /// Something was stored, perhaps in these streams' logs.
    pub(crate) fn stored(&self, streams: impl IntoIterator<Item = StreamId>) {
        if !self.are_wanted() {
            return;
        }
        let mut left = self.0.left.lock();
        left.streams.extend(streams);
        if left.streams.len() > STREAMS_MAX {
            *left = Left { streams: HashSet::new(), all: true };
        }
        drop(left);
        self.0.came.notify_one();
    }

    /// Webhooks were made or changed.
    pub(crate) fn webhooks_changed(&self) {
        self.0.is_wanted.store(true, Ordering::Release);
        self.0.left.lock().all = true;
        self.0.came.notify_one();
    }

    /// Whether there may be a webhook.
    pub(crate) fn are_wanted(&self) -> bool {
        self.0.is_wanted.load(Ordering::Acquire)
    }

    /// Whether hints are wanted from now on.
    pub(super) fn want(&self, is_wanted: bool) {
        self.0.is_wanted.store(is_wanted, Ordering::Release);
    }

    /// Waits until a hint is left.
    pub(super) async fn come(&self) {
        self.0.came.notified().await;
    }

    /// All that was left.
    pub(super) fn take(&self) -> Left {
        std::mem::take(&mut *self.0.left.lock())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hint_is_kept_where_nobody_wants_it_and_too_many_become_one() {
        let hints = Hints::default();
        hints.stored([StreamId::new()]);
        assert!(hints.take().streams.is_empty());
        hints.want(true);
        hints.stored((0..STREAMS_MAX).map(|_| StreamId::new()));
        hints.stored([StreamId::new()]);
        let left = hints.take();
        assert!(left.all && left.streams.is_empty());
        assert!(!hints.take().all);
    }
}
