//! What all servers on one database share.

use super::*;
use crate::store::database::house;

fn a_house_has_one_id_for_good(database: &TestDatabase) {
    let id = database.write(house::id);
    assert!(id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
    assert_eq!(database.write(house::id), id);
}

fn a_server_with_another_key_is_refused_and_one_with_the_next_key_is_not(database: &TestDatabase) {
    let share = |current: &str, previous: Option<&str>| {
        database.store.write_blocking(|tx| house::share_key(tx, current, previous))
    };
    share("one", None).unwrap();
    share("one", None).unwrap();
    let error = share("two", None).unwrap_err();
    assert!(matches!(&error, Error::Unusable(text) if text.contains("another secret key")), "{error}");
    share("two", Some("one")).unwrap();
    share("two", Some("one")).unwrap();
    assert!(share("one", None).is_err(), "it would not know what the others sign");
    assert!(share("three", Some("one")).is_err());
}

on_both!(a_house_has_one_id_for_good, a_server_with_another_key_is_refused_and_one_with_the_next_key_is_not);
