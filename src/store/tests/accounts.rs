//! Accounts: names stay taken, and what goes with an account that is deleted.

use super::*;
use crate::{
    domain::accounts::image::{Image, ImageKind},
    store::{
        accounts::images,
        events::{Body, NewEvent},
        schema::{images as images_table, meta as meta_table, users as users_table},
    },
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
        of_channel: false,
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

fn images_are_replaced_and_taken_away_each_by_itself(database: &TestDatabase) {
    let (ana, bo) = (database.user("ana"), database.user("bo"));
    let [first, second] = [1, 2].map(|byte| Image::from(vec![byte; 9]));
    let put = |who: &Person, kind, image| database.write(|tx| images::put(tx, who.id, kind, image, NOW));
    let read = |who: &Person, kind| database.read(|conn| images::read(conn, who.id, kind));
    put(&ana, ImageKind::Avatar, &first);
    put(&ana, ImageKind::Cover, &first);
    put(&bo, ImageKind::Avatar, &first);
    let user = put(&ana, ImageKind::Avatar, &second);
    assert_eq!((&user.avatar_version, &user.cover_version), (&Some(second.version), &Some(first.version)));
    assert_eq!(read(&ana, ImageKind::Avatar), Some(second.bytes));
    database.write(|tx| images::delete(tx, ana.id, ImageKind::Avatar));
    let user = database.read(|conn| users::by_name_key(conn, &named("ana"))).unwrap();
    assert_eq!((user.avatar_version, read(&ana, ImageKind::Avatar)), (None, None));
    assert!(user.cover_version.is_some() && read(&ana, ImageKind::Cover).is_some());
    assert!(read(&bo, ImageKind::Avatar).is_some());
}

fn images_go_with_their_account_and_nobody_gone_gets_one(database: &TestDatabase) {
    let (ana, image) = (database.user("ana"), Image::from(vec![7; 9]));
    let put = |tx: &mut Tx, kind| images::put(tx, ana.id, kind, &image, NOW);
    database.write(|tx| put(tx, ImageKind::Avatar));
    database.write(|tx| put(tx, ImageKind::Cover));
    database.write(|tx| account_end::delete_account(tx, ana.id, NOW, &purged(), &|_| purged(), &|_, _| None));
    let left: i64 = database.read(|conn| Ok(images_table::table.count().get_result(conn)?));
    let versions = users_table::table.find(ana.id);
    let versions = versions.select((users_table::avatar_version, users_table::cover_version));
    let versions: (Option<String>, Option<String>) = database.read(|conn| Ok(versions.first(conn)?));
    assert_eq!((left, versions), (0, (None, None)));
    let late = database.store.write_blocking(|tx| put(tx, ImageKind::Avatar));
    assert!(matches!(late, Err(Error::NotFound)));
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
    images_are_replaced_and_taken_away_each_by_itself,
    images_go_with_their_account_and_nobody_gone_gets_one,
    what_is_changed_of_an_account_is_read_back,
);
