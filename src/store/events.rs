//! The numbered log of each stream: one `seq` without holes over comments and all other events.
//! It must not know what an event means; its payload is opaque text.

use super::{
    Comment,
    comments::{CommentColumns, joined},
    connection::{Conn, each},
    error::{Error, Result},
    schema::{comments, events, streams},
    streams::lock::take_numbers,
    transaction::Tx,
};
use crate::domain::{AnnouncementId, CommentId, Millis, QuestionId, Seq, StreamId, UserId};
use diesel::prelude::*;
use std::iter::Peekable;

/// An event to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Its type on the wire.
    pub kind: String,
    /// The comment it shows: once that is deleted, the event reads back as a tombstone.
    pub comment_id: Option<CommentId>,
    /// The question it shows: once that is deleted, another event takes its place.
    pub question_id: Option<QuestionId>,
    /// The account whose name it shows: once that is deleted, the name is taken out.
    pub user_id: Option<UserId>,
    /// The rest, opaque here.
    pub payload: String,
    /// Whether it says what holds in the whole channel, and stands in the logs of all its streams.
    pub of_channel: bool,
}

/// One numbered place in a stream's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Logged {
    pub seq: Seq,
    /// When it got it.
    pub ts: Millis,
    /// What is there.
    pub body: Body,
}

/// What is at a place of the log.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A comment came.
    Comment(Box<Comment>),
    /// Something that showed a comment which is deleted now.
    Tombstone {
        comment_id: CommentId,
        /// When it was deleted.
        deleted_at: Millis,
    },
    Event {
        /// Its type on the wire.
        kind: String,
        /// The rest, opaque here.
        payload: String,
    },
}

/// Numbers events and stores them; `now` is that of an act that holds the stream.
/// Errors: [`Error::NotFound`] where the stream is gone.
pub fn append(tx: &mut Tx, stream_id: StreamId, now: Millis, new: Vec<NewEvent>) -> Result<Vec<Logged>> {
    let first = take_numbers(tx, stream_id, new.len())?;
    let rows: Vec<_> = new
        .iter()
        .zip(first.0..)
        .map(|(event, seq)| {
            (
                events::stream_id.eq(stream_id),
                events::seq.eq(seq),
                events::ts.eq(now),
                events::kind.eq(event.kind.as_str()),
                events::comment_id.eq(event.comment_id.map(|id| id.to_string())),
                events::question_id.eq(event.question_id.map(|id| id.to_string())),
                events::user_id.eq(event.user_id.map(|id| id.to_string())),
                events::payload.eq(event.payload.as_str()),
                events::of_channel.eq(event.of_channel),
            )
        })
        .collect();
    each!(tx.conn(), conn => diesel::insert_into(events::table).values(&rows).execute(conn))?;
    let numbered = new.into_iter().zip(first.0..);
    Ok(numbered
        .map(|(event, seq)| Logged {
            seq: Seq(seq),
            ts: now,
            body: Body::Event { kind: event.kind, payload: event.payload },
        })
        .collect())
}

/// Puts what is left of a question at the place of each event that showed it.
pub(crate) fn bury_question(tx: &mut Tx, id: QuestionId, tombstone: &NewEvent) -> Result<()> {
    diesel::update(events::table.filter(events::question_id.eq(id.to_string())))
        .set((events::kind.eq(tombstone.kind.as_str()), events::payload.eq(tombstone.payload.as_str())))
        .execute(tx.conn())?;
    Ok(())
}

/// Puts what is left of an announcement at the place of the event that showed it, found by the id that it holds.
pub(crate) fn bury_announcement(
    tx: &mut Tx,
    stream_id: StreamId,
    id: AnnouncementId,
    tombstone: &NewEvent,
) -> Result<()> {
    let shown = events::table
        .filter(events::stream_id.eq(stream_id).and(events::kind.eq("announcement.created")))
        .filter(events::payload.like(format!("%\"id\":\"{id}\"%")));
    diesel::update(shown)
        .set((events::kind.eq(tombstone.kind.as_str()), events::payload.eq(tombstone.payload.as_str())))
        .execute(tx.conn())?;
    Ok(())
}

