//! The one point of publishing: what was stored is told from here, to rooms and to sockets, and from nowhere else.
//! It must not store anything, nor know what a room or a socket does with what it is told.

use super::{Publication, words};
use crate::bus::Bus;
use actix::prelude::*;
use std::sync::Arc;

/// Hears of every commit beside the rooms: closes sockets whose tokens have died, and ends pictures.
pub(crate) type Hears = Arc<dyn Fn(&Publication) + Send + Sync>;

/// What the rooms must hear of a commit. The answer comes when it holds in every room of this node.
#[derive(Message, Debug)]
#[rtype(result = "()")]
pub(crate) struct Publish(pub Publication);

/// The way to everybody who must hear of a commit. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Publisher {
    rooms: Recipient<Publish>,
    hears: Hears,
    bus: Bus,
}

impl Publisher {
    /// A way to the rooms, through `hears` to whatever else must not go on, and by the bus to other nodes.
    pub(crate) fn new(rooms: Recipient<Publish>, hears: Hears, bus: Bus) -> Self {
        Self { rooms, hears, bus }
    }

    /// Tells all of it; when this returns, it holds in every room of this node.
    pub(crate) async fn publish(&self, publication: Publication) {
        if self.bus.has_others() {
            words::of(&publication).into_iter().for_each(|(topic, words)| self.bus.say(topic, words));
        }
        (self.hears)(&publication);
        if publication.concerns_rooms() && self.rooms.send(Publish(publication)).await.is_err() {
            // The registry lives as long as the server; a room reads the log when it opens again.
            log::warn!("the rooms are gone; the log has what they were not told");
        }
    }
}
