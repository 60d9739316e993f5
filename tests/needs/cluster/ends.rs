//! What ends on one node ends on all: sockets of sessions, accounts, members and streams that are gone.

use super::{
    figures,
    house::{House, Meet},
};
use crate::{
    need,
    tools::{Client, User, Viewer, id_of},
};
use futures_util::future::join_all;
use libtest_mimic::Trial;
use serde_json::json;
use tokio::time::Instant;

const REVOKED: u16 = 4401;
const GONE: u16 = 4404;

pub fn tests() -> Vec<Trial> {
    let alone = need::tests![[Postgres]: what_ends_on_one_node_ends_on_all];
    let redis = need::tests![[Postgres, Redis]: what_ends_on_one_node_ends_on_all_by_redis];
    [alone, redis].into_iter().flatten().collect()
}

async fn what_ends_on_one_node_ends_on_all() {
    ends(Meet::Alone, "alone").await;
}

async fn what_ends_on_one_node_ends_on_all_by_redis() {
    ends(Meet::Redis, "redis").await;
}

async fn ends(meet: Meet, name: &str) {
    let house = House::open(2, meet).await;
    let host = house.on_air().await;
    let users = join_all(["ana", "bob", "cyd"].map(|name| User::register(host.guest(), name))).await;
    let [ana, bob, cyd] = &users[..] else { panic!("three were asked for") };

    let sockets = on_each(&house, &ana.at(&host.stream)).await;
    house.at(ana, 0).delete("/sessions/current").await.ok();
    all_close(sockets, REVOKED, &format!("{name}_session_revoked")).await;

    let sockets = on_each(&house, &bob.at(&host.stream)).await;
    house.operate(&format!("admin disable {}", bob.username));
    all_close(sockets, REVOKED, &format!("{name}_account_disabled")).await;

    let private =
        host.post("/streams", json!({"title": "Among friends", "visibility": "private"})).await.ok();
    let private = host.at(id_of(&private));
    private.put("members/cyd", json!({})).await.ok();
    let sockets = on_each(&house, &cyd.at(&private.stream)).await;
    house.at(&private, 0).delete("members/cyd").await.ok();
    all_close(sockets, GONE, &format!("{name}_member_removed")).await;

    let sockets = on_each(&house, &host.guest()).await;
    house.at(&host, 0).delete("").await.ok();
    all_close(sockets, GONE, &format!("{name}_stream_deleted")).await;
    house.assert_calm();
}

/// A socket at each node.
async fn on_each(house: &House, client: &Client) -> Vec<Viewer> {
    join_all((0..house.members.len()).map(|node| house.at(client, node).join())).await
}

async fn all_close(sockets: Vec<Viewer>, code: u16, name: &str) {
    let done = Instant::now();
    for (node, mut socket) in sockets.into_iter().enumerate() {
        socket.expect_close().await.says(code);
        figures::say(&format!("{name}_closes_node_{node}_after"), done.elapsed().as_millis(), "ms");
    }
}