/// Puts what `without_name` makes of its kind and payload at the place of each event that shows an account's name.
pub(crate) fn forget_name(
    tx: &mut Tx,
    id: UserId,
    without_name: &dyn Fn(&str, &str) -> Option<String>,
) -> Result<()> {
    let shown: Vec<(StreamId, Seq, String, String)> = events::table
        .filter(events::user_id.eq(id.to_string()))
        .select((events::stream_id, events::seq, events::kind, events::payload))
        .load(tx.conn())?;
    for (stream_id, seq, kind, payload) in shown {
        let Some(payload) = without_name(&kind, &payload) else { continue };
        diesel::update(events::table.find((stream_id, seq)))
            .set(events::payload.eq(payload))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// The number given last; 0 before the first. `None` where there is no such stream.
pub(crate) fn head(conn: &mut Conn, stream_id: StreamId) -> Result<Option<Seq>> {
    Ok(streams::table.find(stream_id).select(streams::last_seq).first(conn).optional()?)
}

/// What follows `after`, in order and without holes, at most `limit` places.
pub(crate) fn after(conn: &mut Conn, stream_id: StreamId, after: Seq, limit: i64) -> Result<Vec<Logged>> {
    let comments = comments_after(conn, stream_id, after, limit)?;
    let events = events_after(conn, stream_id, after, limit)?;
    let merged = merge(comments.into_iter().peekable(), events.into_iter().peekable());
    // Where the two queries did not see one moment, the end can have a hole; what is behind it comes with the next call.
    let whole = merged.zip(after.next().0..).take_while(|(logged, seq)| logged.seq.0 == *seq);
    Ok(whole.map(|(logged, _)| logged).take(limit.max(0) as usize).collect())
}

fn comments_after(conn: &mut Conn, stream_id: StreamId, after: Seq, limit: i64) -> Result<Vec<Logged>> {
    let rows: Vec<CommentColumns> = joined()
        .filter(comments::stream_id.eq(stream_id).and(comments::seq.gt(after)))
        .order(comments::seq.asc())
        .limit(limit)
        .select(CommentColumns::as_select())
        .load(conn)?;
    rows.into_iter().map(place_of_comment).collect()
}

/// The place of a comment that has a number.
pub(crate) fn place_of_comment(row: CommentColumns) -> Result<Logged> {
    let (Some(seq), Some(ts)) = (row.seq, row.logged_at) else {
        return Err(Error::internal("a comment in the log has no number"));
    };
    let body = match row.deleted_at {
        Some(deleted_at) => Body::Tombstone { comment_id: row.id, deleted_at },
        None => Body::Comment(Box::new(row.into())),
    };
    Ok(Logged { seq, ts, body })
}

type EventColumns = (Seq, Millis, String, String, Option<CommentId>, Option<Millis>);

fn events_after(conn: &mut Conn, stream_id: StreamId, after: Seq, limit: i64) -> Result<Vec<Logged>> {
    let rows: Vec<EventColumns> = events::table
        .left_join(comments::table.on(comments::id.nullable().eq(events::comment_id)))
        .filter(events::stream_id.eq(stream_id).and(events::seq.gt(after)))
        .order(events::seq.asc())
        .limit(limit)
        .select((
            events::seq,
            events::ts,
            events::kind,
            events::payload,
            events::comment_id,
            comments::deleted_at.nullable(),
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(place_of_event).collect())
}

fn place_of_event((seq, ts, kind, payload, comment_id, deleted_at): EventColumns) -> Logged {
    let body = match (comment_id, deleted_at) {
        (Some(comment_id), Some(deleted_at)) => Body::Tombstone { comment_id, deleted_at },
        _ => Body::Event { kind, payload },
    };
    Logged { seq, ts, body }
}

/// Two ordered parts of a log as one.
fn merge(
    mut left: Peekable<impl Iterator<Item = Logged>>,
    mut right: Peekable<impl Iterator<Item = Logged>>,
) -> impl Iterator<Item = Logged> {
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(a), Some(b)) if a.seq < b.seq => left.next(),
        (_, Some(_)) => right.next(),
        (_, None) => left.next(),
    })
}
