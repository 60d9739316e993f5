//! Who is here over all nodes: each says in Redis who is in its rooms, and hears how many that makes. Redis keeps only sums of
//! what the nodes know; without it each shows its own. It must not know rooms.

mod place;
mod places;
mod sum;

pub(crate) use places::Here;
pub(crate) use sum::Total;

use crate::domain::StreamId;
use actix::Message;
use places::Places;
use std::sync::Arc;

/// Another number of viewers may be shown of a stream.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "()")]
pub(crate) struct Recounted(pub StreamId);

/// Who is here. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Presence {
    places: Option<Arc<Places>>,
}

impl Presence {
    /// There are no other nodes.
    pub(crate) fn alone() -> Self {
        Self { places: None }
    }

    /// A room opens here.
    pub(crate) fn enter(&self, stream: StreamId) -> Here {
        self.places.as_ref().map_or_else(Here::alone, |places| Here::enter(places, stream))
    }
}
