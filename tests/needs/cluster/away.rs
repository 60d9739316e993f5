//! Who is there while Redis is not: each node shows its own and whom it knew of, says so, and is exact again afterwards.

use super::house::{House, Meet};
use crate::{
    need,
    tools::{Client, User, Viewer, until},
};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Postgres, Redis]:
        while_redis_is_frozen_who_comes_is_counted_and_the_list_is_partial,
        a_redis_that_comes_back_empty_is_told_who_is_there,
        what_a_killed_node_had_is_counted_no_more,
    ]
}

/// A guest on the first node, an account on both, and the host, who looks.
struct Scene {
    house: House,
    host: User,
    bo: User,
    viewers: Vec<Viewer>,
}

impl Scene {
    async fn open() -> Scene {
        let house = House::open(2, Meet::Redis).await;
        let host = house.on_air().await;
        let bo = User::register(host.guest(), "bob").await;
        let guest = house.at(&host.guest(), 0).join().await;
        let first = house.at(&bo, 0).at(&host.stream).join().await;
        let second = house.at(&bo, 1).at(&host.stream).join().await;
        let scene = Scene { house, host, bo, viewers: vec![guest, first, second] };
        scene.all_count(&[0, 1], 2, 1).await;
        scene
    }

    /// All of these nodes count so many, name bo, and so many guests.
    async fn all_count(&self, nodes: &[usize], viewers: usize, guests: usize) {
        for node in nodes {
            let client = self.house.at(&self.host, *node);
            until(&format!("node {node} counts {viewers}"), async || {
                client.get("").await.ok()["viewers"] == viewers
                    && list(&client).await == whole(&self.bo, guests)
            })
            .await;
        }
    }

    async fn end(self) {
        for viewer in self.viewers {
            viewer.leave().await;
        }
        self.house.assert_calm();
    }
}

/// Who is named, how many guests, and whether some are missing.
async fn list(client: &Client) -> (Vec<Value>, Value, Value) {
    let page = client.get("viewers").await.ok();
    let ids = page["items"].as_array().expect("a list").iter().map(|item| item["id"].clone());
    (ids.collect(), page["guests"].clone(), page["partial"].clone())
}

/// A list that says nothing of its being partial.
fn whole(bo: &User, guests: usize) -> (Vec<Value>, Value, Value) {
    (vec![json!(bo.id)], json!(guests), Value::Null)
}

async fn while_redis_is_frozen_who_comes_is_counted_and_the_list_is_partial() {
    let mut scene = Scene::open().await;
    scene.house.redis.as_ref().expect("there is one").freeze();
    let mut newcomer = scene.house.at(&scene.host.guest(), 1).join().await;
    newcomer.expect_where("pulse", |pulse| pulse["viewers"] == 3).await;
    assert_eq!(
        list(&scene.house.at(&scene.host, 1)).await,
        (vec![json!(scene.bo.id)], json!(1), json!(true)),
        "the guest of the other node is missing"
    );
    scene.house.redis.as_ref().expect("there is one").thaw();
    scene.viewers.push(newcomer);
    scene.all_count(&[0, 1], 3, 2).await;
    scene.end().await;
}

async fn a_redis_that_comes_back_empty_is_told_who_is_there() {
    let mut scene = Scene::open().await;
    let redis = scene.house.redis.as_mut().expect("there is one");
    redis.kill();
    redis.return_empty().await;
    scene.all_count(&[0, 1], 2, 1).await;
    let newcomer = scene.house.at(&scene.host.guest(), 0).join().await;
    scene.viewers.push(newcomer);
    scene.all_count(&[0, 1], 3, 2).await;
    scene.end().await;
}

async fn what_a_killed_node_had_is_counted_no_more() {
    let mut scene = Scene::open().await;
    scene.house.kill(0);
    scene.all_count(&[1], 1, 0).await;
    scene.viewers.drain(..2);
    scene.end().await;
}
