//! Finds comments by the trigrams of a text. In SQLite a table of them says which comments may contain it, and their texts are then
//! looked at; PostgreSQL does both by itself, with an index. It must not know who may read what.

use super::{CommentColumns, Filter, Order, Shown, in_order, shown};
use crate::{
    domain::{Seq, StreamId},
    store::{connection::Conn, error::Result, page::one_more, schema::comments},
};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use std::collections::BTreeSet;

/// So many candidates are looked at together.
const AT_ONCE: usize = 500;
/// More candidates than this are not few: where they do not fill a page, the log is read.
const FEW: usize = 2_000;
/// So many trigrams of a long text are asked for: each more costs time, and makes less of a difference.
const TRIGRAMS: usize = 16;

/// What the table of trigrams is asked for. None where the text has no trigram, and where the database finds it by itself.
fn terms(conn: &Conn, filter: &Filter) -> Option<String> {
    let key: Vec<char> = filter.q_key.as_ref()?.chars().collect();
    if key.len() < 3 || !matches!(conn, Conn::Sqlite(_)) {
        return None;
    }
    let all: BTreeSet<String> = key.windows(3).map(|trigram| trigram.iter().collect()).collect();
    let step = all.len().div_ceil(TRIGRAMS);
    let quoted = all.iter().step_by(step).map(|trigram| format!("\"{}\"", trigram.replace('"', "\"\"")));
    Some(quoted.collect::<Vec<_>>().join(" AND "))
}

/// The rows of a page of comments that contain the text, from behind `after` on; one more than `limit` where there are more.
/// None for those of one author, where there is nothing to find them by, or it does not help: many have the trigrams of the text, and few the text.
pub(super) fn list(
    conn: &mut Conn,
    stream_id: StreamId,
    filter: &Filter,
    after: Option<Seq>,
    limit: usize,
) -> Result<Option<Vec<CommentColumns>>> {
    let Some(terms) = terms(conn, filter).filter(|_| filter.user_id.is_none()) else { return Ok(None) };
    let (mut found, mut after) = (Vec::new(), after);
    for _ in 0..FEW / AT_ONCE {
        let candidates = candidates(conn, stream_id, &terms, filter.order, after, AT_ONCE)?;
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
    let Some(terms) = terms(conn, filter) else { return Ok(query) };
    let candidates = candidates(conn, stream_id, &terms, Order::Desc, None, FEW + 1)?;
    Ok(if candidates.len() <= FEW { among(candidates, query) } else { query })
}

fn among(numbers: Vec<i64>, query: Shown<'_>) -> Shown<'_> {
    query.filter(comments::seq.assume_not_null().eq_any(numbers))
}

#[derive(QueryableByName)]
struct Candidate {
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

/// The numbers of the next comments of a stream that have all these trigrams, at most `count`.
fn candidates(
    conn: &mut Conn,
    stream_id: StreamId,
    terms: &str,
    order: Order,
    after: Option<Seq>,
    count: usize,
) -> Result<Vec<i64>> {
    let (bounds, way) = match order {
        Order::Desc => ((0, after.map_or(i64::from(u32::MAX), |seq| seq.0 - 1)), "DESC"),
        Order::Asc => ((after.map_or(0, |seq| seq.0 + 1), i64::from(u32::MAX)), "ASC"),
    };
    let sql = format!(
        "SELECT comment_trigrams.rowid & 4294967295 AS seq \
         FROM (SELECT number << 32 AS first FROM search_streams WHERE stream_id = ?) CROSS JOIN comment_trigrams \
         WHERE comment_trigrams MATCH ? AND comment_trigrams.rowid BETWEEN first + ? AND first + ? \
         ORDER BY comment_trigrams.rowid {way} LIMIT ?"
    );
    let query = sql_query(sql)
        .bind::<Text, _>(stream_id.to_string())
        .bind::<Text, _>(terms)
        .bind::<BigInt, _>(bounds.0)
        .bind::<BigInt, _>(bounds.1)
        .bind::<BigInt, _>(count as i64);
    let found: Vec<Candidate> = query.load(conn)?;
    Ok(found.into_iter().map(|candidate| candidate.seq).collect())
}
