//! A database that was restored: of all nodes that start on it, one begins the new epoch.

use super::*;
use diesel::connection::SimpleConnection;
use std::{sync::Barrier, thread};

const NODES: usize = 4;

/// What a dump makes of the table when it is restored: another one with the same rows.
fn restore(database: &TestDatabase) {
    const AS_FROM_A_DUMP: &str = "ALTER TABLE meta RENAME TO dumped; \
        CREATE TABLE meta (LIKE dumped INCLUDING ALL); INSERT INTO meta SELECT * FROM dumped; DROP TABLE dumped";
    database.write(|tx| Ok(tx.conn().batch_execute(AS_FROM_A_DUMP)?));
}

fn nodes_that_start_at_once_on_a_restored_database_agree_on_one_new_epoch(database: &TestDatabase) {
    let start = || database.store.begin_epoch_if_restored().unwrap();
    assert_eq!((start(), start()), (None, None), "this is where it lives");
    for _ in 0..10 {
        let (seen, all) = (database.read(meta::epoch), Barrier::new(NODES));
        restore(database);
        let start_at_once = || {
            all.wait();
            start().is_some()
        };
        let begun: Vec<bool> = thread::scope(|scope| {
            let nodes: Vec<_> = (0..NODES).map(|_| scope.spawn(start_at_once)).collect();
            nodes.into_iter().map(|node| node.join().unwrap()).collect()
        });
        assert_eq!(begun.iter().filter(|begun| **begun).count(), 1, "{begun:?}");
        assert_ne!(database.read(meta::epoch), seen);
        assert_eq!(start(), None);
    }
}

fn who_has_begun_a_new_epoch_by_hand_begins_no_other(database: &TestDatabase) {
    let start = || database.store.begin_epoch_if_restored().unwrap();
    assert_eq!(start(), None);
    restore(database);
    let epoch = database.write(meta::new_epoch);
    assert_eq!((start(), database.read(meta::epoch)), (None, epoch));
}

on_postgres!(
    nodes_that_start_at_once_on_a_restored_database_agree_on_one_new_epoch,
    who_has_begun_a_new_epoch_by_hand_begins_no_other,
);
