//! How much a channel keeps.

use crate::tools::{Scene, Sqlite, TestServer, User, on_sqlite};
use serde_json::json;

/// So many accounts without a password, and a row of `table` with each.
fn fill(server: &TestServer, host: &User, table: &str, count: usize) {
    let many = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
    let (columns, values) = match table {
        "channel_bans" => (", banned_by", format!(", '{}'", host.id)),
        _ => ("", String::new()),
    };
    Sqlite::open(&server.place().path("data/livehouse.db")).run(&format!(
        "{many} INSERT INTO users (id, username, name_key, display_name, password_hash, is_admin, may_host, created_at)
            SELECT printf('01890000-0000-7000-8000-%012d', i), 'many' || i, '=many' || i, '', '', 0, 0, 0 FROM n;
        {many} INSERT INTO {table} (host_id, user_id, created_at{columns})
            SELECT '{}', printf('01890000-0000-7000-8000-%012d', i), 0{values} FROM n;",
        host.id
    ));
}

#[tokio::test]
async fn a_channel_has_a_hundred_moderators_and_no_more() {
    let Scene { server, host, .. } = &Scene::scheduled_with(on_sqlite).await;
    server.register("cyd").await;
    fill(server, host, "channel_moderators", 99);
    let appoint = async |name: &str| host.put(&format!("/channels/ana/moderators/{name}"), json!({})).await;
    assert_eq!(appoint("bob").await.status, 204, "the hundredth");
    let refused = appoint("cyd").await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("100"), "{refused}");
    assert_eq!(appoint("bob").await.status, 204, "a repeat is none more");
    assert_eq!(host.delete("/channels/ana/moderators/many1").await.status, 204);
    assert_eq!(appoint("cyd").await.status, 204);
}

#[tokio::test]
async fn a_channel_has_ten_thousand_bans_in_force_and_no_more() {
    let Scene { server, host, .. } = &Scene::scheduled_with(on_sqlite).await;
    server.register("cyd").await;
    fill(server, host, "channel_bans", 9_999);
    let ban =
        async |name: &str, reason: &str| host.put(&format!("bans/{name}"), json!({"reason": reason})).await;
    assert_eq!(ban("bob", "a").await.status, 204, "the ten thousandth");
    let refused = ban("cyd", "a").await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("10000"), "{refused}");
    assert_eq!(ban("bob", "b").await.status, 204, "another reason is none more");
    assert_eq!(host.put("bans/cyd", json!({"scope": "stream"})).await.status, 204, "a stream's are its own");
    assert_eq!(host.delete("bans/many1").await.status, 204);
    assert_eq!(ban("cyd", "a").await.status, 204);
}
