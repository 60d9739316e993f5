//! Comments of a stretch of a stream, in the order of its time: what a replay asks for, however long the log is.
//! It must not know who may read what.

use super::{Comment, CommentColumns, Filter, Order, search, shown};
use crate::{
    domain::{Millis, Seq, StreamId},
    store::{connection::Conn, error::Result, page::Page, schema::comments},
};
use diesel::prelude::*;

/// A stretch of a stream, in milliseconds after its start; open where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    /// Those from here on.
    pub from: Option<i64>,
    /// Those before this time.
    pub to: Option<i64>,
}

/// The comments of `span` that are shown, by their time, and where that is the same by their number; from behind the one at
/// `after` on. Times and numbers run alike but for comments that were stored at once, and clocks that were set back.
pub(crate) fn list_by_time(
    conn: &mut Conn,
    stream_id: StreamId,
    filter: &Filter,
    span: Span,
    after: Option<(Millis, Seq)>,
    limit: usize,
) -> Result<Page<Comment, (Millis, Seq)>> {
    let mut query = search::narrowed(conn, stream_id, filter, shown(stream_id, filter, limit))?;
    if let Some(from) = span.from {
        query = query.filter(comments::offset_ms.ge(from));
    }
    if let Some(to) = span.to {
        query = query.filter(comments::offset_ms.lt(to));
    }
    // The bound alone comes first, since an index is entered by it.
    query = match (filter.order, after) {
        (Order::Asc, Some((Millis(at), seq))) => query
            .filter(comments::offset_ms.ge(at))
            .filter(comments::offset_ms.gt(at).or(comments::seq.gt(seq).assume_not_null())),
        (Order::Desc, Some((Millis(at), seq))) => query
            .filter(comments::offset_ms.le(at))
            .filter(comments::offset_ms.lt(at).or(comments::seq.lt(seq).assume_not_null())),
        (_, None) => query,
    };
    query = match filter.order {
        Order::Asc => query.order((comments::offset_ms.asc(), comments::seq.asc())),
        Order::Desc => query.order((comments::offset_ms.desc(), comments::seq.desc())),
    };
    let rows: Vec<CommentColumns> = query.load(conn)?;
    let page = Page::cut(rows, limit, |row| {
        (Millis(row.offset_ms.unwrap_or_default()), row.seq.unwrap_or_default())
    });
    Ok(page.map(Comment::from))
}
