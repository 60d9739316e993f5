//! Sessions: one successor for each refresh token, whoever races for it.

mod keys;

use super::*;
use crate::{
    domain::SessionId,
    store::accounts::{
        revocations::{self, Revoked},
        sessions::{NewSession, Presented, Rotation},
    },
};
use std::{sync::Barrier, thread};

const TTL_S: i64 = 1_000_000;

fn log_in(database: &TestDatabase, user: &Person) -> SessionId {
    let new = NewSession {
        id: SessionId::new(),
        user_id: user.id,
        user_agent: "test".into(),
        refresh_hash: "h0".into(),
        refresh_expires_at: NOW.plus_s(TTL_S),
    };
    database.write(|tx| sessions::create(tx, &new, NOW)).id
}

fn rotate(database: &TestDatabase, session_id: SessionId, generation: i32, now: Millis) -> Rotation {
    rotate_to(database, session_id, generation, &[format!("h{}", generation + 1)], now)
}

fn rotate_to(
    database: &TestDatabase,
    id: SessionId,
    generation: i32,
    followers: &[String],
    now: Millis,
) -> Rotation {
    let hash = format!("h{generation}");
    let presented = Presented { session_id: id, generation, hash: &hash, followers };
    database.write(|tx| sessions::rotate(tx, &presented, now, NOW.plus_s(TTL_S)))
}

fn alive(database: &TestDatabase, id: SessionId) -> bool {
    database.read(|conn| sessions::alive(conn, id, NOW)).is_some()
}

