//! Lists of streams and of those who belong together.

use super::*;
use crate::{
    domain::Status,
    store::streams::{Filter, Key, Sort, Tag},
};

fn titles(page: &Page<streams::Stream, Key>) -> Vec<&str> {
    page.items.iter().map(|stream| stream.title.as_str()).collect()
}

fn create(database: &TestDatabase, new: streams::NewStream, now: Millis) -> StreamId {
    database.write(|tx| streams::create(tx, &new, now)).id
}

fn only_public_streams_are_listed_unless_the_host_asks(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    for (title, visibility) in
        [("public", Visibility::Public), ("unlisted", Visibility::Unlisted), ("private", Visibility::Private)]
    {
        create(database, streams::NewStream { visibility, ..new_stream(ana.id, title) }, NOW);
    }
    create(database, new_stream(bo.id, "bo's"), NOW + 1);
    let list = |filter: Filter| {
        let page = database.read(|conn| streams::list(conn, &filter, Sort::Created, None, 9));
        titles(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(list(Filter::default()), ["bo's", "public"]);
    let of_ana = Filter { host_id: Some(ana.id), ..Filter::default() };
    assert_eq!(list(of_ana.clone()), ["public"]);
    assert_eq!(list(Filter { host_asks: true, ..of_ana }), ["private", "unlisted", "public"]);
    assert_eq!(list(Filter { host_asks: true, ..Filter::default() }), ["bo's", "public"]);
}

fn a_list_is_filtered_by_status_tag_text_and_following(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let tags = vec![Tag { text: "Rust".into(), key: "rust".into() }];
    let tagged = create(database, streams::NewStream { tags, ..new_stream(ana.id, "100% Rust") }, NOW);
    create(database, new_stream(bo.id, "Cooking"), NOW + 1);
    database.write(|tx| streams::transition(tx, tagged, Status::Live, NOW));
    database.write(|tx| follows::put(tx, bo.id, ana.id, NOW));
    let found = |filter: Filter| {
        let page = database.read(|conn| streams::list(conn, &filter, Sort::Created, None, 9));
        page.items.iter().map(|stream| stream.id).collect::<Vec<_>>()
    };
    assert_eq!(found(Filter { status: Some(Status::Live), ..Filter::default() }), [tagged]);
    assert_eq!(found(Filter { tag_key: Some("rust".into()), ..Filter::default() }), [tagged]);
    assert_eq!(found(Filter { q_key: Some("100% r".into()), ..Filter::default() }), [tagged]);
    assert_eq!(found(Filter { q_key: Some("100_".into()), ..Filter::default() }), []);
    assert_eq!(found(Filter { following_of: Some(bo.id), ..Filter::default() }), [tagged]);
    assert_eq!(found(Filter { following_of: Some(ana.id), ..Filter::default() }), []);
}

fn pages_neither_lose_nor_repeat_streams_made_in_the_same_millisecond(database: &TestDatabase) {
    let ana = database.user("ana");
    for n in 0..5 {
        create(database, new_stream(ana.id, &format!("{n}")), NOW);
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = database.read(|conn| streams::list(conn, &Filter::default(), Sort::Created, after, 2));
        assert!(!page.items.is_empty());
        seen.extend(titles(&page).into_iter().map(str::to_owned));
        create(database, new_stream(ana.id, "meanwhile"), NOW + 1);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["4", "3", "2", "1", "0"]);
}

fn streams_that_are_to_start_come_by_their_time(database: &TestDatabase) {
    let ana = database.user("ana");
    for (title, starts) in [("late", Some(NOW + 9)), ("never", None), ("soon", Some(NOW + 1))] {
        create(database, streams::NewStream { scheduled_for: starts, ..new_stream(ana.id, title) }, NOW);
    }
    let page = |after| database.read(|conn| streams::list(conn, &Filter::default(), Sort::Starts, after, 1));
    let first = page(None);
    let second = page(first.next);
    assert_eq!((titles(&first), titles(&second), second.next), (vec!["soon"], vec!["late"], None));
}

fn following_is_listed_latest_first_and_a_repeat_changes_nothing(database: &TestDatabase) {
    let [ana, bo, cy] = ["ana", "bo", "cy"].map(|name| database.user(name));
    let put = |host: &Person, now| database.write(|tx| follows::put(tx, ana.id, host.id, now));
    assert_eq!([put(&bo, NOW), put(&cy, NOW + 1), put(&bo, NOW + 2)], [true, true, false]);
    let first = database.read(|conn| follows::list(conn, ana.id, None, 1));
    let second = database.read(|conn| follows::list(conn, ana.id, first.next, 1));
    assert_eq!((&first.items[0].user, &second.items[0].user, second.next), (&cy, &bo, None));
    let delete = || database.write(|tx| follows::delete(tx, ana.id, bo.id));
    assert_eq!([delete(), delete()], [true, false]);
    assert!(!database.read(|conn| follows::is_following(conn, ana.id, bo.id)));
}

fn the_newest_public_pages_are_listed_and_no_more_than_wanted(database: &TestDatabase) {
    let ana = database.user("ana");
    let hidden = streams::NewStream { visibility: Visibility::Unlisted, ..new_stream(ana.id, "hidden") };
    create(database, hidden, NOW + 3);
    let ids: Vec<StreamId> =
        (0..3).map(|n| create(database, new_stream(ana.id, &format!("{n}")), NOW + n)).collect();
    let pages = database.read(|conn| streams::public_pages(conn, 2));
    let found: Vec<_> = pages.iter().map(|page| (page.id, page.updated_at, page.host.as_str())).collect();
    assert_eq!(found, [(ids[2], NOW + 2, "ana"), (ids[1], NOW + 1, "ana")]);
}

on_both!(
    only_public_streams_are_listed_unless_the_host_asks,
    a_list_is_filtered_by_status_tag_text_and_following,
    pages_neither_lose_nor_repeat_streams_made_in_the_same_millisecond,
    streams_that_are_to_start_come_by_their_time,
    following_is_listed_latest_first_and_a_repeat_changes_nothing,
    the_newest_public_pages_are_listed_and_no_more_than_wanted,
);
