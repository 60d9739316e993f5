//! Redis and PostgreSQL frozen, lost, slow, and out of reach of one node: nobody's comment is lost, and nobody misses one.

use super::{
    figures,
    house::{House, Meet},
    load::{Load, a_while},
    proxy::Way,
};
use crate::{
    need,
    tools::{PATIENCE, Signal, until, viewer::connect},
};
use futures_util::StreamExt;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout};

pub fn tests() -> Vec<Trial> {
    let alone = need::tests![[Postgres]:
        a_postgresql_that_restarts_loses_nothing,
        a_node_that_is_cut_from_postgresql_loses_nothing,
        a_frozen_node_that_holds_a_lock_stops_the_others_for_a_moment,
        who_comes_while_a_room_cannot_be_read_is_told_to_come_again,
    ];
    let redis = need::tests![[Postgres, Redis]:
        a_frozen_redis_loses_nothing,
        a_redis_that_comes_back_empty_loses_nothing,
        a_node_that_is_cut_from_redis_loses_nothing,
        a_node_that_is_black_holed_from_redis_loses_nothing,
        a_slow_redis_loses_nothing,
    ];
    [alone, redis].into_iter().flatten().collect()
}

/// Comments before a fault, and after it.
const AROUND: usize = 100;

/// People write and read while something happens, and afterwards.
async fn with_load<T>(meet: Meet, name: &str, happens: impl AsyncFnOnce(&mut House, &Load) -> T) {
    let mut house = House::open(2, meet).await;
    let host = house.on_air().await;
    let load = Load::begin(&house, &host).await;
    let begun = Instant::now();
    load.acked(AROUND).await;
    let before = Instant::now();
    happens(&mut house, &load).await;
    let after = Instant::now();
    load.acked(AROUND).await;
    let seen = load.end(&house).await;
    seen.say(&format!("{name}_before"), begun, before);
    seen.say(&format!("{name}_during"), before, after);
    seen.say(&format!("{name}_after"), after, Instant::now());
    seen.say_rest(name);
}

async fn a_postgresql_that_restarts_loses_nothing() {
    with_load(Meet::Alone, "postgres_restart", async |house, load| {
        house.postgres.restart().await;
        load.acked(AROUND).await;
    })
    .await;
}

async fn a_node_that_is_cut_from_postgresql_loses_nothing() {
    with_load(Meet::Alone, "postgres_cut", async |house, load| {
        house.members[0].to_postgres.becomes(Way::Cut);
        load.acked(a_while() / 2).await;
        house.members[0].to_postgres.becomes(Way::Open);
    })
    .await;
}

/// Transactions that have waited for their node for a while.
const IDLE: &str = "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' \
    AND state_change < clock_timestamp() - interval '100 ms'";

async fn a_frozen_node_that_holds_a_lock_stops_the_others_for_a_moment() {
    with_load(Meet::Alone, "frozen_lock", async |house, load| {
        // A moment is looked for in which it is in the middle of a transaction.
        until("it is frozen while it holds a lock", async || {
            load.acked(1).await;
            house.signal(0, Signal::STOP);
            tokio::time::sleep(Duration::from_millis(150)).await;
            let holds_lock = !house.postgres.rows(IDLE).is_empty();
            if !holds_lock {
                house.signal(0, Signal::CONT);
            }
            holds_lock
        })
        .await;
        let frozen = Instant::now();
        load.acked(1).await;
        figures::say("frozen_lock_others_go_on_after", frozen.elapsed().as_millis(), "ms");
        load.acked(AROUND).await;
        house.signal(0, Signal::CONT);
    })
    .await;
}

/// Longer than a node waits for a lock.
const LOCK: &str = "BEGIN; LOCK TABLE announcements IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(5); COMMIT";
const IS_LOCKED: &str = "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted \
    AND relation = 'announcements'::regclass";

async fn who_comes_while_a_room_cannot_be_read_is_told_to_come_again() {
    let house = Arc::new(House::open(1, Meet::Alone).await);
    let host = house.on_air().await;
    let locking = tokio::task::spawn_blocking({
        let house = house.clone();
        move || house.postgres.rows(LOCK)
    });
    until("a table is locked", async || !house.postgres.rows(IS_LOCKED).is_empty()).await;
    let mut socket = connect(host.guest().upgrade("")).await;
    let bye = timeout(PATIENCE, socket.next()).await.expect("it is told something").expect("a frame");
    let bye: Value =
        serde_json::from_str(bye.expect("a frame").to_text().expect("text")).expect("frames are JSON");
    assert_eq!((&bye["code"], &bye["retry"]), (&json!(1013), &json!(true)), "{bye}");
    locking.await.expect("it was locked");
    host.guest().join().await.leave().await;
    house.assert_calm();
}

async fn a_frozen_redis_loses_nothing() {
    with_load(Meet::Redis, "redis_frozen", async |house, load| {
        house.redis.as_ref().expect("a Redis").freeze();
        load.acked(a_while()).await;
        house.redis.as_ref().expect("a Redis").thaw();
    })
    .await;
}

async fn a_redis_that_comes_back_empty_loses_nothing() {
    with_load(Meet::Redis, "redis_lost", async |house, load| {
        let redis = house.redis.as_mut().expect("a Redis");
        redis.kill();
        load.acked(a_while()).await;
        redis.return_empty().await;
    })
    .await;
}

async fn a_node_that_is_cut_from_redis_loses_nothing() {
    away_from_redis("redis_cut", Way::Cut).await;
}

async fn a_node_that_is_black_holed_from_redis_loses_nothing() {
    away_from_redis("redis_stalled", Way::Stalled).await;
}

async fn away_from_redis(name: &str, way: Way) {
    with_load(Meet::Redis, name, async |house, load| {
        house.to_redis([0], way);
        load.acked(a_while()).await;
        house.to_redis([0], Way::Open);
    })
    .await;
}

async fn a_slow_redis_loses_nothing() {
    with_load(Meet::Redis, "redis_slow", async |house, load| {
        house.to_redis([0, 1], Way::Slow(Duration::from_millis(50)));
        load.acked(a_while()).await;
        house.to_redis([0, 1], Way::Open);
    })
    .await;
}
