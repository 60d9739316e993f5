//! Searching what was said: both databases find what a reader of the whole stream would, and nothing that is gone.

mod trigrams;

use super::{NOW, Person, TestDatabase, append, new_comment, on_both};
use crate::{
    domain::{Seq, StreamId},
    store::{
        comments::{self, Filter, NewComment, Order, Span},
        connection::{Conn, each},
        moderation::review,
        streams,
    },
};
use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Text},
};

/// All that is found of a text, page by page.
fn found(database: &TestDatabase, stream_id: StreamId, q: &str, order: Order) -> Vec<String> {
    let filter = Filter { q_key: Some(q.to_owned()), order, user_id: None };
    let mut found: Vec<String> = Vec::new();
    let mut after: Option<Seq> = None;
    loop {
        let page = database.read(|conn| comments::list(conn, stream_id, &filter, after, 40));
        found.extend(page.items.into_iter().map(|comment| comment.content));
        after = page.next;
        if after.is_none() {
            return found;
        }
    }
}

/// The same of one author, as a stretch of time, in no order.
fn found_by_time(database: &TestDatabase, stream_id: StreamId, q: &str, author: &Person) -> Vec<String> {
    let filter = Filter { q_key: Some(q.to_owned()), order: Order::Asc, user_id: Some(author.id) };
    let page =
        database.read(|conn| comments::list_by_time(conn, stream_id, &filter, Span::default(), None, 10_000));
    let mut found: Vec<String> = page.items.into_iter().map(|comment| comment.content).collect();
    found.sort();
    found
}

/// Numbers that look random and are the same in every run (the generator of Knuth's MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

const LETTERS: [&str; 15] = ["a", "b", "b", "c", " ", "\"", "'", "%", "_", "\\", "*", "é", "弾", "幕", "🎉"];

/// More than are asked for at once, and more than are few; in a stream between two others with the same words.
fn a_search_finds_what_a_reader_of_the_whole_stream_would(database: &TestDatabase) {
    let ana = database.user("ana");
    let streams = [database.stream(&ana), database.stream(&ana), database.stream(&ana)];
    let mut numbers = Numbers(7);
    let texts: Vec<String> = (0..2_600)
        .map(|n| {
            let letters = (0..3 + numbers.below(12)).map(|_| LETTERS[numbers.below(LETTERS.len())]);
            let common = if n % 8 == 0 { "" } else { " the heth" };
            letters.collect::<String>() + common
        })
        .collect();
    for stream_id in streams {
        for texts in texts.chunks(100) {
            let new: Vec<NewComment> = texts.iter().map(|text| new_comment(&ana, text)).collect();
            database.write(|tx| append(tx, stream_id, &new));
        }
    }

    let part = |numbers: &mut Numbers| {
        let text: Vec<char> = texts[numbers.below(texts.len())].chars().collect();
        let start = numbers.below(text.len());
        text[start..(start + 1 + numbers.below(7)).min(text.len())].iter().collect::<String>()
    };
    let mut parts: Vec<String> = (0..60).map(|_| part(&mut numbers)).collect();
    parts.extend(
        [
            "the",
            " the",
            "nowhere",
            "\"\"\"",
            "***",
            "弾幕弾",
            "NEAR",
            "\" OR \"",
            "theth",
            "t",
            "h",
            "th",
            "zz",
            "x",
            "弾",
            "弾幕",
            "🎉",
        ]
        .map(str::to_owned),
    );
    for q in parts {
        let mut expected: Vec<&String> = texts.iter().filter(|text| text.contains(&q)).collect();
        assert!(found(database, streams[1], &q, Order::Asc).iter().eq(expected.iter().copied()), "{q:?}");
        let newest_first = found(database, streams[1], &q, Order::Desc);
        assert!(newest_first.iter().eq(expected.iter().rev().copied()), "{q:?}");
        expected.sort();
        assert!(found_by_time(database, streams[1], &q, &ana).iter().eq(expected.iter().copied()), "{q:?}");
    }
}

