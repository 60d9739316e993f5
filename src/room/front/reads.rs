//! Reads of a stream by somebody who may see it: one moment, off the async threads.
//! It must not know of requests or sockets.

use super::{asks::Sees, streams::Desk};
use crate::{
    domain::{ids::StreamId, time::Millis},
    room::operations::transaction::Fault,
    room::{core::roster::Account, operations::access::Access},
    store::{self, Conn},
    wire::problem::Refusal,
};

impl Desk {
    /// Fails where there is no such stream, or none that somebody may know of. An open room knows; else the tables do.
    ///
    /// # Errors
    /// `not_found`; those of the store.
    pub async fn may_see(&self, id: StreamId, who: Option<Account>) -> Result<(), Fault> {
        let known = match self.room(id).await {
            Some(room) => room.send(Sees(who.clone())).await.ok().flatten(),
            None => None,
        };
        match known {
            Some(true) => Ok(()),
            Some(false) => Err(Refusal::concealed().into()),
            None => self.visit(id, who, |_, _| Ok(())).await,
        }
    }

    /// Reads something of a stream; `who` is none for a guest.
    ///
    /// # Errors
    /// `not_found` where there is no such stream, or none that they may know of; what `read` refused; those of the store.
    pub async fn visit<T: Send + 'static>(
        &self,
        id: StreamId,
        who: Option<Account>,
        read: impl FnOnce(&mut Conn, &Access) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let visited = self.look(move |conn| {
            let access = Access::of(conn, id, who.as_ref(), Millis::now())?;
            read(conn, &access)
        });
        visited.await
    }

    /// Reads that may refuse.
    ///
    /// # Errors
    /// What `read` refused; those of the store.
    pub async fn look<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Conn) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let looked = self.store.reading(move |conn| match read(conn) {
            Ok(value) => Ok(Ok(value)),
            Err(Fault::Refused(refusal)) => Ok(Err(refusal)),
            Err(Fault::Store(error)) => Err::<_, store::Error>(error),
        });
        Ok(looked.await??)
    }
}
