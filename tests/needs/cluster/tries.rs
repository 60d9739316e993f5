//! What guards people is for the house: who tries passwords, or registers, on one node has tried on all.

use super::{
    house::{House, Meet},
    proxy::Way,
};
use crate::{
    need,
    tools::{Client, PASSWORD, Ports, User, until},
};
use libtest_mimic::Trial;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};

pub fn tests() -> Vec<Trial> {
    need::tests![[Postgres, Redis]:
        the_sixth_wrong_password_waits_on_whichever_node,
        the_eleventh_registration_waits_on_whichever_node,
        without_redis_each_node_counts_for_itself,
        the_right_password_on_one_node_ends_the_wait_on_another,
    ]
}

const SERVE_WITH_LIMITS: &str = "--listen 127.0.0.1:0 --ops-listen 127.0.0.1:0 --media-listen 127.0.0.1:0 \
    --rtmp-listen 127.0.0.1:0 --data-dir data";
const WRONG: &str = "a stage of somebody else's";

/// Somebody at another address, who asks one node.
fn from_elsewhere(house: &House, node: usize) -> Client {
    let address = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
    let http = reqwest::Client::builder().local_address(address).build().expect("an address of this machine");
    Client::new(http, Ports::one(house.doors.of(node).expect("it is there")))
}

async fn the_sixth_wrong_password_waits_on_whichever_node() {
    let house = House::open_with(2, Meet::Redis, SERVE_WITH_LIMITS).await;
    User::register(house.guest(), "ana").await;
    for n in 0..5 {
        house.guest_at(n % 2).log_in("ana", WRONG).await.refused(401, "invalid_credentials");
    }
    for node in [0, 1] {
        house.guest_at(node).log_in("ana", PASSWORD).await.refused(429, "rate_limited");
        from_elsewhere(&house, node).log_in("ana", PASSWORD).await.ok();
        house.guest_at(node).log_in("ana", PASSWORD).await.refused(429, "rate_limited");
    }
    assert!(keys_name_nobody(&house), "neither a name nor an address stands in Redis");
    house.assert_calm();
}

fn keys_name_nobody(house: &House) -> bool {
    let port = house.redis.as_ref().expect("there is one").port();
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).expect("an address");
    let mut connection = client.get_connection().expect("it answers");
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut connection).expect("the keys");
    let counters = keys.iter().filter(|key| key.contains(":win:") || key.contains(":fail:")).count();
    counters >= 3 && keys.iter().all(|key| !key.contains("ana") && !key.contains("127.0.0"))
}

async fn the_eleventh_registration_waits_on_whichever_node() {
    let house = House::open_with(2, Meet::Redis, SERVE_WITH_LIMITS).await;
    let register = async |n: usize| {
        let body = json!({"username": format!("user{n}"), "password": PASSWORD});
        house.guest_at(n % 2).post("/users", body).await
    };
    for n in 0..10 {
        let registered = register(n).await;
        let left = format!("\"registrations_per_ip\";r={}", 9 - n);
        assert!(registered.header("ratelimit").starts_with(&left), "{}", registered.header("ratelimit"));
        registered.ok();
    }
    register(10).await.refused(429, "rate_limited");
    register(11).await.refused(429, "rate_limited");
    house.assert_calm();
}

async fn without_redis_each_node_counts_for_itself() {
    let house = House::open_with(2, Meet::Redis, SERVE_WITH_LIMITS).await;
    User::register(house.guest(), "ana").await;
    house.redis.as_ref().expect("there is one").freeze();
    for _ in 0..5 {
        house.guest_at(0).log_in("ana", WRONG).await.refused(401, "invalid_credentials");
    }
    house.guest_at(0).log_in("ana", PASSWORD).await.refused(429, "rate_limited");
    house.guest_at(1).log_in("ana", PASSWORD).await.ok();
    house.redis.as_ref().expect("there is one").thaw();
    house.assert_calm();
}

async fn the_right_password_on_one_node_ends_the_wait_on_another() {
    let house = House::open_with(2, Meet::Redis, SERVE_WITH_LIMITS).await;
    let host = house.on_air().await;
    User::register(house.guest(), "ana").await;
    let knows_of_all =
        async || host.at_port(house.doors.of(1).expect("it is there")).get("viewers").await.ok();
    until("the second node asks Redis", async || knows_of_all().await["partial"].is_null()).await;
    house.to_redis([1], Way::Cut);
    for _ in 0..5 {
        house.guest_at(1).log_in("ana", WRONG).await.refused(401, "invalid_credentials");
    }
    house.guest_at(1).log_in("ana", PASSWORD).await.refused(429, "rate_limited");
    house.to_redis([1], Way::Open);
    until("the second node asks Redis again", async || knows_of_all().await["partial"].is_null()).await;
    house.guest_at(0).log_in("ana", PASSWORD).await.ok();
    house.guest_at(1).log_in("ana", PASSWORD).await.ok();
    house.assert_calm();
}
