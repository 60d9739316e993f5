//! Comments: stored once, counted exactly, deleted without a trace but a tombstone.

use super::*;
use crate::{
    domain::{
        Seq, Status,
        text::style::{Color, Mode, Size, Style},
    },
    store::comments::{Filter, Order, Span},
};

fn with_client_id(author: &Person, content: &str, client_id: &str) -> NewComment {
    NewComment { client_id: Some(client_id.into()), ..new_comment(author, content) }
}

fn count(database: &TestDatabase, stream_id: StreamId) -> i64 {
    database.read(|conn| streams::by_id(conn, stream_id)).unwrap().comment_count
}

fn contents(comments: &[Comment]) -> Vec<&str> {
    comments.iter().map(|comment| comment.content.as_str()).collect()
}

fn what_is_stored_is_what_is_read(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let first = database.says(stream_id, &ana, "first");
    database.write(|tx| streams::transition(tx, stream_id, Status::Live, NOW - 250));
    let styled = NewComment {
        style: Some(Style { mode: Mode::Top, color: Color(0xff_00_aa), size: Size::Large }),
        reply_to: Some(first.id),
        role: Role::Host,
        ..with_client_id(&ana, "ünï 😀 \"x\"", "c1")
    };
    let Some(Appended::New(Fate::Visible(stored))) = database.posts(stream_id, vec![styled]).pop() else {
        panic!("not stored");
    };
    assert_eq!((stored.seq, stored.offset_ms, first.offset_ms), (Some(Seq(2)), Some(250), None));
    let read = database.read(|conn| comments::by_id(conn, stream_id, stored.id)).unwrap();
    assert_eq!(read, *stored);
    let other_stream = database.stream(&ana);
    assert_eq!(database.read(|conn| comments::by_id(conn, other_stream, stored.id)), None);
}

fn a_repeated_client_id_is_answered_with_the_first_ones_fate(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let stream_id = database.stream(&ana);
    let held = NewComment { held: true, ..with_client_id(&ana, "held", "h") };
    let batch = vec![
        with_client_id(&ana, "one", "a"),
        with_client_id(&ana, "one again", "a"),
        with_client_id(&bo, "another's", "a"),
        held.clone(),
    ];
    let first = database.posts(stream_id, batch);
    let Appended::New(one) = &first[0] else { panic!("{first:?}") };
    assert_eq!(first[1], Appended::Duplicate(one.clone()));
    assert!(matches!(&first[2], Appended::New(Fate::Visible(comment)) if comment.content == "another's"));
    assert_eq!(first[3], Appended::New(Fate::Held(held.id)));

    // Also when the stream is over, where what is new is refused.
    database.write(|tx| streams::transition(tx, stream_id, Status::Ended, NOW));
    let held_again = NewComment { id: CommentId::new(), ..held.clone() };
    let later = database
        .posts(stream_id, vec![with_client_id(&ana, "two", "a"), new_comment(&ana, "new"), held_again]);
    assert_eq!(
        later,
        [Appended::Duplicate(one.clone()), Appended::StreamEnded, Appended::Duplicate(Fate::Held(held.id))]
    );
    assert_eq!(count(database, stream_id), 2);
    let fate = database.read(|conn| comments::by_client_id(conn, stream_id, ana.id, "a"));
    assert_eq!(fate.as_ref(), Some(one));
}

fn a_deleted_comment_is_counted_no_longer(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    database.posts(stream_id, vec![with_client_id(&ana, "one", "a")]);
    let one = database.read(|conn| comments::last(conn, stream_id, 9)).remove(0);
    let removed = database.write(|tx| comments::delete(tx, stream_id, one.id, NOW)).expect("it was there");
    assert_eq!((removed.comment, removed.was_pinned), (one.clone(), false));
    assert_eq!(database.write(|tx| comments::delete(tx, stream_id, one.id, NOW)), None);
    assert_eq!(database.read(|conn| comments::by_id_in_any_state(conn, stream_id, one.id)), None);
    assert_eq!(count(database, stream_id), 0);
}

