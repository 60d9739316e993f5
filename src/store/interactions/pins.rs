//! The one comment that a stream shows above the others.
//! It must not know how it is shown.

use crate::{
    domain::{CommentId, StreamId},
    store::{
        Comment, comments as read,
        connection::Conn,
        error::{Error, Result},
        schema::streams,
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// Pins a visible comment in the place of any other. `None` where it was pinned already.
/// Errors: [`Error::NotFound`] where no such comment is visible.
pub(crate) fn set(tx: &mut Tx, stream_id: StreamId, id: CommentId) -> Result<Option<Comment>> {
    crate::store::streams::lock::lock_stream(tx, stream_id)?;
    let comment = read::by_id(tx, stream_id, id)?.ok_or(Error::NotFound)?;
    let other = streams::table
        .find(stream_id)
        .filter(streams::pinned_comment_id.is_null().or(streams::pinned_comment_id.ne(id)).assume_not_null());
    let changed = diesel::update(other).set(streams::pinned_comment_id.eq(id)).execute(tx.conn())?;
    Ok((changed > 0).then_some(comment))
}

/// Unpins; `false` where nothing was pinned.
pub(crate) fn clear(tx: &mut Tx, stream_id: StreamId) -> Result<bool> {
    let pinned = streams::table.find(stream_id).filter(streams::pinned_comment_id.is_not_null());
    let none = None::<&str>;
    Ok(diesel::update(pinned).set(streams::pinned_comment_id.eq(none)).execute(tx.conn())? > 0)
}

pub(crate) fn pinned(conn: &mut Conn, stream_id: StreamId) -> Result<Option<Comment>> {
    let id: Option<Option<CommentId>> =
        streams::table.find(stream_id).select(streams::pinned_comment_id).first(conn).optional()?;
    match id.flatten() {
        Some(id) => read::by_id(conn, stream_id, id),
        None => Ok(None),
    }
}
