//! How many watched and wrote, minute by minute.
//! It must not know how viewers are counted.

use crate::{
    domain::StreamId,
    store::{
        connection::{Conn, each},
        error::Result,
        schema::{stream_minutes, streams},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// One minute of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = stream_minutes)]
pub(crate) struct Minute {
    /// Minutes since 1970.
    pub minute: i64,
    /// The most viewers there were at once.
    pub viewers: i64,
    /// Comments that were made.
    pub comments: i64,
}

/// Adds to a minute of a stream, and to its peak: as many viewers at once, and so many comments more.
/// Errors: [`crate::store::Conflict::Dangling`] where the stream is gone.
pub(crate) fn record(tx: &mut Tx, stream_id: StreamId, new: Minute) -> Result<()> {
    let row = (
        stream_minutes::stream_id.eq(stream_id),
        stream_minutes::minute.eq(new.minute),
        stream_minutes::viewers.eq(0),
        stream_minutes::comments.eq(0),
    );
    each!(tx.conn(), conn => diesel::insert_into(stream_minutes::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    diesel::update(stream_minutes::table.find((stream_id, new.minute)))
        .set(stream_minutes::comments.eq(stream_minutes::comments + new.comments))
        .execute(tx.conn())?;
    let lower =
        stream_minutes::table.find((stream_id, new.minute)).filter(stream_minutes::viewers.lt(new.viewers));
    diesel::update(lower).set(stream_minutes::viewers.eq(new.viewers)).execute(tx.conn())?;
    diesel::update(streams::table.find(stream_id).filter(streams::peak_viewers.lt(new.viewers)))
        .set(streams::peak_viewers.eq(new.viewers))
        .execute(tx.conn())?;
    Ok(())
}

/// The minutes of a stream in their order, the latest `limit` of them.
pub(crate) fn minutes(conn: &mut Conn, stream_id: StreamId, limit: usize) -> Result<Vec<Minute>> {
    let mut minutes = stream_minutes::table
        .filter(stream_minutes::stream_id.eq(stream_id))
        .order(stream_minutes::minute.desc())
        .limit(limit as i64)
        .select(Minute::as_select())
        .load(conn)?;
    minutes.reverse();
    Ok(minutes)
}