fn fifty_rotations_at_once_have_one_successor(database: &TestDatabase) {
    let session_id = log_in(database, &database.user("ana"));
    let start = Barrier::new(50);
    let rotations: Vec<Rotation> = thread::scope(|scope| {
        let race = || {
            start.wait();
            rotate(database, session_id, 0, NOW + 1)
        };
        let racers: Vec<_> = (0..50).map(|_| scope.spawn(race)).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let rotated = rotations.iter().filter(|rotation| matches!(rotation, Rotation::Rotated(_))).count();
    let same = rotations.iter().filter(|rotation| matches!(rotation, Rotation::SameSuccessor(_))).count();
    assert_eq!((rotated, same), (1, 49));
    let (session, _) =
        database.read(|conn| sessions::alive(conn, session_id, NOW)).expect("the session lives");
    assert_eq!((session.generation, session.refresh_hash.as_str()), (1, "h1"));
}

fn the_token_before_is_given_the_same_successor_until_somebody_has_used_that(database: &TestDatabase) {
    let id = log_in(database, &database.user("ana"));
    assert!(matches!(rotate(database, id, 0, NOW), Rotation::Rotated(_)));
    for later_s in [0, 12, 7 * 86_400] {
        assert!(
            matches!(rotate(database, id, 0, NOW.plus_s(later_s)), Rotation::SameSuccessor(_)),
            "{later_s}"
        );
    }
    assert!(matches!(rotate(database, id, 1, NOW), Rotation::Rotated(_)));
    assert!(matches!(rotate(database, id, 1, NOW), Rotation::SameSuccessor(_)));
    assert!(alive(database, id));
    assert!(matches!(rotate(database, id, 0, NOW), Rotation::Reused(_)));
    assert!(!alive(database, id));
    assert_eq!(rotate(database, id, 2, NOW), Rotation::Unknown);
}

fn a_retry_after_the_key_was_changed_finds_the_successor_that_the_old_key_made(database: &TestDatabase) {
    let id = log_in(database, &database.user("ana"));
    assert!(matches!(rotate(database, id, 0, NOW), Rotation::Rotated(_)));
    let followers = ["by the new key".to_owned(), "h1".to_owned()];
    let again = rotate_to(database, id, 0, &followers, NOW);
    assert!(matches!(again, Rotation::SameSuccessor(session) if session.refresh_hash == "h1"));
    assert_eq!(rotate_to(database, id, 1, &[], NOW), Rotation::Unknown, "the last generation has no next");
    assert!(alive(database, id));
}

fn a_token_that_never_was_or_came_too_late_is_unknown_and_does_no_harm(database: &TestDatabase) {
    let id = log_in(database, &database.user("ana"));
    assert_eq!(rotate(database, id, 7, NOW), Rotation::Unknown);
    assert_eq!(rotate(database, SessionId::new(), 0, NOW), Rotation::Unknown);
    assert_eq!(rotate(database, id, 0, NOW.plus_s(TTL_S)), Rotation::Unknown);
    assert!(alive(database, id));
}

fn a_session_dies_with_its_end_its_revocation_and_its_account(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let (revoked, kept, disabled) = (log_in(database, &ana), log_in(database, &ana), log_in(database, &bo));
    let others = database.store.write_blocking(|tx| sessions::revoke(tx, bo.id, revoked, NOW));
    assert!(matches!(others, Err(Error::NotFound)));
    let ended = database.write(|tx| sessions::revoke_all(tx, ana.id, Some(kept), NOW + 1));
    assert_eq!(ended, [revoked]);
    database.write(|tx| account_end::set_disabled(tx, bo.id, Some(NOW + 2)));

    assert_eq!([revoked, kept, disabled].map(|id| alive(database, id)), [false, true, false]);
    let list = database.read(|conn| sessions::list(conn, ana.id, NOW));
    assert_eq!(list.iter().map(|session| session.id).collect::<Vec<_>>(), [kept]);
    let at_its_end = database.read(|conn| sessions::alive(conn, kept, NOW.plus_s(TTL_S)));
    assert!(at_its_end.is_none());
}

fn a_new_name_is_found_by_its_number_and_ends_nothing(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let begun = database.read(revocations::last);
    let renamed = |number| {
        let (renamed, last) = database.read(|conn| users::renamed_after(conn, number));
        (renamed.into_iter().map(|user| (user.id, user.display_name)).collect::<Vec<_>>(), last)
    };
    assert_eq!(renamed(begun), (vec![], begun));
    database.write(|tx| users::update_display_name(tx, ana.id, "Ana"));
    database.write(|tx| users::update_display_name(tx, bo.id, "Bo"));
    database.write(|tx| users::update_display_name(tx, ana.id, "Ana again"));
    let (found, last) = renamed(begun);
    assert_eq!(found, [(bo.id, "Bo".to_owned()), (ana.id, "Ana again".to_owned())]);
    assert_eq!(renamed(last), (vec![], last));
    assert_eq!(database.read(|conn| revocations::after(conn, begun)), (vec![], last));
}

fn what_was_ended_is_found_by_its_number_whatever_the_time(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let [one, other, bos] = [log_in(database, &ana), log_in(database, &ana), log_in(database, &bo)];
    let begun = database.read(revocations::last);
    let after = |number| database.read(|conn| revocations::after(conn, number));
    assert_eq!(after(begun), (vec![], begun));
    database.write(|tx| sessions::revoke(tx, ana.id, one, NOW));
    let (found, last) = after(begun);
    assert_eq!(found, [Revoked::Session(one)]);
    // By a hand whose clock is an hour behind.
    database.write(|tx| sessions::revoke_all(tx, ana.id, None, NOW.plus_s(-3600)));
    database.write(|tx| account_end::set_disabled(tx, bo.id, Some(NOW.plus_s(-7200))));
    let (found, last) = after(last);
    assert_eq!(found, [Revoked::Session(other), Revoked::Session(bos), Revoked::User(bo.id)]);
    assert_eq!(after(last), (vec![], last));
    let failed = database.store.write_blocking(|tx| sessions::revoke(tx, ana.id, one, NOW));
    assert!(matches!(failed, Err(Error::NotFound)));
    assert_eq!(after(last), (vec![], last), "what was not ended takes no number");
}

on_both!(
    fifty_rotations_at_once_have_one_successor,
    the_token_before_is_given_the_same_successor_until_somebody_has_used_that,
    a_retry_after_the_key_was_changed_finds_the_successor_that_the_old_key_made,
    a_token_that_never_was_or_came_too_late_is_unknown_and_does_no_harm,
    a_session_dies_with_its_end_its_revocation_and_its_account,
    what_was_ended_is_found_by_its_number_whatever_the_time,
    a_new_name_is_found_by_its_number_and_ends_nothing,
);
