//! Where SQLite's table of trigrams says that a text may be: the numbers of comments, of which few or none do not have it.
//! It must not know who may read what.

use crate::{
    domain::{Seq, StreamId},
    store::{
        comments::{Filter, Order},
        connection::Conn,
        error::Result,
    },
};
use diesel::{
    OptionalExtension, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Text},
};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// So many trigrams of a long text are asked for: each more costs time, and makes less of a difference.
const TRIGRAMS: usize = 16;
/// So many places of a word in all logs are looked at, in some 2 ms. A word that is in more is met soon by whoever reads a log.
const PLACES: usize = 20_000;

/// What the table is asked for, of one stream.
pub(super) enum Sought {
    /// All these trigrams, as FTS5 takes them; by the rows of the stream.
    Trigrams { terms: String, rows: RangeInclusive<i64> },
    /// A word of one letter or two begins a trigram of each comment that has it, since two signs stand behind every text.
    Word(BTreeSet<i64>),
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

impl Sought {
    /// None where no text is sought, where the database finds it by itself, and where the table is of no help.
    pub(super) fn of(conn: &mut Conn, stream_id: StreamId, filter: &Filter) -> Result<Option<Self>> {
        let Some(key) = filter.q_key.as_ref().filter(|_| matches!(conn, Conn::Sqlite(_))) else {
            return Ok(None);
        };
        let Some(rows) = rows_of(conn, stream_id)? else { return Ok(Some(Self::Word(BTreeSet::new()))) };
        let letters: Vec<char> = key.chars().collect();
        match letters.len() {
            0 => Ok(None),
            1 | 2 => Self::word(conn, &rows, key),
            _ => Ok(Some(Self::Trigrams { terms: terms(&letters), rows })),
        }
    }

    fn word(conn: &mut Conn, rows: &RangeInclusive<i64>, word: &str) -> Result<Option<Self>> {
        let sql = "SELECT doc AS id FROM comment_letters WHERE term >= ? AND term <= ? LIMIT ?";
        let places: Vec<Row> = sql_query(sql)
            .bind::<Text, _>(word)
            .bind::<Text, _>(format!("{word}{}", char::MAX))
            .bind::<BigInt, _>(PLACES as i64 + 1)
            .load(conn)?;
        if places.len() > PLACES {
            return Ok(None);
        }
        let of_stream = places.into_iter().filter(|place| rows.contains(&place.id));
        Ok(Some(Self::Word(of_stream.map(|place| place.id - rows.start()).collect())))
    }

    /// The numbers of the next comments, at most `count`.
    pub(super) fn candidates(
        &self,
        conn: &mut Conn,
        order: Order,
        after: Option<Seq>,
        count: usize,
    ) -> Result<Vec<i64>> {
        let numbers = match order {
            Order::Desc => 0..=after.map_or(LAST, |seq| seq.0 - 1),
            Order::Asc => after.map_or(0, |seq| seq.0 + 1)..=LAST,
        };
        match (self, order) {
            (Self::Trigrams { terms, rows }, _) => with_all(conn, terms, rows, numbers, order, count),
            (Self::Word(all), _) if numbers.is_empty() || all.is_empty() => Ok(Vec::new()),
            (Self::Word(all), Order::Desc) => Ok(all.range(numbers).rev().take(count).copied().collect()),
            (Self::Word(all), Order::Asc) => Ok(all.range(numbers).take(count).copied().collect()),
        }
    }
}

/// The last number that a row of a stream can have: of its id, the lower half.
const LAST: i64 = u32::MAX as i64;

/// The rows of a stream; none where it is gone.
fn rows_of(conn: &mut Conn, stream_id: StreamId) -> Result<Option<RangeInclusive<i64>>> {
    let sql = "SELECT number << 32 AS id FROM search_streams WHERE stream_id = ?";
    let first: Option<Row> =
        sql_query(sql).bind::<Text, _>(stream_id.to_string()).get_result(conn).optional()?;
    Ok(first.map(|first| first.id..=first.id + LAST))
}

fn terms(letters: &[char]) -> String {
    let all: BTreeSet<String> = letters.windows(3).map(|trigram| trigram.iter().collect()).collect();
    let step = all.len().div_ceil(TRIGRAMS);
    let quoted = all.iter().step_by(step).map(|trigram| format!("\"{}\"", trigram.replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(" AND ")
}

/// The numbers of the comments that have all these trigrams.
fn with_all(
    conn: &mut Conn,
    terms: &str,
    rows: &RangeInclusive<i64>,
    numbers: RangeInclusive<i64>,
    order: Order,
    count: usize,
) -> Result<Vec<i64>> {
    let way = match order {
        Order::Desc => "DESC",
        Order::Asc => "ASC",
    };
    let sql = format!(
        "SELECT rowid AS id FROM comment_trigrams WHERE comment_trigrams MATCH ? AND rowid BETWEEN ? AND ? \
         ORDER BY rowid {way} LIMIT ?"
    );
    let found: Vec<Row> = sql_query(sql)
        .bind::<Text, _>(terms)
        .bind::<BigInt, _>(rows.start() + numbers.start())
        .bind::<BigInt, _>((rows.start() + numbers.end()).min(*rows.end()))
        .bind::<BigInt, _>(count as i64)
        .load(conn)?;
    Ok(found.into_iter().map(|row| row.id - rows.start()).collect())
}
