//! Keys of encoders: which is in force, where one leads that was shown, and which stream an account's key means. And the
//! pictures of several nodes: whose one is, and how that is known.

use super::*;
use crate::{
    domain::{
        BootId, Status,
        stream::ingest_key::{KeyGeneration, KeyOf},
    },
    store::{
        schema::pictures,
        streams::{
            ingest::{self, Ingest},
            pictures::{self as nodes, Told},
        },
    },
};
use diesel::prelude::*;

fn scheduled(database: &TestDatabase, host: &Person, at: Option<Millis>) -> StreamId {
    let new = streams::NewStream { scheduled_for: at, ..new_stream(host.id, "One") };
    database.write(|tx| streams::create(tx, &new, NOW)).id
}

fn becomes(database: &TestDatabase, id: StreamId, status: Status) {
    database.write(|tx| streams::transition(tx, id, status, NOW));
}

fn a_rotated_key_leads_nowhere(database: &TestDatabase) {
    let ana = database.user("ana");
    let id = database.stream(&ana);
    for of in [KeyOf::Stream(id), KeyOf::Account(ana.id)] {
        let digest = format!("digest of {of:?}");
        assert_eq!(database.read(|conn| ingest::by_digest(conn, &digest)), None, "it was never shown");
        (0..2).for_each(|_| database.write(|tx| ingest::note_shown(tx, &digest, of)));
        assert_eq!(database.read(|conn| ingest::by_digest(conn, &digest)), Some(of));
        assert_eq!(database.read(|conn| ingest::generation(conn, of)), KeyGeneration(0));
        assert_eq!(database.write(|tx| ingest::rotate(tx, of)), KeyGeneration(1));
        assert_eq!(database.read(|conn| ingest::generation(conn, of)), KeyGeneration(1));
        assert_eq!(database.read(|conn| ingest::by_digest(conn, &digest)), None);
    }
    let nobody = database.store.write_blocking(|tx| ingest::rotate(tx, KeyOf::Stream(StreamId::new())));
    assert!(matches!(nobody, Err(Error::NotFound)));
}

fn what_a_stream_does_with_a_picture_is_changed_member_by_member(database: &TestDatabase) {
    let id = database.stream(&database.user("ana"));
    let is = |auto_start, record| Ingest { generation: KeyGeneration(0), auto_start, record };
    assert_eq!(database.read(|conn| ingest::of_stream(conn, id)), is(false, false));
    database.write(|tx| ingest::set(tx, id, Some(true), None));
    assert_eq!(database.read(|conn| ingest::of_stream(conn, id)), is(true, false));
    database.write(|tx| ingest::set(tx, id, None, Some(true)));
    assert_eq!(database.read(|conn| ingest::of_stream(conn, id)), is(true, true));
}

fn an_account_sends_into_what_is_on_air_else_into_what_is_next(database: &TestDatabase) {
    let ana = database.user("ana");
    let meant = || database.read(|conn| ingest::target_of_account(conn, ana.id)).map(|target| target.stream);
    assert_eq!(meant(), None);
    let undated = scheduled(database, &ana, None);
    assert_eq!(meant(), Some(undated));
    let later = scheduled(database, &ana, Some(NOW + 9));
    assert_eq!(meant(), Some(later), "one that has a time comes first");
    let sooner = scheduled(database, &ana, Some(NOW + 5));
    assert_eq!(meant(), Some(sooner));
    becomes(database, undated, Status::Live);
    assert_eq!(meant(), Some(undated));
    becomes(database, undated, Status::Ended);
    assert_eq!(meant(), Some(sooner));
    database.write(|tx| account_end::set_disabled(tx, ana.id, Some(NOW)));
    assert_eq!(meant(), None, "who is disabled sends nothing");
}

fn the_streams_of_a_host_that_can_have_a_picture_are_found(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let [mut one, mut two, over] = [0; 3].map(|_| database.stream(&ana));
    becomes(database, two, Status::Live);
    becomes(database, over, Status::Ended);
    database.stream(&bo);
    if one > two {
        std::mem::swap(&mut one, &mut two);
    }
    let mut found = database.read(|conn| ingest::open_streams_of(conn, ana.id));
    found.sort();
    assert_eq!(found, [one, two]);
}

