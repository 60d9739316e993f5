//! Keys of encoders: which is in force, where one leads that was shown, and which stream an account's key means.

use super::*;
use crate::{
    domain::{
        Status,
        stream::ingest_key::{KeyGeneration, KeyOf},
    },
    store::streams::ingest::{self, Ingest},
};

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

on_both! {
    a_rotated_key_leads_nowhere,
    what_a_stream_does_with_a_picture_is_changed_member_by_member,
    an_account_sends_into_what_is_on_air_else_into_what_is_next,
    the_streams_of_a_host_that_can_have_a_picture_are_found,
}
