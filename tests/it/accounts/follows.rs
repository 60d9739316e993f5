//! Following.

use crate::tools::TestServer;
use serde_json::{Value, json};

#[tokio::test]
async fn following_and_leaving_may_be_repeated() {
    let server = TestServer::spawn();
    let (ana, _bo) = (server.register("ana").await, server.register("bob").await);
    for _ in 0..2 {
        assert_eq!(ana.put("/users/bob/follow", json!({})).await.status, 204);
    }
    assert_eq!(ana.get("/users/me/following").await.ok()["items"].as_array().unwrap().len(), 1);
    for _ in 0..2 {
        assert_eq!(ana.delete("/users/bob/follow").await.status, 204);
    }
    assert_eq!(ana.get("/users/me/following").await.ok(), json!({"items": [], "next_cursor": null}));
    ana.put("/users/nobody/follow", json!({})).await.refused(404, "not_found");
    ana.put("/users/ana/follow", json!({})).await.refused(409, "conflict");
    server.guest().put("/users/bob/follow", json!({})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn nothing_is_lost_or_repeated_while_one_follows_more() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    for number in 0..5 {
        server.register(&format!("host{number}")).await;
        ana.put(&format!("/users/host{number}/follow"), json!({})).await.ok();
    }
    let mut seen = Vec::new();
    let mut query = String::new();
    loop {
        let page = ana.get(&format!("/users/me/following?limit=2{query}")).await.ok();
        let items = page["items"].as_array().unwrap();
        assert!(!items.is_empty());
        seen.extend(items.iter().map(|item| item["username"].as_str().unwrap().to_owned()));
        server.register(&format!("late{}", seen.len())).await;
        ana.put(&format!("/users/late{}/follow", seen.len()), json!({})).await.ok();
        match &page["next_cursor"] {
            Value::String(cursor) => query = format!("&cursor={cursor}"),
            _ => break,
        }
    }
    assert_eq!(seen, ["host4", "host3", "host2", "host1", "host0"]);
}

#[tokio::test]
async fn a_list_says_what_is_wrong_with_its_query() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    for (query, field) in
        [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("cursor=x", "cursor")]
    {
        let problem = ana.get(&format!("/users/me/following?{query}")).await.refused(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{query}: {problem}");
    }
    ana.get("/users/me/following?colour=blue").await.ok();
}
