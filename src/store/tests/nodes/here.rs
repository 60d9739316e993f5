//! Who is here: each server that says so, until it goes or falls silent.

use super::*;
use crate::{
    domain::BootId,
    store::{database::nodes, schema},
};
use diesel::prelude::*;

fn beat(database: &TestDatabase, boot: BootId, name: &str) -> Vec<String> {
    let beat = database.write(|tx| nodes::beat(tx, boot, name, "1.0"));
    assert!(beat.ahead_ms.abs() < 60_000, "one machine, one clock: {beat:?}");
    beat.others.into_iter().map(|node| node.name).collect()
}

/// As if a node had not been seen for so long.
fn falls_silent(database: &TestDatabase, boot: BootId, ms: i64) {
    let back = schema::nodes::seen_at.eq(schema::nodes::seen_at - ms);
    database.write(|tx| Ok(diesel::update(schema::nodes::table.find(boot)).set(back).execute(tx.conn())?));
}

fn each_node_finds_those_that_are_here(database: &TestDatabase) {
    let (a, b, c) = (BootId::new(), BootId::new(), BootId::new());
    assert_eq!(beat(database, a, "a"), [""; 0]);
    assert_eq!(beat(database, b, "b"), ["a"]);
    assert_eq!(beat(database, c, "c"), ["a", "b"]);
    assert_eq!(beat(database, a, "a"), ["b", "c"], "twice is once");
    let listed = database.read(nodes::list);
    assert_eq!(listed.iter().map(|node| node.boot).collect::<Vec<_>>(), [a, b, c]);

    database.write(|tx| nodes::leave(tx, c));
    falls_silent(database, b, 15_001);
    assert_eq!(beat(database, a, "a"), [""; 0]);
    assert_eq!(beat(database, b, "b"), ["a"], "it is back");
}

fn what_is_left_of_a_node_that_was_killed_goes_after_a_day(database: &TestDatabase) {
    let (a, gone) = (BootId::new(), BootId::new());
    let rows = |database: &TestDatabase| -> i64 {
        database.read(|conn| Ok(schema::nodes::table.count().get_result(conn)?))
    };
    beat(database, gone, "gone");
    falls_silent(database, gone, 23 * 3600 * 1000);
    beat(database, a, "a");
    assert_eq!(rows(database), 2);
    falls_silent(database, gone, 3600 * 1000 + 1);
    beat(database, a, "a");
    assert_eq!(rows(database), 1);
}

on_both!(each_node_finds_those_that_are_here, what_is_left_of_a_node_that_was_killed_goes_after_a_day);
