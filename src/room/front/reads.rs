//! Reads of a stream by somebody who may see it: one moment, off the async threads.
//! It must not know of requests or sockets.

use super::{registry::Find, streams::Streams};
use crate::{
    domain::{Millis, StreamId},
    identity::Account,
    room::{
        actor::{
            room::Room,
            who_is_here::{AreHere, Sees, Whoever},
        },
        operations::{Access, Fault},
    },
    store::Conn,
    wire::Refusal,
};
use actix::Addr;

impl Streams {
    /// Fails where there is no such stream, or none that somebody may know of. An open room knows; else the tables do.
    /// Errors: `not_found`; those of the store.
    pub(crate) async fn may_see(&self, id: StreamId, who: Option<Account>) -> Result<(), Fault> {
        let known = match self.room(id).await {
            Some(room) => room.send(Sees(who.clone())).await.ok().flatten(),
            None => None,
        };
        match known {
            Some(true) => Ok(()),
            Some(false) => Err(Refusal::concealed().into()),
            None => self.read_as(id, who, |_, _| Ok(())).await,
        }
    }

    /// Reads something of a stream; `who` is none for a guest.
    /// Errors: `not_found` where there is no such stream, or none that they may know of; what `read` refused; those of the store.
    pub(crate) async fn read_as<T: Send + 'static>(
        &self,
        id: StreamId,
        who: Option<Account>,
        read: impl FnOnce(&mut Conn, &Access) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let read = self.store.read(move |conn| {
            let access = Access::of(conn, id, who.as_ref(), Millis::now())?;
            read(conn, &access)
        });
        read.await
    }

    /// Which of these are in the room of a stream, in their order; nobody is where no room is open.
    pub(crate) async fn are_here(&self, id: StreamId, asked: Vec<Whoever>) -> Vec<bool> {
        let count = asked.len();
        let known = match self.room(id).await {
            Some(room) => room.send(AreHere(asked)).await.ok(),
            None => None,
        };
        known.unwrap_or_else(|| vec![false; count])
    }

    /// The room of a stream, if it is open.
    pub(super) async fn room(&self, id: StreamId) -> Option<Addr<Room>> {
        self.registry.send(Find(id)).await.ok().flatten()
    }
}