fn what_waits_is_not_found_until_it_is_approved(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let held = database.mutters(stream_id, &ana, "perhaps");
    assert!(found(database, stream_id, "perhaps", Order::Asc).is_empty());
    database.write(|tx| review::approve(tx, stream_id, held, NOW));
    assert_eq!(found(database, stream_id, "perhaps", Order::Asc), ["perhaps"]);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many pages of the search have these letters; PostgreSQL's index holds no letters of what it has let go of.
fn pages_with(database: &TestDatabase, letters: &str) -> Option<i64> {
    let sql = "SELECT count(*) AS count FROM comment_trigrams_data WHERE instr(block, CAST(? AS BLOB)) > 0";
    database.read(|conn| match conn {
        Conn::Sqlite(conn) => {
            let Count { count } = sql_query(sql).bind::<Text, _>(letters).get_result(conn)?;
            Ok(Some(count))
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => Ok(None),
    })
}

fn what_is_deleted_is_found_no_more_and_leaves_the_pages(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let (stream_id, other) = (database.stream(&ana), database.stream(&ana));
    database.says(stream_id, &ana, "what stays");
    let deleted = database.says(stream_id, &ana, "qzx deleted");
    database.says(stream_id, &bo, "qvj purged");
    database.says(other, &ana, "qkw of a stream that ends");
    let gone = ["qzx", "qvj", "qkw"];
    for letters in gone {
        assert!(pages_with(database, letters).is_none_or(|pages| pages > 0), "{letters}");
    }
    database.write(|tx| comments::delete(tx, stream_id, deleted.id, NOW));
    database.write(|tx| comments::purge(tx, stream_id, bo.id, NOW));
    database.write(|tx| streams::delete(tx, other));
    for letters in gone {
        assert!(found(database, stream_id, letters, Order::Asc).is_empty());
        assert!(pages_with(database, letters).is_none_or(|pages| pages == 0), "{letters}");
    }
    assert_eq!(found(database, stream_id, "stays", Order::Asc), ["what stays"]);
    let little = database.stream(&ana);
    database.says(little, &ana, "qfj of a stream that ends among others");
    let many: Vec<NewComment> = (0..100).map(|n| new_comment(&ana, &format!("word {n}"))).collect();
    database.posts(stream_id, many);
    assert!(pages_with(database, "qfj").is_none_or(|pages| pages > 0));
    database.write(|tx| streams::delete(tx, little));
    assert!(pages_with(database, "qfj").is_none_or(|pages| pages == 0));
    assert_eq!(found(database, stream_id, "word 77", Order::Asc), ["word 77"]);
    let next = database.stream(&ana);
    assert!(found(database, next, "qkw", Order::Asc).is_empty());
}

/// Runs a file of two migrations.
macro_rules! run {
    ($database:expr, $migration:literal) => {
        $database.write(|tx| {
            let sql = match tx.conn() {
                Conn::Sqlite(_) => include_str!(concat!("../../../../migrations/sqlite/", $migration)),
                #[cfg(feature = "postgres")]
                Conn::Postgres(_) => include_str!(concat!("../../../../migrations/postgres/", $migration)),
            };
            each!(tx.conn(), conn => conn.batch_execute(sql))?;
            Ok(())
        })
    };
}

fn what_was_said_before_there_was_an_index_is_found_by_it(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let gone = database.says(stream_id, &ana, "older, and gone");
    database.says(stream_id, &ana, "older");
    database.write(|tx| comments::delete(tx, stream_id, gone.id, NOW));
    run!(database, "0015_short_words/down.sql");
    run!(database, "0014_search/down.sql");
    run!(database, "0014_search/up.sql");
    database.says(stream_id, &ana, "not so old, but older");
    run!(database, "0015_short_words/up.sql");
    database.says(stream_id, &ana, "newer and older");
    let all = ["older", "not so old, but older", "newer and older"];
    assert_eq!(found(database, stream_id, "older", Order::Asc), all);
    assert_eq!(found(database, stream_id, "er", Order::Asc), all);
}

on_both! {
    a_search_finds_what_a_reader_of_the_whole_stream_would,
    what_waits_is_not_found_until_it_is_approved,
    what_is_deleted_is_found_no_more_and_leaves_the_pages,
    what_was_said_before_there_was_an_index_is_found_by_it,
}