fn told(stream_id: StreamId, boot: BootId) -> Told {
    let node_url = Some(format!("http://{boot}"));
    Told { stream_id, boot, node_url, source: "how it is".to_owned(), is_free: false }
}

/// As where its node was last seen so long ago, in milliseconds.
fn seen_ago(database: &TestDatabase, stream: StreamId, ms: i64) {
    database.write(|tx| {
        let row = diesel::update(pictures::table.find(stream));
        row.set(pictures::seen_at.eq(pictures::seen_at - ms)).execute(tx.conn())?;
        Ok(())
    });
}

fn a_picture_is_one_nodes_until_it_is_free_or_that_node_is_gone(database: &TestDatabase) {
    let (one, other) = (BootId::new(), BootId::new());
    let id = database.stream(&database.user("ana"));
    let claims = |boot, takes_over| database.write(|tx| nodes::claim(tx, &told(id, boot), takes_over));
    let seen_by = |boot| database.read(|conn| nodes::of_others(conn, boot));
    assert!(claims(one, false) && claims(one, false), "it may come again");
    assert!(!claims(other, false));
    assert_eq!((seen_by(other), seen_by(one)), (vec![told(id, one)], Vec::new()));
    database.write(|tx| nodes::say(tx, &Told { is_free: true, ..told(id, one) }));
    assert!(claims(other, false) && !claims(one, false));
    assert!(claims(one, true), "by taking over");
    seen_ago(database, id, 4_000);
    assert!(!claims(other, false) && seen_by(other).len() == 1, "it is still here");
    seen_ago(database, id, 2_000);
    assert!(seen_by(other).is_empty() && claims(other, false), "it is gone");
}

fn a_node_learns_which_pictures_are_its_own(database: &TestDatabase) {
    let (one, other) = (BootId::new(), BootId::new());
    let ana = database.user("ana");
    let ids = [0; 4].map(|_| database.stream(&ana));
    for id in ids {
        assert!(database.write(|tx| nodes::claim(tx, &told(id, one), false)));
    }
    let [kept, taken, removed, given_up] = ids;
    assert!(database.write(|tx| nodes::claim(tx, &told(taken, other), true)));
    database.write(|tx| nodes::take_away(tx, one, kept));
    database.write(|tx| nodes::take_away(tx, other, removed));
    database.write(|tx| nodes::give_up(tx, other, kept));
    database.write(|tx| nodes::give_up(tx, one, given_up));
    assert_eq!(database.write(|tx| nodes::beat(tx, one)), [kept]);
    assert_eq!(database.read(|conn| nodes::taken(conn, one, &ids)), [taken]);
    let url = |boot| database.read(|conn| nodes::node_url(conn, boot));
    assert_eq!((url(other), url(BootId::new())), (told(taken, other).node_url, None));
    database.write(|tx| nodes::leave(tx, other));
    assert_eq!(url(other), None);
    database.write(|tx| streams::delete(tx, kept));
    assert!(database.write(|tx| nodes::beat(tx, one)).is_empty(), "it goes with its stream");
}

fn what_decides_about_a_picture_is_read_at_once(database: &TestDatabase) {
    let ana = database.user("ana");
    let id = database.stream(&ana);
    let standing = || database.read(|conn| nodes::standing(conn, &[id])).pop().unwrap();
    let before = standing();
    assert!(before.has_host && before.host == ana.id && before.stream == id);
    becomes(database, id, Status::Live);
    database.write(|tx| ingest::rotate(tx, KeyOf::Account(ana.id)));
    database.write(|tx| account_end::set_disabled(tx, ana.id, Some(NOW)));
    let now = standing();
    assert_eq!((now.status, now.key, now.account_key), (Status::Live, KeyGeneration(0), KeyGeneration(1)));
    assert!(!now.has_host);
    assert!(database.read(|conn| nodes::standing(conn, &[StreamId::new()])).is_empty());
}

on_both! {
    a_picture_is_one_nodes_until_it_is_free_or_that_node_is_gone,
    a_node_learns_which_pictures_are_its_own,
    what_decides_about_a_picture_is_read_at_once,
    a_rotated_key_leads_nowhere,
    what_a_stream_does_with_a_picture_is_changed_member_by_member,
    an_account_sends_into_what_is_on_air_else_into_what_is_next,
    the_streams_of_a_host_that_can_have_a_picture_are_found,
}
