//! Nodes that are killed under load: what they have acknowledged is there, and whoever was with them goes on elsewhere.

use super::{
    figures,
    house::{House, Meet},
    load::Load,
};
use crate::{need, tools::until};
use libtest_mimic::Trial;
use tokio::time::Instant;

pub fn tests() -> Vec<Trial> {
    let alone = need::tests![[Postgres]: killed_nodes_take_nothing_with_them];
    let redis = need::tests![[Postgres, Redis]: killed_nodes_take_nothing_with_them_where_redis_is_there];
    [alone, redis].into_iter().flatten().collect()
}

/// Comments between two deaths.
const BETWEEN: usize = 150;

fn kills() -> usize {
    std::env::var("LIVEHOUSE_TEST_KILLS")
        .map_or(3, |text| text.parse().expect("LIVEHOUSE_TEST_KILLS is a number"))
}

async fn killed_nodes_take_nothing_with_them() {
    kill(Meet::Alone, "kill").await;
}

async fn killed_nodes_take_nothing_with_them_where_redis_is_there() {
    kill(Meet::Redis, "kill_redis").await;
}

async fn kill(meet: Meet, name: &str) {
    let mut house = House::open(2, meet).await;
    let host = house.on_air().await;
    let load = Load::begin(&house, &host).await;
    load.acked(BETWEEN).await;
    let begun = Instant::now();
    for n in 0..kills() {
        house.kill(n % 2);
        let killed = Instant::now();
        load.acked(BETWEEN).await;
        if meet == Meet::Redis {
            counts_are_exact(&house, &host, 1 - n % 2, &load, killed).await;
        }
        house.start(n % 2);
        load.acked(BETWEEN).await;
    }
    let seen = load.end(&house).await;
    assert!(seen.resumed() >= kills(), "nobody had to come back");
    seen.say(name, begun, Instant::now());
    seen.say_rest(name);
}

/// A node that is there counts all who are there, and none of those who died with another.
async fn counts_are_exact(
    house: &House,
    host: &crate::tools::Client,
    node: usize,
    load: &Load,
    killed: Instant,
) {
    let client = house.at(host, node);
    until("the count is exact", async || client.get("").await.ok()["viewers"] == load.people()).await;
    figures::say("kill_count_exact_after", killed.elapsed().as_millis(), "ms");
}
