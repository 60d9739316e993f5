//! A stream, held still while its log is written to.
//! It must not know what is written.

use super::{
    conn::Conn,
    error::{Conflict, Error, Result},
    schema::streams,
    tx::Tx,
};
use crate::domain::{ids::StreamId, stream::Status, time::Millis};
use diesel::prelude::*;

/// What a writer needs to know of it.
#[derive(Queryable)]
pub(super) struct OpenStream {
    pub(super) status: Status,
    pub(super) started_at: Option<Millis>,
}

impl OpenStream {
    /// Fails unless the stream still takes comments.
    pub(super) fn not_ended(&self) -> Result<()> {
        match self.status {
            Status::Ended => Err(Error::Conflict(Conflict::StreamEnded)),
            _ => Ok(()),
        }
    }

    /// Milliseconds since the start.
    pub(super) fn offset_ms(&self, at: Millis) -> Option<i64> {
        self.started_at.map(|started_at| at.since(started_at))
    }
}

/// Makes other writers to the stream's log wait until the end of the transaction.
pub(super) fn lock_stream(tx: &mut Tx, stream_id: StreamId) -> Result<OpenStream> {
    let stream = streams::table.find(stream_id).select((streams::status, streams::started_at));
    Ok(match tx.conn() {
        Conn::Sqlite(conn) => stream.first(conn)?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => stream.for_no_key_update().first(conn)?,
    })
}

/// Makes other acts on a stream wait until this transaction ends, so that what it reads first still holds when it writes.
/// A stream that is not there is no error here.
///
/// # Errors
/// Those of the database.
pub fn lock(tx: &mut Tx, stream_id: StreamId) -> Result<()> {
    match lock_stream(tx, stream_id) {
        Ok(_) | Err(Error::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}
