//! Accounts: names stay taken, and what goes with an account that is deleted.

use super::*;
use crate::store::{
    events::{Body, NewEvent},
    schema::{meta as meta_table, users as users_table},
};
use diesel::prelude::*;

fn a_name_is_taken_once_also_by_a_deleted_account(database: &TestDatabase) {
    let ana = database.user("ana");
    let again =
        |database: &TestDatabase| database.store.write_blocking(|tx| users::create(tx, &new_user("Ana")));
    assert!(matches!(again(database), Err(Error::Conflict(Conflict::UsernameTaken))));
    database.write(|tx| account_end::delete_account(tx, ana.id, NOW, &purged(), &|_| purged(), &|_, _| None));
    assert!(matches!(again(database), Err(Error::Conflict(Conflict::UsernameTaken))));
    assert_eq!(database.read(|conn| users::by_name_key(conn, &named("ana"))), None);
}

fn names_are_folded_anew_where_the_rule_has_changed(database: &TestDatabase) {
    let (ana, twin, jose) = (database.user("ana"), database.user("ᴀɴᴀ"), database.user("José"));
    let by_an_older_rule = |tx: &mut Tx| {
        let jose = diesel::update(users_table::table.find(jose.id));
        jose.set(users_table::name_key.eq("older")).execute(tx.conn())?;
        diesel::update(meta_table::table.find("name_fold"))
            .set(meta_table::value.eq("1"))
            .execute(tx.conn())?;
        Ok(())
    };
    database.write(by_an_older_rule);
    let found = |store: &Store, name: &str| {
        store.read_blocking(|conn| users::by_name_key(conn, &named(name))).unwrap().map(|user| user.id)
    };
    assert_eq!(found(&database.store, "josé"), None);
    for _ in 0..2 {
        let reopened = Store::open(&database.url).unwrap();
        assert_eq!(found(&reopened, "josé"), Some(jose.id));
        assert_eq!(found(&reopened, "ANA"), Some(ana.id), "the older account keeps the name");
        assert_eq!(found(&reopened, "ᴀɴᴀ"), Some(twin.id), "the other is found by its own, as it is written");
    }
    let third = database.store.write_blocking(|tx| {
        users::create(tx, &users::NewUser { name_key: named("anа").folded, ..new_user("third") })
    });
    assert!(matches!(third, Err(Error::Conflict(Conflict::UsernameTaken))));
}

fn purged() -> NewEvent {
    NewEvent {
        kind: "comments.purged".into(),
        comment_id: None,
        question_id: None,
        user_id: None,
        payload: "{}".into(),
    }
}

fn a_display_name_may_be_ones_own_username_but_not_anothers(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let taken = |by: &Person| database.read(|conn| users::display_name_taken(conn, "ana", Some(by.id)));
    assert!(!taken(&ana));
    assert!(taken(&bo));
    assert!(database.read(|conn| users::display_name_taken(conn, "ana", None)));
}

fn a_deleted_account_takes_its_streams_comments_and_relations_along(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let (own, other) = (database.stream(&ana), database.stream(&bo));
    database.says(own, &bo, "in a stream that goes");
    let kept = database.says(other, &bo, "kept");
    let gone = database.says(other, &ana, "gone");
    database.write(|tx| {
        follows::put(tx, ana.id, bo.id, NOW)?;
        relations::moderators::put(tx, other, ana.id, NOW)
    });

    let deleted = database
        .write(|tx| account_end::delete_account(tx, ana.id, NOW + 5, &purged(), &|_| purged(), &|_, _| None));

    assert_eq!(deleted.removed, [own]);
    assert_eq!(
        deleted.purged.iter().map(|(id, logged)| (*id, logged.seq.0)).collect::<Vec<_>>(),
        [(other, 3)]
    );
    assert_eq!(database.read(|conn| streams::by_id(conn, own)), None);
    assert!(!database.read(|conn| relations::moderators::has(conn, other, ana.id)));
    assert!(!database.read(|conn| follows::is_following(conn, ana.id, bo.id)));
    assert_eq!(database.read(|conn| comments::last(conn, other, 9)), [kept]);
    let log = database.read(|conn| events::after(conn, other, Default::default(), 9));
    assert_eq!(log[1].body, Body::Tombstone { comment_id: gone.id, deleted_at: NOW + 5 });
    let row = users_table::table.find(ana.id).select((users_table::display_name, users_table::password_hash));
    let left: (String, String) = database.read(|conn| Ok(row.first(conn)?));
    assert_eq!(left, (String::new(), String::new()));
    let again = database.store.write_blocking(|tx| {
        account_end::delete_account(tx, ana.id, NOW, &purged(), &|_| purged(), &|_, _| None)
    });
    assert!(matches!(again, Err(Error::NotFound)));
}

fn what_is_changed_of_an_account_is_read_back(database: &TestDatabase) {
    let ana = database.user("ana");
    database.write(|tx| {
        users::set_admin(tx, ana.id, true)?;
        users::set_may_host(tx, ana.id, true)?;
        users::set_password_hash(tx, ana.id, "new")?;
        users::update_display_name(tx, ana.id, "Ana Lu")
    });
    let row = database.read(|conn| users::by_name_key(conn, &named("ana"))).unwrap();
    assert_eq!((row.is_admin, row.may_host, row.password_hash.as_str()), (true, true, "new"));
    assert_eq!(row.display_name, "Ana Lu");
    assert_eq!(database.read(|conn| users::by_ids(conn, &[ana.id, UserId::new()])).len(), 1);
    let nobody = database.store.write_blocking(|tx| users::set_admin(tx, UserId::new(), true));
    assert!(matches!(nobody, Err(Error::NotFound)));
}

on_both!(
    a_name_is_taken_once_also_by_a_deleted_account,
    names_are_folded_anew_where_the_rule_has_changed,
    a_display_name_may_be_ones_own_username_but_not_anothers,
    a_deleted_account_takes_its_streams_comments_and_relations_along,
    what_is_changed_of_an_account_is_read_back,
);
