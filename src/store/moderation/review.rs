//! What waits for moderators: held comments, and visible ones that viewers reported.
//! It must not know who is a moderator.

use crate::{
    domain::{CommentId, Millis, StreamId, UserId},
    store::{
        Comment,
        comments::{self as read, CommentColumns, State, append::add_to_count, joined},
        connection::{Conn, each},
        error::{Error, Result, found},
        events::{Logged, place_of_comment},
        page::{Page, one_more},
        schema::{comments, reports},
        streams::lock::{lock_stream, take_numbers},
        transaction::Tx,
    },
};
use diesel::prelude::*;
use std::collections::HashMap;

/// A comment that waits for a moderator.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Waiting {
    /// Held, or visible and reported.
    pub comment: Comment,
    pub reports: i64,
}

/// What waits, in a stream or, where none is named, in all of them; oldest first, from behind `after` on.
pub(crate) fn held(
    conn: &mut Conn,
    stream_id: Option<StreamId>,
    after: Option<CommentId>,
    limit: usize,
) -> Result<Page<Waiting, CommentId>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let reported = reports::table.filter(reports::resolved_at.is_null()).select(reports::comment_id);
    let mut query = joined().filter(comments::deleted_at.is_null()).into_boxed();
    if let Some(stream_id) = stream_id {
        query = query.filter(comments::stream_id.eq(stream_id));
    }
    let rows: Vec<CommentColumns> = query
        .filter(comments::state.eq(State::Held).or(comments::id.eq_any(reported)))
        .filter(comments::id.gt(after))
        .order(comments::id.asc())
        .limit(one_more(limit))
        .select(CommentColumns::as_select())
        .load(conn)?;
    let page = Page::cut(rows, limit, |row| row.id);
    let ids = page.items.iter().map(|row| row.id.to_string());
    let counts: Vec<(CommentId, i64)> = reports::table
        .filter(reports::comment_id.eq_any(ids).and(reports::resolved_at.is_null()))
        .group_by(reports::comment_id)
        .select((reports::comment_id, diesel::dsl::count_star()))
        .load(conn)?;
    let counts: HashMap<CommentId, i64> = counts.into_iter().collect();
    Ok(page.map(|row| Waiting { reports: counts.get(&row.id).copied().unwrap_or(0), comment: row.into() }))
}

/// How many comments wait.
pub(crate) fn held_count(conn: &mut Conn, stream_id: StreamId) -> Result<i64> {
    let reported = reports::table
        .filter(reports::stream_id.eq(stream_id).and(reports::resolved_at.is_null()))
        .select(reports::comment_id);
    Ok(comments::table
        .filter(comments::stream_id.eq(stream_id).and(comments::deleted_at.is_null()))
        .filter(comments::state.eq(State::Held).or(comments::id.eq_any(reported)))
        .count()
        .get_result(conn)?)
}

/// Shows a held comment: it takes its number and offset now.
/// Errors: [`Error::NotFound`] where no such comment is held; [`crate::store::Conflict::StreamEnded`].
pub(crate) fn approve(tx: &mut Tx, stream_id: StreamId, id: CommentId, now: Millis) -> Result<Logged> {
    let stream = lock_stream(tx, stream_id)?;
    must_be(tx, stream_id, id, State::Held)?;
    stream.not_ended()?;
    let seq = take_numbers(tx, stream_id, 1)?;
    add_to_count(tx, stream_id, 1)?;
    diesel::update(comments::table.find(id))
        .set((
            comments::state.eq(State::Visible),
            comments::seq.eq(seq),
            comments::logged_at.eq(now),
            comments::offset_ms.eq(stream.offset_ms(now)),
        ))
        .execute(tx.conn())?;
    let row = joined().filter(comments::id.eq(id)).select(CommentColumns::as_select()).first(tx.conn())?;
    place_of_comment(row)
}

/// Decides against a held comment. That is kept, for its author to be told so again, but not the text.
/// Errors: [`Error::NotFound`] where no such comment is held.
pub(crate) fn reject(tx: &mut Tx, stream_id: StreamId, id: CommentId) -> Result<Comment> {
    lock_stream(tx, stream_id)?;
    let comment = must_be(tx, stream_id, id, State::Held)?;
    diesel::update(comments::table.find(id))
        .set((comments::state.eq(State::Rejected), comments::content.eq(""), comments::search_key.eq("")))
        .execute(tx.conn())?;
    Ok(Comment { state: State::Rejected, ..comment })
}

fn must_be(tx: &mut Tx, stream_id: StreamId, id: CommentId, state: State) -> Result<Comment> {
    let comment = read::by_id_in_any_state(tx, stream_id, id)?.filter(|comment| comment.state == state);
    comment.ok_or(Error::NotFound)
}

/// Notes that a viewer reported a visible comment; `false` where they had before.
/// Errors: [`Error::NotFound`] where no such comment is visible.
pub(crate) fn report(
    tx: &mut Tx,
    stream_id: StreamId,
    id: CommentId,
    user_id: UserId,
    reason: Option<&str>,
    now: Millis,
) -> Result<bool> {
    must_be(tx, stream_id, id, State::Visible)?;
    let row = (
        reports::comment_id.eq(id),
        reports::user_id.eq(user_id),
        reports::stream_id.eq(stream_id),
        reports::reason.eq(reason),
        reports::created_at.eq(now),
    );
    let inserted = each!(tx.conn(), conn => diesel::insert_into(reports::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(inserted > 0)
}

/// Closes the open reports of a visible comment that may stay.
/// Errors: [`Error::NotFound`] where it has none.
pub(crate) fn resolve_reports(tx: &mut Tx, stream_id: StreamId, id: CommentId, now: Millis) -> Result<()> {
    let open = reports::table
        .filter(reports::stream_id.eq(stream_id).and(reports::comment_id.eq(id)))
        .filter(reports::resolved_at.is_null());
    found(diesel::update(open).set(reports::resolved_at.eq(now)).execute(tx.conn())?)
}
