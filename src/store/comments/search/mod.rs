//! Finds comments by the trigrams of a text. In SQLite a table of them says which comments may contain it, and their texts are then
//! looked at; PostgreSQL does both by itself, with an index. It must not know who may read what.

mod sought;

use self::sought::Sought;
use super::{CommentColumns, Filter, Order, Shown, in_order, shown};
use crate::{
    domain::{Seq, StreamId},
    store::{connection::Conn, error::Result, page::one_more, schema::comments},
};
use diesel::prelude::*;

/// So many candidates are looked at together.
const AT_ONCE: usize = 500;
/// More candidates than this are not few: where they do not fill a page, the log is read.
const FEW: usize = 2_000;

/// The rows of a page of comments that contain the text, from behind `after` on; one more than `limit` where there are more.
/// None for those of one author, where there is nothing to find them by, or it does not help: many have the trigrams of the text, and few the text.
pub(super) fn list(
    conn: &mut Conn,
    stream_id: StreamId,
    filter: &Filter,
    after: Option<Seq>,
    limit: usize,
) -> Result<Option<Vec<CommentColumns>>> {
    let Some(sought) = Sought::of(conn, stream_id, filter)?.filter(|_| filter.user_id.is_none()) else {
        return Ok(None);
    };
    let (mut found, mut after) = (Vec::new(), after);
    for _ in 0..FEW / AT_ONCE {
        let candidates = sought.candidates(conn, filter.order, after, AT_ONCE)?;
        after = candidates.last().copied().map(Seq);
        let is_all = candidates.len() < AT_ONCE;
        let query = among(candidates, shown(stream_id, filter, limit));
        let rows: Vec<CommentColumns> = in_order(query, filter.order).load(conn)?;
        found.extend(rows);
        if is_all || found.len() as i64 >= one_more(limit) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The same query, of those comments alone that may contain the text, where they are few.
pub(super) fn narrowed<'a>(
    conn: &mut Conn,
    stream_id: StreamId,
    filter: &Filter,
    query: Shown<'a>,
) -> Result<Shown<'a>> {
    let Some(sought) = Sought::of(conn, stream_id, filter)? else { return Ok(query) };
    let candidates = sought.candidates(conn, Order::Desc, None, FEW + 1)?;
    Ok(if candidates.len() <= FEW { among(candidates, query) } else { query })
}

fn among(numbers: Vec<i64>, query: Shown<'_>) -> Shown<'_> {
    query.filter(comments::seq.assume_not_null().eq_any(numbers))
}
