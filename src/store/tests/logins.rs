//! Sessions: one successor for each refresh token, whoever races for it.

use super::*;
use crate::{
    domain::ids::SessionId,
    store::sessions::{NewSession, Presented, Revoked, Rotation},
};
use std::{sync::Barrier, thread};

const GRACE_MS: i64 = 10_000;
const TTL_S: i64 = 1_000_000;

fn log_in(house: &House, user: &users::Person) -> SessionId {
    let new = NewSession {
        id: SessionId::new(),
        user_id: user.id,
        user_agent: "test".into(),
        refresh_hash: "h0".into(),
        refresh_expires_at: NOW.plus_s(TTL_S),
    };
    house.write(|tx| sessions::create(tx, &new, NOW)).id
}

fn rotate(house: &House, session_id: SessionId, generation: i32, now: Millis) -> Rotation {
    let (hash, next_hash) = (format!("h{generation}"), format!("h{}", generation + 1));
    let presented = Presented { session_id, generation, hash: &hash, next_hash: &next_hash };
    house.write(|tx| sessions::rotate(tx, &presented, now, GRACE_MS, NOW.plus_s(TTL_S)))
}

fn alive(house: &House, id: SessionId) -> bool {
    house.read(|conn| sessions::alive(conn, id, NOW)).is_some()
}

fn fifty_rotations_at_once_have_one_successor(house: &House) {
    let session_id = log_in(house, &house.user("ana"));
    let start = Barrier::new(50);
    let rotations: Vec<Rotation> = thread::scope(|scope| {
        let race = || {
            start.wait();
            rotate(house, session_id, 0, NOW + 1)
        };
        let racers: Vec<_> = (0..50).map(|_| scope.spawn(race)).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let rotated = rotations.iter().filter(|rotation| matches!(rotation, Rotation::Rotated(_))).count();
    let same = rotations.iter().filter(|rotation| matches!(rotation, Rotation::SameSuccessor(_))).count();
    assert_eq!((rotated, same), (1, 49));
    let (session, _) = house.read(|conn| sessions::alive(conn, session_id, NOW)).expect("the session lives");
    assert_eq!((session.generation, session.refresh_hash.as_str()), (1, "h1"));
}

fn the_token_before_is_good_within_the_grace_and_kills_the_session_after_it(house: &House) {
    let ana = house.user("ana");
    let id = log_in(house, &ana);
    assert!(matches!(rotate(house, id, 0, NOW), Rotation::Rotated(_)));
    assert!(matches!(rotate(house, id, 0, NOW + GRACE_MS), Rotation::SameSuccessor(_)));
    assert!(alive(house, id));
    assert!(matches!(rotate(house, id, 0, NOW + GRACE_MS + 1), Rotation::Reused(_)));
    assert!(!alive(house, id));
    assert_eq!(rotate(house, id, 1, NOW), Rotation::Unknown);
}

fn a_token_of_two_generations_ago_kills_the_session_even_within_the_grace(house: &House) {
    let id = log_in(house, &house.user("ana"));
    rotate(house, id, 0, NOW);
    rotate(house, id, 1, NOW);
    assert!(matches!(rotate(house, id, 0, NOW), Rotation::Reused(_)));
    assert!(!alive(house, id));
}

fn a_token_that_never_was_or_came_too_late_is_unknown_and_does_no_harm(house: &House) {
    let id = log_in(house, &house.user("ana"));
    assert_eq!(rotate(house, id, 7, NOW), Rotation::Unknown);
    assert_eq!(rotate(house, SessionId::new(), 0, NOW), Rotation::Unknown);
    assert_eq!(rotate(house, id, 0, NOW.plus_s(TTL_S)), Rotation::Unknown);
    assert!(alive(house, id));
}

fn a_session_dies_with_its_end_its_revocation_and_its_account(house: &House) {
    let (ana, bo) = (house.user("ana"), house.user("bo"));
    let (revoked, kept, disabled) = (log_in(house, &ana), log_in(house, &ana), log_in(house, &bo));
    let others = house.store.write(|tx| sessions::revoke(tx, bo.id, revoked, NOW));
    assert!(matches!(others, Err(Error::NotFound)));
    let ended = house.write(|tx| sessions::revoke_all(tx, ana.id, Some(kept), NOW + 1));
    assert_eq!(ended, [revoked]);
    house.write(|tx| users::set_disabled(tx, bo.id, Some(NOW + 2)));

    assert_eq!([revoked, kept, disabled].map(|id| alive(house, id)), [false, true, false]);
    let list = house.read(|conn| sessions::list(conn, ana.id, NOW));
    assert_eq!(list.iter().map(|session| session.id).collect::<Vec<_>>(), [kept]);
    let at_its_end = house.read(|conn| sessions::alive(conn, kept, NOW.plus_s(TTL_S)));
    assert!(at_its_end.is_none());
    let since = |at| house.read(|conn| sessions::revoked_since(conn, at));
    assert_eq!(since(NOW + 2), [Revoked::Session(disabled), Revoked::User(bo.id)]);
    assert_eq!(since(NOW + 3), []);
    assert_eq!(since(NOW).len(), 3);
}

on_both!(
    fifty_rotations_at_once_have_one_successor,
    the_token_before_is_good_within_the_grace_and_kills_the_session_after_it,
    a_token_of_two_generations_ago_kills_the_session_even_within_the_grace,
    a_token_that_never_was_or_came_too_late_is_unknown_and_does_no_harm,
    a_session_dies_with_its_end_its_revocation_and_its_account,
);
