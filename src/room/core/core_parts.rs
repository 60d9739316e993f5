//! What a room's core may know of the server: nothing that waits.
//! It must not know of the store or the journal.

use crate::{
    bus::presence::Presence,
    config::{FlushWindow, Limits, limits},
    domain::rate::Rate,
    metrics::Metrics,
    room::{barred::Barred, pictures::Pictures, viewer_counts::ViewerCounts},
};
use std::sync::Arc;

/// What a core is made with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct CoreParts {
    /// Where rooms say how many watch.
    pub viewer_counts: ViewerCounts,
    /// Who is here over all nodes.
    pub presence: Presence,
    /// Who may not write anywhere.
    pub barred: Barred,
    /// How the picture of each stream is.
    pub pictures: Pictures,
    pub metrics: Metrics,
    pub limits: Arc<Limits>,
    pub flush_window: FlushWindow,
}

impl CoreParts {
    /// How often an account may comment, and ask as often again.
    pub(crate) fn comments_rate(&self) -> Option<Rate> {
        let count = self.limits.comments_per_user.limit()?;
        Some(Rate { count, per_ms: limits::COMMENTS_WINDOW_MS })
    }

    /// How many reactions a connection may send.
    pub(crate) fn reactions_rate(&self) -> Option<Rate> {
        let count = self.limits.reactions_per_connection.limit()?;
        Some(Rate { count, per_ms: limits::REACTIONS_WINDOW_MS })
    }
}