fn a_purge_takes_all_of_one_account_and_nothing_else(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let (here, there) = (database.stream(&ana), database.stream(&ana));
    let pinned = database.says(here, &bo, "bo");
    database.says(here, &ana, "ana");
    database.says(there, &bo, "elsewhere");
    database.mutters(here, &bo, "held");
    database.write(|tx| pins::set(tx, here, pinned.id));
    assert_eq!(database.write(|tx| comments::purge(tx, here, bo.id, NOW)).len(), 2);
    assert_eq!(contents(&database.read(|conn| comments::last(conn, here, 9))), ["ana"]);
    assert_eq!((count(database, here), count(database, there)), (1, 1));
    assert_eq!(database.read(|conn| pins::pinned(conn, here)), None);
    assert_eq!(database.read(|conn| review::held_count(conn, here)), 0);
    assert!(database.write(|tx| comments::purge(tx, here, bo.id, NOW)).is_empty());
}

fn what_was_judged_by_older_rules_takes_no_number(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let stream_id = database.stream(&ana);
    let known = database.posts(stream_id, vec![with_client_id(&bo, "before", "b")]).remove(0);
    let rules = database.write(|tx| streams::change_rules(tx, stream_id));
    let newly_judged = NewComment { rules, ..new_comment(&ana, "by the new rules") };
    let batch = vec![
        new_comment(&bo, "by the old rules"),
        newly_judged,
        with_client_id(&bo, "a repeat has its fate already", "b"),
    ];
    let answers = database.posts(stream_id, batch);
    assert_eq!(answers[0], Appended::JudgeAgain);
    assert!(matches!(&answers[1], Appended::New(Fate::Visible(comment)) if comment.seq == Some(Seq(2))));
    let Appended::New(fate) = known else { panic!("{known:?}") };
    assert_eq!(answers[2], Appended::Duplicate(fate));
}

fn a_client_id_stays_with_what_was_deleted(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let stream_id = database.stream(&ana);
    database.posts(stream_id, vec![with_client_id(&bo, "one", "a"), with_client_id(&bo, "two", "b")]);
    let one = database.read(|conn| comments::last(conn, stream_id, 2)).remove(0);
    database.write(|tx| comments::delete(tx, stream_id, one.id, NOW));
    database.write(|tx| comments::purge(tx, stream_id, bo.id, NOW));
    for client_id in ["a", "b"] {
        let again = database.posts(stream_id, vec![with_client_id(&bo, "again", client_id)]);
        assert_eq!(again, [Appended::Duplicate(Fate::Deleted)]);
        let fate = database.read(|conn| comments::by_client_id(conn, stream_id, bo.id, client_id));
        assert_eq!(fate, Some(Fate::Deleted));
    }
}

fn a_comment_bears_the_name_its_author_has_when_it_is_stored(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    database.write(|tx| users::update_display_name(tx, ana.id, "Ana the Second"));
    assert_eq!(database.says(stream_id, &ana, "hi").author.display_name, "Ana the Second");
}

fn a_gone_author_or_stream_takes_nothing(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let stream_id = database.stream(&ana);
    database.write(|tx| account_end::set_disabled(tx, bo.id, Some(NOW)));
    let both = vec![new_comment(&bo, "disabled"), new_comment(&ana, "fine")];
    let answers = database.posts(stream_id, both.clone());
    assert_eq!(answers[0], Appended::NoAccount);
    assert!(matches!(answers[1], Appended::New(_)));
    let nowhere = database.store.write_blocking(|tx| append(tx, StreamId::new(), &both));
    assert!(matches!(nowhere, Err(Error::NotFound)));
}

