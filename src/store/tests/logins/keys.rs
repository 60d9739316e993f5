//! Keys of accounts: as many as there may be, found by their hash alone, and gone when they are deleted.

use super::super::*;
use crate::{
    domain::{
        KeyId,
        accounts::key::{KEYS_MAX, KeyScopes},
    },
    store::{
        accounts::{
            keys::{self, Key, NewKey},
            revocations::{self, Revoked},
        },
        events::NewEvent,
    },
};

fn new_key(owner: &Person, hash: &str) -> NewKey {
    NewKey {
        user_id: owner.id,
        name: "a program".into(),
        scopes: "read,comment".parse::<KeyScopes>().unwrap(),
        is_bot: true,
        beginning: "lhk_abcdef".into(),
        hash: hash.into(),
        expires_at: None,
    }
}

fn make(database: &TestDatabase, owner: &Person, hash: &str) -> Key {
    database.write(|tx| keys::create(tx, &new_key(owner, hash), NOW))
}

fn found(database: &TestDatabase, hash: &str) -> Option<KeyId> {
    database.read(|conn| keys::by_hash(conn, hash)).map(|(key, _)| key.id)
}

fn a_key_is_found_by_its_hash_as_it_was_made(database: &TestDatabase) {
    let ana = database.user("ana");
    let made = make(database, &ana, "h");
    let (key, user) = database.read(|conn| keys::by_hash(conn, "h")).expect("it is there");
    assert_eq!((&key, user.id), (&made, ana.id));
    assert_eq!((key.scopes.to_string(), key.is_bot, key.expires_at), ("read,comment".into(), true, None));
    assert_eq!((found(database, ""), found(database, "H")), (None, None));
    let ends = NewKey { expires_at: Some(NOW + 5), ..new_key(&ana, "ends") };
    let ends = database.write(|tx| keys::create(tx, &ends, NOW));
    let alive = |at| database.read(|conn| keys::alive(conn, ends.id, at)).is_some();
    assert_eq!((alive(NOW + 4), alive(NOW + 5)), (true, false));
}

fn an_account_has_as_many_keys_as_it_may_and_no_more(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let made: Vec<Key> = (0..KEYS_MAX).map(|n| make(database, &ana, &format!("h{n}"))).collect();
    let another = || database.store.write_blocking(|tx| keys::create(tx, &new_key(&ana, "more"), NOW));
    assert!(matches!(another(), Err(Error::Conflict(Conflict::TooMany))));
    make(database, &bo, "others have their own");
    database.write(|tx| keys::revoke(tx, ana.id, made[0].id, NOW));
    another().expect("there is room again");
    assert!(matches!(another(), Err(Error::Conflict(Conflict::TooMany))));
}

fn a_deleted_key_is_told_to_every_server_and_forgotten_in_the_end(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let key = make(database, &ana, "h").id;
    let begun = database.read(revocations::last);
    let by_another = database.store.write_blocking(|tx| keys::revoke(tx, bo.id, key, NOW));
    assert!(matches!(by_another, Err(Error::NotFound)));
    database.write(|tx| keys::revoke(tx, ana.id, key, NOW));
    assert_eq!(found(database, "h"), None);
    assert!(database.read(|conn| keys::alive(conn, key, NOW)).is_none());
    assert!(database.read(|conn| keys::list(conn, ana.id, None, 9)).items.is_empty());
    let again = database.store.write_blocking(|tx| keys::revoke(tx, ana.id, key, NOW));
    assert!(matches!(again, Err(Error::NotFound)));
    let told = || database.read(|conn| revocations::after(conn, begun)).0;
    assert_eq!(told(), [Revoked::Key(key)]);
    let day_s = 24 * 3600;
    database.write(|tx| keys::create(tx, &new_key(&ana, "a day later"), NOW.plus_s(day_s)));
    assert_eq!(told(), [Revoked::Key(key)]);
    database.write(|tx| keys::create(tx, &new_key(&ana, "and more"), NOW.plus_s(day_s + 1)));
    assert_eq!(told(), []);
}

fn a_use_is_noted_once_a_minute(database: &TestDatabase) {
    let key = make(database, &database.user("ana"), "h");
    let used = |at: Millis| {
        database.write(|tx| keys::used(tx, key.id, at));
        let now = database.read(|conn| keys::one(conn, key.user_id, key.id)).expect("it is there");
        (now.last_used_at, now.is_to_be_noted(at))
    };
    assert!(key.is_to_be_noted(NOW));
    assert_eq!(used(NOW), (Some(NOW), false));
    assert_eq!(used(NOW + 59_999), (Some(NOW), false));
    assert_eq!(used(NOW + 60_000), (Some(NOW + 60_000), false));
}

fn keys_rest_with_their_account_and_end_with_it(database: &TestDatabase) {
    let ana = database.user("ana");
    let key = make(database, &ana, "h").id;
    database.write(|tx| account_end::set_disabled(tx, ana.id, Some(NOW)));
    assert_eq!(found(database, "h"), None);
    database.write(|tx| account_end::set_disabled(tx, ana.id, None));
    assert_eq!(found(database, "h"), Some(key));
    let purged = || NewEvent {
        of_channel: false,
        kind: "comments.purged".into(),
        comment_id: None,
        question_id: None,
        user_id: None,
        payload: "{}".into(),
    };
    database.write(|tx| account_end::delete_account(tx, ana.id, NOW, &purged(), &|_| purged(), &|_, _| None));
    assert_eq!(found(database, "h"), None);
    assert!(database.read(|conn| keys::one(conn, ana.id, key)).is_none(), "nothing of it is kept");
    let too_late = database.store.write_blocking(|tx| keys::create(tx, &new_key(&ana, "h"), NOW));
    assert!(matches!(too_late, Err(Error::NotFound)));
}

on_both!(
    a_key_is_found_by_its_hash_as_it_was_made,
    an_account_has_as_many_keys_as_it_may_and_no_more,
    a_deleted_key_is_told_to_every_server_and_forgotten_in_the_end,
    a_use_is_noted_once_a_minute,
    keys_rest_with_their_account_and_end_with_it,
);
