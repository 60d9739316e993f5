//! A key that is deleted at one server is worthless at all, and its sockets close there.

use super::two_servers;
use crate::tools::id_of;
use serde_json::json;

#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn a_key_deleted_at_one_server_closes_its_sockets_at_the_other() {
    let [one, other] = two_servers(|_| {});
    let host = one.register("host").await;
    let at_other = host.go_live("A bot").await.at_port(other.port);
    let made = host
        .post("/users/me/keys", json!({"name": "x", "scopes": ["read", "comment"], "bot": true}))
        .await
        .ok();
    let bot = at_other.with_token(made["key"].as_str().expect("a key"));
    let (mut bots, mut own) = (bot.join().await, at_other.join().await);
    let mut here = host.at(&at_other.stream).join().await;
    assert_eq!(bots.comment("beep").await["comment"]["user"]["bot"], true);
    assert_eq!(here.expect_comment("beep").await["comment"]["user"]["bot"], true);
    assert_eq!(host.delete(&format!("/users/me/keys/{}", id_of(&made))).await.status, 204);
    bots.expect_close().await.says(4401);
    bot.get("").await.refused(401, "unauthenticated");
    own.is_heard().await;
}
