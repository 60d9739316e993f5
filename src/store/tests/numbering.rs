//! The log: no holes, one order, tombstones, whoever writes at once.

use super::*;
use crate::{
    domain::{Seq, Status},
    store::events::{Body, Logged, NewEvent},
};
use std::thread;

fn event(kind: &'static str, shows: Option<CommentId>) -> NewEvent {
    NewEvent {
        of_channel: false,
        kind: kind.into(),
        comment_id: shows,
        question_id: None,
        user_id: None,
        payload: r#"{"a":"ü"}"#.into(),
    }
}

fn whole_log(database: &TestDatabase, stream_id: StreamId) -> Vec<Logged> {
    database.read(|conn| events::after(conn, stream_id, Seq(0), 10_000))
}

fn comments_and_events_are_one_log_in_order(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    database.says(stream_id, &ana, "one");
    let two = database.write(|tx| {
        events::append(tx, stream_id, NOW, vec![event("settings.updated", None), event("x", None)])
    });
    database.says(stream_id, &ana, "four");

    let log = whole_log(database, stream_id);
    assert_eq!(log.iter().map(|logged| logged.seq.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(log[1..3], two);
    let text = |logged: &Logged| match &logged.body {
        Body::Comment(comment) => comment.content.clone(),
        other => format!("{other:?}"),
    };
    assert_eq!([text(&log[0]), text(&log[3])], ["one", "four"]);
    let head = |id| database.read(|conn| events::head(conn, id));
    assert_eq!(head(stream_id), Some(Seq(4)));
    assert_eq!(head(StreamId::new()), None);
    let part = database.read(|conn| events::after(conn, stream_id, Seq(1), 2));
    assert_eq!(part, log[1..3]);
}

fn what_showed_a_deleted_comment_is_a_tombstone_at_its_place(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let comment = database.says(stream_id, &ana, "oops");
    database.write(|tx| pins::set(tx, stream_id, comment.id));
    let new = vec![event("comment.pinned", Some(comment.id)), event("comment.deleted", None)];
    database.write(|tx| events::append(tx, stream_id, NOW, new.clone()));
    assert!(matches!(whole_log(database, stream_id)[1].body, Body::Event { .. }));

    let removed = database.write(|tx| comments::delete(tx, stream_id, comment.id, NOW + 9));

    assert!(removed.expect("it was there").was_pinned);
    let log = whole_log(database, stream_id);
    let tombstone = Body::Tombstone { comment_id: comment.id, deleted_at: NOW + 9 };
    assert_eq!((&log[0].body, &log[1].body), (&tombstone, &tombstone));
    assert!(matches!(&log[2].body, Body::Event { kind, .. } if kind == "comment.deleted"));
}

fn writers_at_once_leave_no_hole_and_lose_nothing(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    thread::scope(|scope| {
        for writer in 0..3 {
            let ana = &ana;
            scope.spawn(move || {
                for turn in 0..20 {
                    if (turn + writer) % 3 == 0 {
                        database.write(|tx| events::append(tx, stream_id, NOW, vec![event("x", None)]));
                    } else {
                        let new = (0..=writer).map(|_| new_comment(ana, "hi")).collect();
                        database.posts(stream_id, new);
                    }
                }
            });
        }
        // A reader meanwhile sees a beginning of the log, whole.
        for _ in 0..50 {
            let seen = database.read(|conn| {
                let head = events::head(conn, stream_id)?;
                Ok((head, events::after(conn, stream_id, Seq(0), 10_000)?))
            });
            assert_eq!(seen.0, seen.1.last().map(|logged| logged.seq).or(Some(Seq(0))));
        }
    });
    let log = whole_log(database, stream_id);
    assert!(log.iter().map(|logged| logged.seq.0).eq(1..=log.len() as i64));
    let comments = log.iter().filter(|logged| matches!(logged.body, Body::Comment(_))).count() as i64;
    let stream = database.read(|conn| streams::by_id(conn, stream_id)).unwrap();
    assert_eq!((stream.last_seq.0, stream.comment_count), (log.len() as i64, comments));
    let events = 20;
    assert_eq!(log.len() as i64 - comments, events);
}

fn a_failed_write_takes_no_number(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let failed: Result<()> = database.store.write_blocking(|tx| {
        events::append(tx, stream_id, NOW, vec![event("x", None)])?;
        streams::transition(tx, stream_id, Status::Scheduled, NOW).map(drop)
    });
    assert!(matches!(failed, Err(Error::Conflict(Conflict::Transition(_)))));
    assert_eq!(database.read(|conn| events::head(conn, stream_id)), Some(Seq(0)));
    let gone =
        database.store.write_blocking(|tx| events::append(tx, StreamId::new(), NOW, vec![event("x", None)]));
    assert!(matches!(gone, Err(Error::NotFound)));
}

fn one_bad_part_fails_alone_where_it_is_only_attempted(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let twice = new_comment(&ana, "the same id twice");
    let batch = [twice.clone(), twice.clone()];
    let stored = database.write(|tx| {
        let failed = tx.attempt(|tx| append(tx, stream_id, &batch));
        assert!(matches!(failed, Err(Error::Conflict(Conflict::NotUnique(_)))));
        tx.attempt(|tx| append(tx, stream_id, &batch[..1]))
    });
    assert_eq!(stored.len(), 1);
    assert_eq!(whole_log(database, stream_id).len(), 1);
}

on_both!(
    comments_and_events_are_one_log_in_order,
    what_showed_a_deleted_comment_is_a_tombstone_at_its_place,
    writers_at_once_leave_no_hole_and_lose_nothing,
    a_failed_write_takes_no_number,
    one_bad_part_fails_alone_where_it_is_only_attempted,
);
