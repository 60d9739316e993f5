//! What is kept of the pictures of streams: which runs there are, whose disk each is on, and how large it is.
//! It must not know files, nor when something is kept.

use super::{
    connection::{Conn, each},
    error::{Error, Result},
    schema::{recording_numbers as numbers, recordings, streams},
    streams::lock::lock_stream,
    transaction::Tx,
};
use crate::domain::{Millis, Status, StreamId, UserId, stream::recording::RecordingState};
use diesel::{dsl::sql, prelude::*, sql_types::BigInt};

/// A sum is a `NUMERIC` in PostgreSQL, and nothing where there are no rows.
const ALL_BYTES: &str = "COALESCE(CAST(SUM(recordings.bytes) AS BIGINT), 0)";

/// A run that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewRun {
    pub stream: StreamId,
    pub keeper: Keeper,
    /// From the start of the stream to the first picture, in milliseconds.
    pub offset_ms: i64,
    /// As playlists name them.
    pub codecs: String,
    /// Of its pictures, in pixels.
    pub size: (u16, u16),
    pub at: Millis,
}

/// The node on whose disk a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keeper {
    pub node: String,
    /// Where other nodes reach that; none where its operator has not said it.
    pub url: Option<String>,
}

/// Which run of which stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RunId {
    pub stream: StreamId,
    /// Counts up from 1 within the stream, and goes on above those that were deleted.
    pub run: i32,
}

/// How much of a run there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// How long it shows, in milliseconds.
    pub duration_ms: i64,
    /// Of its file.
    pub bytes: i64,
}

/// A run of which something is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub id: RunId,
    pub keeper: Keeper,
    /// From the start of the stream to its first picture, in milliseconds.
    pub offset_ms: i64,
    pub size: Size,
    pub codecs: String,
    /// Of its pictures, in pixels.
    pub width: i32,
    /// Of its pictures, in pixels.
    pub height: i32,
    /// Whether more may come.
    pub is_open: bool,
    /// When it was begun.
    pub created_at: Millis,
}

impl Run {
    /// Tells it from one that had its number before, and was deleted.
    pub(crate) fn version(&self) -> i64 {
        self.created_at.0
    }
}

/// A stream whose picture is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub stream: StreamId,
    pub host: UserId,
    /// What came before this is not kept: nobody has seen it but host and moderators.
    pub started_at: Millis,
}

/// Begins a run, which gets the next number of its stream: none comes back with another film.
/// Errors: [`Error::NotFound`] of a stream that is gone or has ended, whose recording may be complete already.
pub(crate) fn begin(tx: &mut Tx, new: &NewRun) -> Result<RunId> {
    if lock_stream(tx, new.stream)?.status != Status::Live {
        return Err(Error::NotFound);
    }
    let id = RunId { stream: new.stream, run: take_number(tx, new.stream)? };
    diesel::insert_into(recordings::table)
        .values((
            recordings::stream_id.eq(id.stream),
            recordings::run.eq(id.run),
            recordings::node.eq(&new.keeper.node),
            recordings::node_url.eq(&new.keeper.url),
            recordings::offset_ms.eq(new.offset_ms),
            recordings::duration_ms.eq(0),
            recordings::bytes.eq(0),
            recordings::codecs.eq(&new.codecs),
            recordings::width.eq(i32::from(new.size.0)),
            recordings::height.eq(i32::from(new.size.1)),
            recordings::is_open.eq(true),
            recordings::created_at.eq(new.at),
        ))
        .execute(tx.conn())?;
    Ok(id)
}

/// The next number of a stream that no run has ever had.
fn take_number(tx: &mut Tx, stream: StreamId) -> Result<i32> {
    let last: Option<i32> = numbers::table.find(stream).select(numbers::last).first(tx.conn()).optional()?;
    // A server of an earlier version beside this one counts from the runs that are there.
    let of_runs = recordings::table.filter(recordings::stream_id.eq(stream));
    let there: Option<i32> = of_runs.select(diesel::dsl::max(recordings::run)).first(tx.conn())?;
    let next = last.max(there).unwrap_or(0) + 1;
    each!(tx.conn(), conn => diesel::insert_into(numbers::table)
        .values((numbers::stream_id.eq(stream), numbers::last.eq(next)))
        .on_conflict(numbers::stream_id)
        .do_update()
        .set(numbers::last.eq(next))
        .execute(conn))?;
    Ok(next)
}

