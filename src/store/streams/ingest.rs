//! What encoders send to: the generation of each key, where a key that was shown leads, and what happens when a picture comes.
//! It must not know how a key is made, nor how a picture travels.

use crate::{
    domain::{
        Status, StreamId, UserId,
        stream::ingest_key::{KeyGeneration, KeyOf},
    },
    store::{
        connection::{Conn, each},
        error::{Result, found},
        schema::{ingest_keys, streams, users},
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// What a stream does with a picture that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ingest {
    /// Of the key in force.
    pub generation: KeyGeneration,
    /// Whether the first picture starts the stream.
    pub auto_start: bool,
    /// Whether it is to be kept.
    pub record: bool,
}

/// A stream as an encoder needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub stream: StreamId,
    pub host: UserId,
    pub status: Status,
    /// Whether the host is an operator.
    pub is_admins: bool,
}

/// What a stream does with a picture.
/// Errors: [`crate::store::Error::NotFound`].
pub(crate) fn of_stream(conn: &mut Conn, id: StreamId) -> Result<Ingest> {
    let (generation, auto_start, record): (i64, bool, bool) = streams::table
        .find(id)
        .select((streams::ingest_generation, streams::auto_start, streams::record))
        .first(conn)?;
    Ok(Ingest { generation: KeyGeneration(generation), auto_start, record })
}

/// Changes what a stream does with a picture; none keeps.
/// Errors: [`crate::store::Error::NotFound`].
pub(crate) fn set(tx: &mut Tx, id: StreamId, auto_start: Option<bool>, record: Option<bool>) -> Result<()> {
    let before = of_stream(tx, id)?;
    let after = (
        streams::auto_start.eq(auto_start.unwrap_or(before.auto_start)),
        streams::record.eq(record.unwrap_or(before.record)),
    );
    found(diesel::update(streams::table.find(id)).set(after).execute(tx.conn())?)
}

/// The generation of the key in force.
/// Errors: [`crate::store::Error::NotFound`].
pub(crate) fn generation(conn: &mut Conn, of: KeyOf) -> Result<KeyGeneration> {
    let generation: i64 = match of {
        KeyOf::Stream(id) => streams::table.find(id).select(streams::ingest_generation).first(conn)?,
        KeyOf::Account(id) => users::table.find(id).select(users::ingest_generation).first(conn)?,
    };
    Ok(KeyGeneration(generation))
}

/// Makes the key in force worthless, and says of which generation the next is.
/// Errors: [`crate::store::Error::NotFound`].
pub(crate) fn rotate(tx: &mut Tx, of: KeyOf) -> Result<KeyGeneration> {
    let next = generation(tx, of)?.next();
    match of {
        KeyOf::Stream(id) => {
            let row = diesel::update(streams::table.find(id));
            row.set(streams::ingest_generation.eq(next.0)).execute(tx.conn())?;
            diesel::delete(ingest_keys::table.filter(ingest_keys::stream_id.eq(id))).execute(tx.conn())?
        }
        KeyOf::Account(id) => {
            let row = diesel::update(users::table.find(id));
            row.set(users::ingest_generation.eq(next.0)).execute(tx.conn())?;
            diesel::delete(ingest_keys::table.filter(ingest_keys::user_id.eq(id))).execute(tx.conn())?
        }
    };
    Ok(next)
}

/// Notes where the key of this digest leads, so that it is found when an encoder shows nothing else.
pub(crate) fn note_shown(tx: &mut Tx, digest: &str, of: KeyOf) -> Result<()> {
    let (stream, user) = match of {
        KeyOf::Stream(id) => (Some(id.to_string()), None),
        KeyOf::Account(id) => (None, Some(id.to_string())),
    };
    let row =
        (ingest_keys::digest.eq(digest), ingest_keys::stream_id.eq(stream), ingest_keys::user_id.eq(user));
    each!(tx.conn(), conn => diesel::insert_into(ingest_keys::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(())
}

/// Where the key of this digest leads, if it was ever shown and has not been rotated.
pub(crate) fn by_digest(conn: &mut Conn, digest: &str) -> Result<Option<KeyOf>> {
    let row: Option<(Option<StreamId>, Option<UserId>)> = ingest_keys::table
        .find(digest)
        .select((ingest_keys::stream_id, ingest_keys::user_id))
        .first(conn)
        .optional()?;
    Ok(row.and_then(|(stream, user)| stream.map(KeyOf::Stream).or(user.map(KeyOf::Account))))
}

/// A stream as an encoder needs it; none where there is none, or its host is disabled or gone.
pub(crate) fn target_of(conn: &mut Conn, id: StreamId) -> Result<Option<Target>> {
    let row = streams::table
        .inner_join(users::table)
        .filter(streams::id.eq(id).and(users::disabled_at.is_null()).and(users::deleted_at.is_null()))
        .select((streams::id, streams::host_id, streams::status, users::is_admin))
        .first(conn)
        .optional()?;
    Ok(row.map(|(stream, host, status, is_admins)| Target { stream, host, status, is_admins }))
}

/// The stream that an account's key leads to: the one on air that started last, else the one scheduled soonest, else the
/// newest without a time.
pub(crate) fn target_of_account(conn: &mut Conn, host: UserId) -> Result<Option<Target>> {
    let of_host = || streams::table.filter(streams::host_id.eq(host)).select(streams::id);
    let live: Option<StreamId> = of_host()
        .filter(streams::status.eq(Status::Live))
        .order((streams::started_at.desc(), streams::id.desc()))
        .first(conn)
        .optional()?;
    let scheduled = || of_host().filter(streams::status.eq(Status::Scheduled));
    let soonest: Option<StreamId> = scheduled()
        .filter(streams::scheduled_for.is_not_null())
        .order((streams::scheduled_for.asc(), streams::id.asc()))
        .first(conn)
        .optional()?;
    let newest: Option<StreamId> = scheduled().order(streams::id.desc()).first(conn).optional()?;
    match live.or(soonest).or(newest) {
        Some(id) => target_of(conn, id),
        None => Ok(None),
    }
}

/// The streams of a host that have not ended.
pub(crate) fn open_streams_of(conn: &mut Conn, host: UserId) -> Result<Vec<StreamId>> {
    Ok(streams::table
        .filter(streams::host_id.eq(host).and(streams::status.ne(Status::Ended)))
        .select(streams::id)
        .load(conn)?)
}
