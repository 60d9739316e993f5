//! Streams: what they are, and how they change. Lists of them are in `list`.
//! It must not know who may change what, nor how a text is folded.

pub(crate) mod heads;
pub(crate) mod ingest;
pub(crate) mod list;
pub(crate) mod lock;
pub(crate) mod pictures;
pub(crate) mod rows;
pub(crate) mod stats;

use self::{
    lock::lock_stream,
    rows::{SettingsColumns, StreamColumns},
};
use super::{
    connection::{Conn, each},
    database::trigrams,
    error::{Conflict, Error, Result, found},
    schema::{stream_tags, streams, users},
    transaction::Tx,
};
use crate::domain::{Millis, Settings, Status, StreamId, UserId, Visibility};
use diesel::{dsl::InnerJoin, prelude::*};
use std::collections::HashMap;

pub(crate) use self::{
    list::{Filter, Key, PublicPage, Sort, list, public_pages},
    lock::{change_rules, count_news, lock, now, rules},
    rows::{NewStream, Patch, Stream, Tag},
};

#[derive(AsChangeset)]
#[diesel(table_name = streams)]
struct PatchColumns<'a> {
    title: Option<&'a str>,
    description: Option<&'a str>,
    search_key: Option<&'a str>,
    visibility: Option<Visibility>,
    scheduled_for: Option<Option<i64>>,
    playback_url: Option<Option<&'a str>>,
    updated_at: Millis,
}

/// Makes a stream.
pub(crate) fn create(tx: &mut Tx, new: &NewStream, now: Millis) -> Result<Stream> {
    diesel::insert_into(streams::table)
        .values((
            streams::id.eq(new.id),
            streams::host_id.eq(new.host_id),
            streams::title.eq(&new.title),
            streams::description.eq(&new.description),
            streams::search_key.eq(&new.search_key),
            streams::visibility.eq(new.visibility),
            streams::status.eq(Status::Scheduled),
            streams::scheduled_for.eq(new.scheduled_for.map(|at| at.0)),
            streams::playback_url.eq(&new.playback_url),
            (streams::created_at.eq(now), streams::updated_at.eq(now), streams::host_seen_at.eq(now)),
            (streams::version.eq(1), streams::last_seq.eq(0)),
            (streams::comment_count.eq(0), streams::peak_viewers.eq(0), streams::rules_version.eq(0)),
            streams::news.eq(0),
            SettingsColumns::from(&Settings::default()),
        ))
        .execute(tx.conn())?;
    put_tags(tx, new.id, &new.tags)?;
    by_id(tx, new.id)?.ok_or(Error::NotFound)
}

fn put_tags(tx: &mut Tx, id: StreamId, tags: &[Tag]) -> Result<()> {
    diesel::delete(stream_tags::table.filter(stream_tags::stream_id.eq(id))).execute(tx.conn())?;
    let rows: Vec<_> = tags
        .iter()
        .zip(0..)
        .map(|(tag, position): (&Tag, i32)| {
            (
                stream_tags::stream_id.eq(id),
                stream_tags::position.eq(position),
                stream_tags::tag.eq(tag.text.as_str()),
                stream_tags::tag_key.eq(tag.key.as_str()),
            )
        })
        .collect();
    if !rows.is_empty() {
        each!(tx.conn(), conn => diesel::insert_into(stream_tags::table).values(&rows).execute(conn))?;
    }
    Ok(())
}

/// Streams with their hosts.
pub(crate) fn joined() -> InnerJoin<streams::table, users::table> {
    streams::table.inner_join(users::table)
}

/// The stream, whoever may see it.
pub(crate) fn by_id(conn: &mut Conn, id: StreamId) -> Result<Option<Stream>> {
    Ok(by_ids(conn, &[id])?.pop())
}

/// Whose stream it is.
/// Errors: [`Error::NotFound`].
pub(crate) fn host(conn: &mut Conn, id: StreamId) -> Result<UserId> {
    Ok(streams::table.find(id).select(streams::host_id).first(conn)?)
}

/// Those of these streams that exist, in no order, whoever may see them.
pub(crate) fn by_ids(conn: &mut Conn, ids: &[StreamId]) -> Result<Vec<Stream>> {
    let ids = ids.iter().map(StreamId::to_string);
    let rows = joined().filter(streams::id.eq_any(ids)).select(StreamColumns::as_select()).load(conn)?;
    with_tags(conn, rows)
}

