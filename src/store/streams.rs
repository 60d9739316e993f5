//! Streams: what they are, and how they change. Lists of them are in `stream_list`.
//! It must not know who may change what, nor how a text is folded.

use super::{
    comment_log::lock_stream,
    conn::{Conn, each},
    error::{Conflict, Error, Result},
    schema::{stream_tags, streams, users},
    tx::Tx,
    users::{Person, found},
};
use crate::domain::{
    ids::{CommentId, StreamId, UserId},
    settings::{CommentsBy, LinkPolicy, Settings},
    stream::{Seq, Status, Visibility},
    time::Millis,
};
use diesel::{dsl::InnerJoin, prelude::*};
use std::collections::HashMap;

pub use super::stream_list::{Filter, Sort, list};

/// A stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Which.
    pub id: StreamId,
    /// Whose.
    pub host: Person,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// As written, in their order.
    pub tags: Vec<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Where it is in its life.
    pub status: Status,
    /// When it is to start.
    pub scheduled_for: Option<Millis>,
    /// Where the video is.
    pub playback_url: Option<String>,
    /// When it started.
    pub started_at: Option<Millis>,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last edited, started or ended.
    pub updated_at: Millis,
    /// Counts edits, start and end.
    pub version: i64,
    /// When its host was last in the room.
    pub host_seen_at: Millis,
    /// Head of its log.
    pub last_seq: Seq,
    /// Comments that are shown.
    pub comment_count: i64,
    /// The most viewers there ever were at once.
    pub peak_viewers: i64,
    /// The comment that is pinned.
    pub pinned_comment_id: Option<CommentId>,
    /// What holds in its room.
    pub settings: Settings,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = streams)]
pub(super) struct StreamColumns {
    pub(super) id: StreamId,
    #[diesel(embed)]
    host: Person,
    title: String,
    description: String,
    visibility: Visibility,
    status: Status,
    pub(super) scheduled_for: Option<Millis>,
    playback_url: Option<String>,
    started_at: Option<Millis>,
    ended_at: Option<Millis>,
    pub(super) created_at: Millis,
    updated_at: Millis,
    version: i64,
    host_seen_at: Millis,
    last_seq: Seq,
    comment_count: i64,
    peak_viewers: i64,
    pinned_comment_id: Option<CommentId>,
    #[diesel(embed)]
    settings: SettingsColumns,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = streams)]
pub(super) struct SettingsColumns {
    comments_by: CommentsBy,
    slow_mode_s: i32,
    min_account_age_s: i32,
    repeat_window_s: i32,
    links: LinkPolicy,
    hold_all: bool,
}

impl From<SettingsColumns> for Settings {
    fn from(row: SettingsColumns) -> Self {
        Settings {
            comments: row.comments_by,
            slow_mode_s: row.slow_mode_s as u32,
            min_account_age_s: row.min_account_age_s as u32,
            repeat_window_s: row.repeat_window_s as u32,
            links: row.links,
            hold_all: row.hold_all,
        }
    }
}

impl From<&Settings> for SettingsColumns {
    fn from(settings: &Settings) -> Self {
        SettingsColumns {
            comments_by: settings.comments,
            slow_mode_s: settings.slow_mode_s as i32,
            min_account_age_s: settings.min_account_age_s as i32,
            repeat_window_s: settings.repeat_window_s as i32,
            links: settings.links,
            hold_all: settings.hold_all,
        }
    }
}

impl StreamColumns {
    fn with_tags(self, tags: Vec<String>) -> Stream {
        Stream {
            id: self.id,
            host: self.host,
            title: self.title,
            description: self.description,
            tags,
            visibility: self.visibility,
            status: self.status,
            scheduled_for: self.scheduled_for,
            playback_url: self.playback_url,
            started_at: self.started_at,
            ended_at: self.ended_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
            host_seen_at: self.host_seen_at,
            last_seq: self.last_seq,
            comment_count: self.comment_count,
            peak_viewers: self.peak_viewers,
            pinned_comment_id: self.pinned_comment_id,
            settings: self.settings.into(),
        }
    }
}

/// A tag, and its folded form for searching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// As written.
    pub text: String,
    /// Folded.
    pub key: String,
}

