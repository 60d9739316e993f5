//! What an administrator decides at one server holds at all within seconds.

use super::two_servers;
use crate::tools::until;
use serde_json::json;

#[tokio::test]
#[cfg_attr(not(feature = "postgres"), ignore = "needs --features postgres and LIVEHOUSE_TEST_POSTGRES_URL")]
async fn what_is_set_at_one_server_holds_at_the_other() {
    let [one, other] = two_servers(|_| {});
    let root = one.register("root").await;
    one.promote(&root);
    root.patch("/admin/settings", json!({"registration": "closed", "name": "The Barn"})).await.ok();
    let there = other.guest();
    until("it holds there", async || there.get("/site").await.ok()["name"] == "The Barn").await;
    there
        .post("/users", json!({"username": "eve", "password": crate::tools::PASSWORD}))
        .await
        .refused(403, "forbidden");
}