fn a_list_is_paged_without_loss_or_repetition_while_rows_are_added(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let stream_id = database.stream(&ana);
    database.write(|tx| streams::transition(tx, stream_id, Status::Live, NOW - 1000));
    for n in 0..7 {
        let author = if n % 2 == 0 { &ana } else { &bo };
        let created_at = NOW + n * 1000;
        database
            .posts(stream_id, vec![NewComment { created_at, ..new_comment(author, &format!("N{n} 50%")) }]);
    }
    let newest_first = Filter::default();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = database.read(|conn| comments::list(conn, stream_id, &newest_first, after, 3));
        seen.extend(page.items.into_iter().map(|comment| comment.content));
        database.says(stream_id, &ana, "meanwhile");
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["N6 50%", "N5 50%", "N4 50%", "N3 50%", "N2 50%", "N1 50%", "N0 50%"]);

    let found = |filter: Filter| {
        let page = database.read(|conn| comments::list(conn, stream_id, &filter, None, 50));
        page.items.into_iter().map(|comment| comment.content[..2].to_owned()).collect::<Vec<_>>()
    };
    let asc = Filter { order: Order::Asc, ..Filter::default() };
    assert_eq!(found(Filter { user_id: Some(bo.id), ..asc.clone() }), ["N1", "N3", "N5"]);
    assert_eq!(found(Filter { q_key: Some("n3 50%".into()), ..asc.clone() }), ["N3"]);
    assert_eq!(found(Filter { q_key: Some("n_".into()), ..asc.clone() }), [""; 0]);
}

/// Also where several were said in the same millisecond, and one with a lower number later, as a clock that is set back makes it.
fn a_stretch_of_a_stream_is_paged_by_its_time(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    database.posts(stream_id, vec![new_comment(&ana, "before")]);
    database.write(|tx| streams::transition(tx, stream_id, Status::Live, NOW));
    for (text, at) in [("a", 500), ("b", 2000), ("c", 2000), ("d", 3999), ("e", 1000), ("f", 4000)] {
        database.posts(stream_id, vec![NewComment { created_at: NOW + at, ..new_comment(&ana, text) }]);
    }
    let read = |order, span: Span, limit| {
        let filter = Filter { order, ..Filter::default() };
        let (mut texts, mut after) = (String::new(), None);
        loop {
            let page =
                database.read(|conn| comments::list_by_time(conn, stream_id, &filter, span, after, limit));
            texts.extend(page.items.iter().map(|comment| comment.content.as_str()));
            after = page.next;
            if after.is_none() {
                return texts;
            }
        }
    };
    for limit in 1..=7 {
        let within = Span { from: Some(1000), to: Some(4000) };
        assert_eq!(read(Order::Asc, within, limit), "ebcd", "{limit} a page");
        assert_eq!(read(Order::Desc, within, limit), "dcbe", "{limit} a page");
        assert_eq!(read(Order::Asc, Span { from: Some(2000), to: None }, limit), "bcdf");
        assert_eq!(read(Order::Desc, Span { from: None, to: Some(2000) }, limit), "ea");
    }
}

fn a_page_that_is_exactly_full_is_the_last_one(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    database.posts(stream_id, (0..3).map(|_| new_comment(&ana, "x")).collect());
    let page = |limit| database.read(|conn| comments::list(conn, stream_id, &Filter::default(), None, limit));
    assert_eq!((page(3).items.len(), page(3).next), (3, None));
    assert_eq!((page(2).items.len(), page(2).next), (2, Some(Seq(2))));
}

fn a_batch_larger_than_one_insert_is_stored_whole(database: &TestDatabase) {
    let ana = database.user("ana");
    let stream_id = database.stream(&ana);
    let answers = database.posts(stream_id, (0..1100).map(|n| new_comment(&ana, &n.to_string())).collect());
    assert_eq!(answers.len(), 1100);
    assert_eq!(count(database, stream_id), 1100);
    assert_eq!(contents(&database.read(|conn| comments::last(conn, stream_id, 2))), ["1098", "1099"]);
}

on_both!(
    what_is_stored_is_what_is_read,
    a_repeated_client_id_is_answered_with_the_first_ones_fate,
    a_deleted_comment_is_counted_no_longer,
    a_purge_takes_all_of_one_account_and_nothing_else,
    what_was_judged_by_older_rules_takes_no_number,
    a_client_id_stays_with_what_was_deleted,
    a_comment_bears_the_name_its_author_has_when_it_is_stored,
    a_gone_author_or_stream_takes_nothing,
    a_list_is_paged_without_loss_or_repetition_while_rows_are_added,
    a_stretch_of_a_stream_is_paged_by_its_time,
    a_page_that_is_exactly_full_is_the_last_one,
    a_batch_larger_than_one_insert_is_stored_whole,
);