/// Says how much there is of a run, and whether more may come. One that is gone stays so.
pub(crate) fn measure(tx: &mut Tx, id: RunId, size: Size, is_open: bool) -> Result<()> {
    diesel::update(recordings::table.find((id.stream, id.run)))
        .set((
            recordings::duration_ms.eq(size.duration_ms),
            recordings::bytes.eq(size.bytes),
            recordings::is_open.eq(is_open),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Says how much there is of a run, and that no more comes; whether it was open until then.
pub(crate) fn close(tx: &mut Tx, id: RunId, size: Size) -> Result<bool> {
    let was_open = is_open(tx, id)?;
    measure(tx, id, size, false)?;
    Ok(was_open)
}

/// Says whose disk a run is on: a node may have another name than before.
pub(crate) fn adopt(tx: &mut Tx, id: RunId, keeper: &Keeper) -> Result<()> {
    diesel::update(recordings::table.find((id.stream, id.run)))
        .set((recordings::node.eq(&keeper.node), recordings::node_url.eq(&keeper.url)))
        .execute(tx.conn())?;
    Ok(())
}

/// Nothing is kept of a run any more; whether it was open until then.
pub(crate) fn remove(tx: &mut Tx, id: RunId) -> Result<bool> {
    let was_open = is_open(tx, id)?;
    diesel::delete(recordings::table.find((id.stream, id.run))).execute(tx.conn())?;
    Ok(was_open)
}

fn is_open(tx: &mut Tx, id: RunId) -> Result<bool> {
    let run = recordings::table.find((id.stream, id.run)).select(recordings::is_open);
    Ok(run.first(tx.conn()).optional()? == Some(true))
}

/// Nothing is kept of a stream any more; whose disk it was on removes the files.
pub(crate) fn remove_all(tx: &mut Tx, stream: StreamId) -> Result<()> {
    diesel::delete(recordings::table.filter(recordings::stream_id.eq(stream))).execute(tx.conn())?;
    Ok(())
}

/// The runs of a stream, the first one first.
pub(crate) fn of_stream(conn: &mut Conn, stream: StreamId) -> Result<Vec<Run>> {
    let all = recordings::table.filter(recordings::stream_id.eq(stream));
    Ok(all.order(recordings::run).load::<Row>(conn)?.into_iter().map(Run::from).collect())
}

/// What there is of a stream's picture in all its runs.
pub(crate) fn state(status: Status, runs: &[Run]) -> RecordingState {
    match status != Status::Ended || runs.iter().any(|run| run.is_open) {
        _ if runs.is_empty() => RecordingState::None,
        true => RecordingState::Recording,
        false => RecordingState::Ready,
    }
}

/// Runs as they follow each other in a recording, each with where it begins there, in milliseconds.
pub(crate) fn placed(runs: &[Run]) -> impl Iterator<Item = (i64, &Run)> {
    runs.iter().scan(0, |end_ms, run| {
        let begins_ms = *end_ms;
        *end_ms += run.size.duration_ms;
        Some((begins_ms, run))
    })
}

/// A recording of which nothing more comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Complete {
    /// Whose it is.
    pub host: UserId,
    /// All runs together, in milliseconds.
    pub duration_ms: i64,
    /// How many there are.
    pub runs: i64,
}

/// The recording of a stream, if it is complete: the stream has ended, and no run is open.
pub(crate) fn complete(conn: &mut Conn, stream: StreamId) -> Result<Option<Complete>> {
    let ended = streams::table.find(stream).filter(streams::status.eq(Status::Ended));
    let Some(host) = ended.select(streams::host_id).first(conn).optional()? else { return Ok(None) };
    let runs = of_stream(conn, stream)?;
    if state(Status::Ended, &runs) != RecordingState::Ready {
        return Ok(None);
    }
    let duration_ms = runs.iter().map(|run| run.size.duration_ms).sum();
    Ok(Some(Complete { host, duration_ms, runs: runs.len() as i64 }))
}

/// Whether anything is kept of a run, on whatever disk.
pub(crate) fn is_there(conn: &mut Conn, id: RunId) -> Result<bool> {
    let row = recordings::table.find((id.stream, id.run)).select(recordings::run);
    Ok(row.first::<i32>(conn).optional()?.is_some())
}

/// The runs on a node's disk.
pub(crate) fn of_node(conn: &mut Conn, node: &str) -> Result<Vec<RunId>> {
    let theirs = recordings::table.filter(recordings::node.eq(node));
    let rows: Vec<(StreamId, i32)> = theirs.select((recordings::stream_id, recordings::run)).load(conn)?;
    Ok(rows.into_iter().map(|(stream, run)| RunId { stream, run }).collect())
}

/// The runs on a node's disk that are complete and began before that.
pub(crate) fn of_before(conn: &mut Conn, node: &str, before: Millis) -> Result<Vec<RunId>> {
    let complete = recordings::node.eq(node).and(recordings::is_open.eq(false));
    let rows: Vec<(StreamId, i32)> = recordings::table
        .filter(complete.and(recordings::created_at.lt(before)))
        .select((recordings::stream_id, recordings::run))
        .load(conn)?;
    Ok(rows.into_iter().map(|(stream, run)| RunId { stream, run }).collect())
}

/// Bytes of all files on a node's disk.
pub(crate) fn bytes_of_node(conn: &mut Conn, node: &str) -> Result<i64> {
    let theirs = recordings::table.filter(recordings::node.eq(node));
    Ok(theirs.select(sql::<BigInt>(ALL_BYTES)).first(conn)?)
}

/// Bytes of all files of a host, on whatever disk.
pub(crate) fn bytes_of_host(conn: &mut Conn, host: UserId) -> Result<i64> {
    let theirs = recordings::table.inner_join(streams::table).filter(streams::host_id.eq(host));
    Ok(theirs.select(sql::<BigInt>(ALL_BYTES)).first(conn)?)
}

/// Which of these streams are to be kept: those that have started, and whose host wants it. One that has ended is among them, so
/// that its last picture is not lost.
pub(crate) fn wanted(conn: &mut Conn, ids: &[StreamId]) -> Result<Vec<Wanted>> {
    let ids: Vec<String> = ids.iter().map(StreamId::to_string).collect();
    let rows: Vec<(StreamId, UserId, Option<Millis>)> = streams::table
        .filter(streams::id.eq_any(&ids).and(streams::record).and(streams::status.ne(Status::Scheduled)))
        .select((streams::id, streams::host_id, streams::started_at))
        .load(conn)?;
    let wanted = |(stream, host, at): (_, _, Option<_>)| Some(Wanted { stream, host, started_at: at? });
    Ok(rows.into_iter().filter_map(wanted).collect())
}

/// A row as it lies there.
#[derive(Queryable)]
struct Row {
    stream: StreamId,
    run: i32,
    node: String,
    url: Option<String>,
    offset_ms: i64,
    duration_ms: i64,
    bytes: i64,
    codecs: String,
    width: i32,
    height: i32,
    is_open: bool,
    created_at: Millis,
}

impl From<Row> for Run {
    fn from(row: Row) -> Self {
        Run {
            id: RunId { stream: row.stream, run: row.run },
            keeper: Keeper { node: row.node, url: row.url },
            offset_ms: row.offset_ms,
            size: Size { duration_ms: row.duration_ms, bytes: row.bytes },
            codecs: row.codecs,
            width: row.width,
            height: row.height,
            is_open: row.is_open,
            created_at: row.created_at,
        }
    }
}
