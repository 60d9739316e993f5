//! What every room is started with.
//! It must not know what a room does with it.

use super::{core::core_parts::CoreParts, journal::Journal, operations::publish::Hears};
use crate::{bus::Bus, store::Store};

/// What every room is started with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct RoomParts {
    pub store: Store,
    /// Makes comments durable.
    pub journal: Journal,
    /// Hears of every commit beside the rooms.
    pub hears: Hears,
    /// The way to the other nodes.
    pub bus: Bus,
    pub core: CoreParts,
}
