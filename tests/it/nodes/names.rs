//! Who changes their name at one server is shown by it at all.

use super::two_servers;
use crate::tools::{Client, until};
use serde_json::{Value, json};

/// The host's name, as whoever comes into the room reads it.
async fn shown(room: &Client) -> Value {
    room.join().await.opening["stream"]["host"]["display_name"].clone()
}

#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn a_room_that_is_open_at_the_other_server_shows_the_new_name() {
    let [one, other] = two_servers(|_| {});
    let host = one.register("host").await.go_live("Under another name").await;
    let elsewhere = other.guest().at(&host.stream);
    let stays = elsewhere.join().await;
    for name in ["Ana at last", "Ana again"] {
        host.patch("/users/me", json!({"display_name": name})).await.ok();
        until("the other server shows the new name", async || shown(&elsewhere).await == name).await;
    }
    stays.leave().await;
}

#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn a_change_of_name_closes_nothing_at_the_other_server() {
    let [one, other] = two_servers(|_| {});
    let host = one.register("host").await.go_live("Under another name").await;
    let mut there = host.at_port(other.port).join().await;
    let bo = one.register("bob").await;
    host.patch("/users/me", json!({"display_name": "Ana at last"})).await.ok();
    // What ends an account is numbered after the name: once that is seen, the name has been.
    let mut bos = bo.at(&host.stream).at_port(other.port).join().await;
    bo.farewell().await;
    bos.expect_close().await.says(4401);
    there.is_heard().await;
}