/// A stream to be: scheduled, with the usual settings.
#[derive(Clone, Debug)]
pub struct NewStream {
    /// Which.
    pub id: StreamId,
    /// Whose.
    pub host_id: UserId,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Title and description, folded.
    pub search_key: String,
    /// In their order.
    pub tags: Vec<Tag>,
    /// Who may see it.
    pub visibility: Visibility,
    /// When it is to start.
    pub scheduled_for: Option<Millis>,
    /// Where the video is.
    pub playback_url: Option<String>,
}

/// What to change of a stream; `None` keeps, `Some(None)` clears.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// Its title.
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Title and description as they will be, folded; needed where either changes.
    pub search_key: Option<String>,
    /// All of them.
    pub tags: Option<Vec<Tag>>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// When it is to start.
    pub scheduled_for: Option<Option<Millis>>,
    /// Where the video is.
    pub playback_url: Option<Option<String>>,
}

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
///
/// # Errors
/// Those of the database.
pub fn create(tx: &mut Tx, new: &NewStream, now: Millis) -> Result<Stream> {
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
            (streams::comment_count.eq(0), streams::peak_viewers.eq(0)),
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
pub(super) fn joined() -> InnerJoin<streams::table, users::table> {
    streams::table.inner_join(users::table)
}

/// The stream, whoever may see it.
///
/// # Errors
/// Those of the database.
pub fn by_id(conn: &mut Conn, id: StreamId) -> Result<Option<Stream>> {
    Ok(by_ids(conn, &[id])?.pop())
}

/// Those of these streams that exist, in no order, whoever may see them.
///
/// # Errors
/// Those of the database.
pub fn by_ids(conn: &mut Conn, ids: &[StreamId]) -> Result<Vec<Stream>> {
    let ids = ids.iter().map(StreamId::to_string);
    let rows = joined().filter(streams::id.eq_any(ids)).select(StreamColumns::as_select()).load(conn)?;
    with_tags(conn, rows)
}

pub(super) fn with_tags(conn: &mut Conn, rows: Vec<StreamColumns>) -> Result<Vec<Stream>> {
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
///
/// # Errors
/// [`Error::NotFound`]; [`Conflict::Stale`].
pub fn update(
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
///
/// # Errors
/// [`Error::NotFound`]; [`Conflict::Transition`].
pub fn transition(tx: &mut Tx, id: StreamId, to: Status, now: Millis) -> Result<Stream> {
    let from = lock_stream(tx, id)?.status;
    let to = from.become_(to).map_err(|refused| Error::Conflict(Conflict::Transition(refused)))?;
    bump(tx, id, None)?;
    let row = streams::table.find(id);
    let now_is_it = (streams::status.eq(to), streams::updated_at.eq(now));
    match to {
        Status::Live => diesel::update(row)
            .set((now_is_it, streams::started_at.eq(now), streams::host_seen_at.eq(now)))
            .execute(tx.conn())?,
        _ => diesel::update(row).set((now_is_it, streams::ended_at.eq(now))).execute(tx.conn())?,
    };
    by_id(tx, id)?.ok_or(Error::NotFound)
}

/// Changes what holds in the room; the version stays.
///
/// # Errors
/// [`Error::NotFound`].
pub fn set_settings(tx: &mut Tx, id: StreamId, settings: &Settings) -> Result<()> {
    found(diesel::update(streams::table.find(id)).set(SettingsColumns::from(settings)).execute(tx.conn())?)
}

/// Removes a stream with all that belongs to it.
///
/// # Errors
/// [`Error::NotFound`].
pub fn delete(tx: &mut Tx, id: StreamId) -> Result<()> {
    found(diesel::delete(streams::table.find(id)).execute(tx.conn())?)
}

/// Notes that the host is in the room.
///
/// # Errors
/// Those of the database.
pub fn touch_host_seen(tx: &mut Tx, id: StreamId, now: Millis) -> Result<()> {
    diesel::update(streams::table.find(id)).set(streams::host_seen_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// Streams on air whose host was last seen before `before`.
///
/// # Errors
/// Those of the database.
pub fn abandoned(conn: &mut Conn, before: Millis) -> Result<Vec<StreamId>> {
    Ok(streams::table
        .filter(streams::status.eq(Status::Live).and(streams::host_seen_at.lt(before)))
        .select(streams::id)
        .load(conn)?)
}