pub(crate) fn with_tags(conn: &mut Conn, rows: Vec<StreamColumns>) -> Result<Vec<Stream>> {
    let ids = rows.iter().map(|row| row.id.to_string());
    let tags: Vec<(StreamId, String)> = stream_tags::table
        .filter(stream_tags::stream_id.eq_any(ids))
        .order((stream_tags::stream_id, stream_tags::position))
        .select((stream_tags::stream_id, stream_tags::tag))
        .load(conn)?;
    let mut by_stream: HashMap<StreamId, Vec<String>> = HashMap::new();
    for (id, tag) in tags {
        by_stream.entry(id).or_default().push(tag);
    }
    let stream = |row: StreamColumns| {
        let tags = by_stream.remove(&row.id).unwrap_or_default();
        row.with_tags(tags)
    };
    Ok(rows.into_iter().map(stream).collect())
}

/// Edits a stream, if it still is of the version that the caller has seen.
/// Errors: [`Error::NotFound`]; [`Conflict::Stale`].
pub(crate) fn update(
    tx: &mut Tx,
    id: StreamId,
    patch: &Patch,
    expected: Option<i64>,
    now: Millis,
) -> Result<Stream> {
    lock_stream(tx, id)?;
    bump(tx, id, expected)?;
    let columns = PatchColumns {
        title: patch.title.as_deref(),
        description: patch.description.as_deref(),
        search_key: patch.search_key.as_deref(),
        visibility: patch.visibility,
        scheduled_for: patch.scheduled_for.map(|at| at.map(|at| at.0)),
        playback_url: patch.playback_url.as_ref().map(Option::as_deref),
        updated_at: now,
    };
    diesel::update(streams::table.find(id)).set(columns).execute(tx.conn())?;
    if let Some(tags) = &patch.tags {
        put_tags(tx, id, tags)?;
    }
    by_id(tx, id)?.ok_or(Error::NotFound)
}

/// Gives the stream its next version.
fn bump(tx: &mut Tx, id: StreamId, expected: Option<i64>) -> Result<()> {
    let version: i64 = diesel::update(streams::table.find(id))
        .set(streams::version.eq(streams::version + 1))
        .returning(streams::version)
        .get_result(tx.conn())?;
    match expected {
        Some(expected) if expected + 1 != version => Err(Error::Conflict(Conflict::Stale)),
        _ => Ok(()),
    }
}

/// Starts or ends a stream.
/// Errors: [`Error::NotFound`]; [`Conflict::Transition`].
pub(crate) fn transition(tx: &mut Tx, id: StreamId, to: Status, now: Millis) -> Result<Stream> {
    let stream = lock_stream(tx, id)?;
    let from = stream.status;
    let to = from.become_(to).map_err(|refused| Error::Conflict(Conflict::Transition(refused)))?;
    bump(tx, id, None)?;
    let row = streams::table.find(id);
    let now_is_it = (streams::status.eq(to), streams::updated_at.eq(now));
    match to {
        Status::Live => diesel::update(row)
            .set((now_is_it, streams::started_at.eq(now), streams::host_seen_at.eq(now)))
            .execute(tx.conn())?,
        _ => diesel::update(row)
            .set((now_is_it, streams::ended_at.eq(stream.not_before_start(now))))
            .execute(tx.conn())?,
    };
    by_id(tx, id)?.ok_or(Error::NotFound)
}

/// Changes what holds in the room; the version stays.
/// Errors: [`Error::NotFound`].
pub(crate) fn set_settings(tx: &mut Tx, id: StreamId, settings: &Settings) -> Result<()> {
    found(diesel::update(streams::table.find(id)).set(SettingsColumns::from(settings)).execute(tx.conn())?)
}

/// Removes a stream with all that belongs to it.
/// Errors: [`Error::NotFound`].
pub(crate) fn delete(tx: &mut Tx, id: StreamId) -> Result<()> {
    let comments: Option<i64> =
        streams::table.find(id).select(streams::comment_count).first(tx.conn()).optional()?;
    trigrams::taking_out(tx, comments.unwrap_or(0) as usize, |tx| {
        found(diesel::delete(streams::table.find(id)).execute(tx.conn())?)
    })
}

/// Notes that the host is in the room.
pub fn touch_host_seen(tx: &mut Tx, id: StreamId, now: Millis) -> Result<()> {
    diesel::update(streams::table.find(id)).set(streams::host_seen_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// A stream on air, and when its host was last seen there.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub(crate) struct OnAir {
    pub id: StreamId,
    pub host_id: UserId,
    /// The last sight of the host.
    pub host_seen_at: Millis,
}

/// All streams on air.
pub(crate) fn on_air(conn: &mut Conn) -> Result<Vec<OnAir>> {
    Ok(streams::table
        .filter(streams::status.eq(Status::Live))
        .order(streams::id)
        .select((streams::id, streams::host_id, streams::host_seen_at))
        .load(conn)?)
}

/// All streams of a host.
pub(crate) fn of_host(conn: &mut Conn, host: UserId) -> Result<Vec<StreamId>> {
    Ok(streams::table.filter(streams::host_id.eq(host)).select(streams::id).load(conn)?)
}
