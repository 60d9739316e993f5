//! Channels: what hosts keep from stream to stream. What holds in all streams of a host is changed while the channel is held.
//! It must not know who may change what.

pub(crate) mod front;
pub(crate) mod profile;
pub(crate) mod settings;

use super::{
    connection::Conn,
    error::{Conflict, Error, Result, found},
    schema::{channels, streams as rows},
    streams::{self, NewStream, Stream},
    transaction::Tx,
};
use crate::domain::{Millis, News, Settings, Status, StreamId, UserId, channel::OPEN_STREAMS_MAX};
use diesel::prelude::*;

/// Makes other changes of the channel wait until the end of the transaction, and other streams of the host: what is stored
/// meanwhile for all of them misses none.
pub(crate) fn lock(tx: &mut Tx, host: UserId) -> Result<()> {
    if is_locked(tx, host)? {
        return Ok(());
    }
    let row = (channels::host_id.eq(host), channels::bio.eq(""));
    super::connection::each!(tx.conn(), conn => diesel::insert_into(channels::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    match is_locked(tx, host)? {
        true => Ok(()),
        false => Err(Error::internal("a channel that was made is not there")),
    }
}

/// Whether there is a row, which is held then. On SQLite the transaction itself keeps all others waiting.
fn is_locked(tx: &mut Tx, host: UserId) -> Result<bool> {
    let row = channels::table.find(host).select(channels::host_id);
    let found: Option<UserId> = match tx.conn() {
        Conn::Sqlite(conn) => row.first(conn).optional()?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => row.for_no_key_update().first(conn).optional()?,
    };
    Ok(found.is_some())
}

/// Holds the streams of a host that have not ended, and the named one, until the end of the transaction: their ids. The channel
/// is held already. All who hold several take them in this order.
pub(crate) fn lock_streams(tx: &mut Tx, host: UserId, named: Option<StreamId>) -> Result<Vec<StreamId>> {
    let named = named.map(|id| id.to_string()).unwrap_or_default();
    let open = rows::table
        .filter(rows::host_id.eq(host))
        .filter(rows::status.ne(Status::Ended).or(rows::id.eq(named)))
        .order(rows::id.asc())
        .select(rows::id);
    Ok(match tx.conn() {
        Conn::Sqlite(conn) => open.load(conn)?,
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => open.for_no_key_update().load(conn)?,
    })
}

/// Counts a change of what holds in streams that have ended, too, whose logs do not say so. The channel is held.
/// Errors: [`Error::NotFound`].
pub(crate) fn count_news(tx: &mut Tx, host: UserId) -> Result<()> {
    let counted = diesel::update(channels::table.find(host)).set(channels::news.eq(channels::news + 1));
    found(counted.execute(tx.conn())?)
}

/// The count of such changes.
pub(crate) fn news(conn: &mut Conn, host: UserId) -> Result<News> {
    let news: Option<i64> = channels::table.find(host).select(channels::news).first(conn).optional()?;
    Ok(News(news.unwrap_or(0)))
}

/// Makes a stream, in which holds from the beginning what holds in the channel.
/// Errors: [`Conflict::TooMany`] where its host has as many that have not ended as there may be.
pub(crate) fn create_stream(tx: &mut Tx, new: &NewStream, now: Millis) -> Result<Stream> {
    lock(tx, new.host_id)?;
    let open = rows::table.filter(rows::host_id.eq(new.host_id).and(rows::status.ne(Status::Ended)));
    let count: i64 = open.count().get_result(tx.conn())?;
    if count >= OPEN_STREAMS_MAX {
        return Err(Error::Conflict(Conflict::TooMany));
    }
    let stream = streams::create(tx, new, now)?;
    let settings = settings::of_channel(tx, new.host_id)?.over(&Settings::default());
    streams::set_settings(tx, new.id, &settings)?;
    Ok(Stream { settings, ..stream })
}
