//! Accounts: names stay taken, and what goes with an account that is deleted.

use super::*;
use crate::store::log::{Body, NewEvent};

fn a_name_is_taken_once_also_by_a_deleted_account(house: &House) {
    let ana = house.user("ana");
    let again = |house: &House| house.store.write(|tx| users::create(tx, &new_user("Ana")));
    assert!(matches!(again(house), Err(Error::Conflict(Conflict::UsernameTaken))));
    house.write(|tx| users::delete_account(tx, ana.id, NOW, &purged(), &|_| purged()));
    assert!(matches!(again(house), Err(Error::Conflict(Conflict::UsernameTaken))));
    assert_eq!(house.read(|conn| users::by_name_key(conn, "ana")), None);
}

fn purged() -> NewEvent {
    NewEvent { kind: "comments.purged".into(), comment_id: None, question_id: None, payload: "{}".into() }
}

fn a_display_name_may_be_ones_own_username_but_not_anothers(house: &House) {
    let (ana, bo) = (house.user("ana"), house.user("bo"));
    let taken = |by: &users::Person| house.read(|conn| users::display_name_taken(conn, "ana", Some(by.id)));
    assert!(!taken(&ana));
    assert!(taken(&bo));
    assert!(house.read(|conn| users::display_name_taken(conn, "ana", None)));
}

fn a_deleted_account_takes_its_streams_comments_and_relations_along(house: &House) {
    let (ana, bo) = (house.user("ana"), house.user("bo"));
    let (own, other) = (house.stream(&ana), house.stream(&bo));
    house.says(own, &bo, "in a stream that goes");
    let kept = house.says(other, &bo, "kept");
    let gone = house.says(other, &ana, "gone");
    house.write(|tx| {
        follows::put(tx, ana.id, bo.id, NOW)?;
        relations::moderators::put(tx, other, ana.id, NOW)
    });

    let deleted = house.write(|tx| users::delete_account(tx, ana.id, NOW + 5, &purged(), &|_| purged()));

    assert_eq!(deleted.removed, [own]);
    assert_eq!(
        deleted.purged.iter().map(|(id, logged)| (*id, logged.seq.0)).collect::<Vec<_>>(),
        [(other, 3)]
    );
    assert_eq!(house.read(|conn| streams::by_id(conn, own)), None);
    assert!(!house.read(|conn| relations::moderators::has(conn, other, ana.id)));
    assert!(!house.read(|conn| follows::is_following(conn, ana.id, bo.id)));
    assert_eq!(house.read(|conn| comments::last(conn, other, 9)), [kept]);
    let log = house.read(|conn| log::after(conn, other, Default::default(), 9));
    assert_eq!(log[1].body, Body::Tombstone { comment_id: gone.id, deleted_at: NOW + 5 });
    let row = house.read(|conn| users::by_id(conn, ana.id)).unwrap();
    assert_eq!(
        (row.display_name.as_str(), row.password_hash.as_str(), row.deleted_at),
        ("", "", Some(NOW + 5))
    );
    let again = house.store.write(|tx| users::delete_account(tx, ana.id, NOW, &purged(), &|_| purged()));
    assert!(matches!(again, Err(Error::NotFound)));
}

fn what_is_changed_of_an_account_is_read_back(house: &House) {
    let ana = house.user("ana");
    house.write(|tx| {
        users::set_admin(tx, ana.id, true)?;
        users::set_may_host(tx, ana.id, true)?;
        users::set_password_hash(tx, ana.id, "new")?;
        users::update_display_name(tx, ana.id, "Ana Lu")
    });
    let row = house.read(|conn| users::by_id(conn, ana.id)).unwrap();
    assert_eq!((row.is_admin, row.may_host, row.password_hash.as_str()), (true, true, "new"));
    assert_eq!(row.display_name, "Ana Lu");
    assert!(house.read(users::any_admin));
    assert_eq!(house.read(|conn| users::by_ids(conn, &[ana.id, UserId::new()])).len(), 1);
    let nobody = house.store.write(|tx| users::set_admin(tx, UserId::new(), true));
    assert!(matches!(nobody, Err(Error::NotFound)));
}

on_both!(
    a_name_is_taken_once_also_by_a_deleted_account,
    a_display_name_may_be_ones_own_username_but_not_anothers,
    a_deleted_account_takes_its_streams_comments_and_relations_along,
    what_is_changed_of_an_account_is_read_back,
);
