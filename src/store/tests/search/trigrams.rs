//! Keeping SQLite's table of trigrams short: nothing is lost by it, and what was only marked leaves the pages.
//! It must not know when a server does so.

use super::{
    super::{NOW, TestDatabase, append, new_comment, on_both},
    Count, found, pages_with,
};
use crate::store::{
    account_end,
    comments::{self, NewComment, Order},
    connection::Conn,
    database::trigrams,
    events::NewEvent,
};
use diesel::{RunQueryDsl, sql_query};

fn all_steps(database: &TestDatabase) -> usize {
    (0..).find(|_| !database.write(trigrams::step)).unwrap()
}

fn count(database: &TestDatabase, sql: &str) -> Option<i64> {
    database.read(|conn| match conn {
        Conn::Sqlite(conn) => {
            let Count { count } = sql_query(sql).get_result(conn)?;
            Ok(Some(count))
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(_) => Ok(None),
    })
}

/// Of how many parts the table is; one for each commit, at first.
fn parts(database: &TestDatabase) -> Option<i64> {
    count(database, "SELECT count(DISTINCT segid) AS count FROM comment_trigrams_idx")
}

fn what_many_commits_wrote_becomes_one_part(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    for n in 0..40 {
        database.says(stream_id, &ana, &format!("comment {n} of many"));
    }
    assert!(parts(database).is_none_or(|parts| parts >= 40));
    let steps = all_steps(database);
    assert_eq!(steps > 0, parts(database).is_some());
    assert!(parts(database).is_none_or(|parts| parts < 16));
    assert_eq!(found(database, stream_id, "of many", Order::Asc).len(), 40);
    assert_eq!(all_steps(database), 0, "there is nothing to do, and yet it is done");
}

fn what_goes_with_many_leaves_the_pages_when_they_are_written_anew(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let stream_id = database.stream(&ana);
    for n in 0..20 {
        let new: Vec<NewComment> = (0..100).map(|m| new_comment(&bo, &format!("qzx {n} {m}"))).collect();
        database.write(|tx| append(tx, stream_id, &new));
        database.says(stream_id, &ana, &format!("what stays {n}"));
    }
    database.write(|tx| comments::purge(tx, stream_id, bo.id, NOW));
    assert!(found(database, stream_id, "qzx", Order::Asc).is_empty());
    // Others write while it goes on.
    let mut n = 20;
    while database.write(trigrams::step) {
        database.says(stream_id, &ana, &format!("what stays {n}"));
        n += 1;
    }
    assert!(pages_with(database, "qzx").is_none_or(|pages| pages == 0));
    assert_eq!(found(database, stream_id, "stays", Order::Asc).len(), n);

    // And one goes at once, as before.
    let one = database.says(stream_id, &ana, "qvj alone");
    database.write(|tx| comments::delete(tx, stream_id, one.id, NOW));
    assert!(pages_with(database, "qvj").is_none_or(|pages| pages == 0));
    assert_eq!(
        count(database, "SELECT count(*) AS count FROM meta WHERE name = 'search_rewrite'").unwrap_or(0),
        0
    );
}

fn an_account_takes_its_streams_and_its_words_out_together(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let (its_own, others) = (database.stream(&ana), database.stream(&bo));
    for stream_id in [its_own, others] {
        let new: Vec<NewComment> = (0..800).map(|n| new_comment(&ana, &format!("qzx {n}"))).collect();
        database.posts(stream_id, new);
    }
    database.says(others, &bo, "what stays");
    let event = NewEvent {
        of_channel: false,
        kind: "comments.purged".into(),
        comment_id: None,
        question_id: None,
        user_id: None,
        payload: "{}".into(),
    };
    let deleted = database
        .write(|tx| account_end::delete_account(tx, ana.id, NOW, &event, &|_| event.clone(), &|_, _| None));
    assert_eq!(deleted.removed, [its_own]);
    assert_eq!(all_steps(database) > 0, parts(database).is_some(), "it waits for what is written anew");
    assert!(pages_with(database, "qzx").is_none_or(|pages| pages == 0));
    assert_eq!(found(database, others, "stays", Order::Asc), ["what stays"]);
}

on_both! {
    what_many_commits_wrote_becomes_one_part,
    what_goes_with_many_leaves_the_pages_when_they_are_written_anew,
    an_account_takes_its_streams_and_its_words_out_together,
}
