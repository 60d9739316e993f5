//! A house that is upgraded while people write and read: one node after the other ends and comes back as the new program. Nobody
//! is cut off without a goodbye, and everybody goes on where they were.

use super::{
    bans,
    house::{House, Meet},
    load::Load,
};
use crate::{
    need::{self, Need},
    tools::User,
};
use libtest_mimic::Trial;
use tokio::time::Instant;

pub fn tests() -> Vec<Trial> {
    let alone = need::tests![[Postgres, OldBinary]: an_upgrade_under_load_loses_nothing];
    let redis = need::tests![[Postgres, Redis, OldBinary]: an_upgrade_under_load_loses_nothing_by_redis];
    [alone, redis].into_iter().flatten().collect()
}

async fn an_upgrade_under_load_loses_nothing() {
    upgrade(Meet::Alone, "upgrade").await;
}

async fn an_upgrade_under_load_loses_nothing_by_redis() {
    upgrade(Meet::Redis, "upgrade_redis").await;
}

/// Comments before each change of a node and after it.
const AROUND: usize = 150;

async fn upgrade(meet: Meet, name: &str) {
    let old =
        Need::OldBinary.found().expect("LIVEHOUSE_TEST_OLD_BINARY names the program of the version before");
    let mut house = House::open_of(old, 2, meet).await;
    let host = house.on_air().await;
    let bob = User::register(host.guest(), "bob").await;
    let beside = host.go_live("Beside").await;
    let load = Load::begin(&house, &host).await;
    load.acked(AROUND).await;
    let (people, begun) = (load.people(), Instant::now());
    house.upgrade();
    for node in [0, 1] {
        house.stop(node);
        load.acked(AROUND).await;
        house.start(node);
        load.acked(AROUND).await;
        // In the first round one is old and the other new.
        for acting in [0, 1] {
            bans::holds_at_once(&house, &house.at(&beside, acting), &bob).await;
        }
    }
    let seen = load.end(&house).await;
    let (ended, torn) = seen.ended();
    assert_eq!(torn, 0, "without a goodbye, of {ended} sockets that ended");
    assert!(ended >= people, "each node sends its people away: {ended} of {people}");
    seen.say(name, begun, Instant::now());
    seen.say_rest(name);
}
