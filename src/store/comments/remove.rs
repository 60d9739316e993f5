//! How comments go: emptied, but left as tombstones where they had a number.
//! It must not know who may delete them.

use super::{self as read, State, append::add_to_count};
use crate::{
    domain::{CommentId, Millis, StreamId, UserId},
    store::{
        Comment,
        database::trigrams,
        error::Result,
        schema::{comments, events, reports, streams},
        streams::lock::lock_stream,
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// A comment that was deleted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Removed {
    /// As it was.
    pub comment: Comment,
    /// Whether it was pinned, which it is no longer.
    pub was_pinned: bool,
}

/// Deletes a comment that is visible or held; `None` where there is none. Its place in the log becomes a tombstone.
/// The event that says so is the caller's to append.
pub(crate) fn delete(
    tx: &mut Tx,
    stream_id: StreamId,
    id: CommentId,
    now: Millis,
) -> Result<Option<Removed>> {
    lock_stream(tx, stream_id)?;
    let Some(comment) = read::by_id_in_any_state(tx, stream_id, id)? else {
        return Ok(None);
    };
    if comment.state == State::Rejected {
        return Ok(None);
    }
    let was_pinned = blank(tx, stream_id, &[(id, comment.state)], now)?;
    Ok(Some(Removed { comment, was_pinned }))
}

/// Deletes all that an account wrote in a stream; says which comments. The event `comments.purged` is the caller's to append.
/// Errors: [`crate::store::Error::NotFound`] where the stream is gone.
pub(crate) fn purge(
    tx: &mut Tx,
    stream_id: StreamId,
    user_id: UserId,
    now: Millis,
) -> Result<Vec<CommentId>> {
    lock_stream(tx, stream_id)?;
    let written: Vec<(CommentId, State)> = comments::table
        .filter(comments::stream_id.eq(stream_id).and(comments::user_id.eq(user_id)))
        .filter(comments::deleted_at.is_null())
        .select((comments::id, comments::state))
        .load(tx.conn())?;
    trigrams::taking_out(tx, written.len(), |tx| {
        written.chunks(10_000).try_for_each(|some| blank(tx, stream_id, some, now).map(drop))
    })?;
    Ok(written.into_iter().map(|(id, _)| id).collect())
}

/// Leaves of comments what a tombstone needs; says whether one was pinned.
fn blank(tx: &mut Tx, stream_id: StreamId, written: &[(CommentId, State)], now: Millis) -> Result<bool> {
    let ids: Vec<String> = written.iter().map(|(id, _)| id.to_string()).collect();
    let no_text = None::<&str>;
    diesel::update(comments::table.filter(comments::id.eq_any(&ids)))
        .set((
            comments::deleted_at.eq(now),
            comments::content.eq(""),
            comments::search_key.eq(""),
            comments::style_mode.eq(no_text),
            comments::style_color.eq(None::<i32>),
            comments::style_size.eq(no_text),
        ))
        .execute(tx.conn())?;
    let open = reports::table.filter(reports::comment_id.eq_any(&ids).and(reports::resolved_at.is_null()));
    diesel::update(open).set(reports::resolved_at.eq(now)).execute(tx.conn())?;
    // A reason may quote what was deleted.
    let about = reports::table.filter(reports::comment_id.eq_any(&ids));
    diesel::update(about).set(reports::reason.eq(no_text)).execute(tx.conn())?;
    bury_comments(tx, &ids)?;
    let visible = written.iter().filter(|(_, state)| *state == State::Visible).count();
    add_to_count(tx, stream_id, -(visible as i64))?;
    let pinned = streams::table.find(stream_id).filter(streams::pinned_comment_id.eq_any(&ids));
    let unpinned = diesel::update(pinned).set(streams::pinned_comment_id.eq(no_text)).execute(tx.conn())?;
    Ok(unpinned > 0)
}

/// Empties what shows comments that are deleted: each of these places reads back as a tombstone.
fn bury_comments(tx: &mut Tx, ids: &[String]) -> Result<()> {
    diesel::update(events::table.filter(events::comment_id.eq_any(ids)))
        .set(events::payload.eq("{}"))
        .execute(tx.conn())?;
    Ok(())
}
