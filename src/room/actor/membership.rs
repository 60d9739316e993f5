//! A membership: that a connection is in a room, for as long as somebody holds this. A room gives it out when it lets the
//! connection in; wherever it is dropped, answered or not, the connection leaves. It must not know of sockets.

use super::room::Room;
use crate::{domain::ids::ConnectionId, room::message::Leave};
use actix::Addr;

/// A connection's being in a room; dropping it leaves.
pub struct Membership {
    connection: ConnectionId,
    room: Addr<Room>,
}

impl Membership {
    /// Of a connection that has just been let in.
    pub(crate) fn new(connection: ConnectionId, room: Addr<Room>) -> Self {
        Self { connection, room }
    }

    /// The room.
    pub fn room(&self) -> &Addr<Room> {
        &self.room
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        // Once in the life of a connection.
        self.room.do_send(Leave { connection: self.connection });
    }
}
