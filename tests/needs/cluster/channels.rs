//! What is done to a channel on one node holds in its rooms on the other, in those that are over, too.

use super::house::{House, Meet};
use crate::{need, tools::User};
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    let alone = need::tests![[Postgres]: what_holds_in_a_channel_is_told_on_the_other_node];
    let redis = need::tests![[Postgres, Redis]: what_holds_in_a_channel_is_told_on_the_other_node_by_redis];
    [alone, redis].into_iter().flatten().collect()
}

async fn what_holds_in_a_channel_is_told_on_the_other_node() {
    rooms_hear(Meet::Alone).await;
}

async fn what_holds_in_a_channel_is_told_on_the_other_node_by_redis() {
    rooms_hear(Meet::Redis).await;
}

async fn rooms_hear(meet: Meet) {
    let house = House::open(2, meet).await;
    let host = house.on_air().await;
    let [bob, mia] = [User::register(host.guest(), "bob").await, User::register(host.guest(), "mia").await];
    let (over, private) = (host.go_live("over").await, host.go_live("over and private").await);
    host.put("/channels/host/moderators/mia", json!({})).await.ok();
    private.patch("", json!({"visibility": "private"})).await.ok();
    for ended in [&over, &private] {
        ended.post("end", json!({})).await.ok();
    }
    let (here, bob, mia) = (house.at(&host, 0), house.at(&bob, 1), house.at(&mia, 1));
    let mut on_air = bob.at(&host.stream).join().await;
    let mut in_over = bob.at(&over.stream).join().await;
    let mut in_private = mia.at(&private.stream).join().await;

    here.put("/channels/host/bans/bob", json!({"reason": "rude"})).await.ok();
    on_air.expect("viewer.banned").await;
    assert_eq!(on_air.comment("x").await["code"], "banned");
    assert_eq!(in_over.expect("you").await["ban"]["reason"], "rude");
    here.delete("/channels/host/bans/bob").await.ok();
    on_air.expect("viewer.unbanned").await;
    assert_eq!(in_over.expect("you").await["ban"], json!(null));

    here.delete("/channels/host/moderators/mia").await.ok();
    in_private.expect_close().await.says(4404);
    for viewer in [on_air, in_over] {
        viewer.leave().await;
    }
    house.assert_calm();
}
