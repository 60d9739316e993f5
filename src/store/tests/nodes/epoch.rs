//! A database that has lost what was shown: of all nodes that notice, one begins the new epoch.

use super::*;
use crate::store::upkeep::epoch;
use std::{sync::Barrier, thread};

const NODES: usize = 4;

fn nodes_that_notice_at_once_agree_on_one_new_epoch(database: &TestDatabase) {
    for _ in 0..10 {
        let (seen, all) = (database.read(meta::epoch), Barrier::new(NODES));
        let notice = || {
            all.wait();
            let begun = database.write(|tx| epoch::begin_after(tx, &seen, "it is older than it was"));
            (begun, database.read(meta::epoch))
        };
        let noticed: Vec<(bool, String)> = thread::scope(|scope| {
            let nodes: Vec<_> = (0..NODES).map(|_| scope.spawn(notice)).collect();
            nodes.into_iter().map(|node| node.join().unwrap()).collect()
        });
        let epoch = database.read(meta::epoch);
        assert_ne!(epoch, seen);
        assert!(noticed.iter().all(|(_, is)| *is == epoch), "{noticed:?}");
        assert_eq!(noticed.iter().filter(|(begun, _)| *begun).count(), 1, "{noticed:?}");
    }
    let on_record = database.read(|conn| audit::last(conn, 99));
    assert_eq!(on_record.iter().filter(|entry| entry.action == "epoch.new").count(), 10);
}

on_both!(nodes_that_notice_at_once_agree_on_one_new_epoch);
