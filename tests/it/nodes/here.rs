//! Which servers are here, as their operator hears of it.

use super::two_servers;
use crate::tools::{PATIENCE, TestServer};
use std::time::Instant;

/// The port of each server that is listed.
fn listed(server: &TestServer) -> Vec<String> {
    let lines = server.operate("admin nodes");
    let name = |line: &str| line.split_whitespace().next().expect("a name").to_owned();
    lines.lines().map(|line| name(line).rsplit_once(':').expect("a port").1.to_owned()).collect()
}

async fn wait_until(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "{what}");
    }
}

#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn servers_of_one_database_find_each_other_and_one_that_stops_is_gone_at_once() {
    let [one, other] = two_servers(|_| {});
    let both = [one.port.to_string(), other.port.to_string()];
    wait_until("both are listed", async || {
        let listed = listed(&one);
        both.iter().all(|port| listed.contains(port))
    })
    .await;
    wait_until("the second has found the first", async || other.metric("livehouse_nodes_alive").await == 2)
        .await;
    let count = async || other.guest().get("//health/ready").await.ok()["nodes"].clone();
    assert_eq!(count().await, 2);
    assert_eq!(one.record().len(), other.record().len(), "they share a database");

    let stays = other.port.to_string();
    drop(one);
    assert_eq!(listed(&other), [stays]);
    wait_until("it counts itself alone", async || count().await == 1).await;
}
