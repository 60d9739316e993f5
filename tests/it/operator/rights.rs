//! What everybody else gets of each call: nothing.

use super::administrator;
use crate::tools::{Client, Scene};
use reqwest::Method;
use serde_json::{Value, json};

const NOWHERE: &str = "01890000-0000-7000-8000-000000000000";

/// Every call of `/admin`, as an administrator would send it.
fn calls() -> Vec<(Method, String, Option<Value>)> {
    let call = |method, path: &str, body| (method, format!("/admin/{path}"), body);
    vec![
        call(Method::GET, "settings", None),
        call(Method::PATCH, "settings", Some(json!({"name": "Mine"}))),
        call(Method::PUT, "logo", None),
        call(Method::DELETE, "logo", None),
        call(Method::GET, "users", None),
        call(Method::PATCH, "users/bob", Some(json!({"is_admin": true}))),
        call(Method::DELETE, "users/bob/sessions", None),
        call(Method::POST, "users/bob/reset-link", None),
        call(Method::GET, "streams", None),
        call(Method::GET, "reports", None),
        call(Method::GET, "audit", None),
        call(Method::GET, "stats", None),
        call(Method::GET, "bans", None),
        call(Method::PUT, "bans/bob", Some(json!({"duration_s": null}))),
        call(Method::DELETE, "bans/bob", None),
        call(Method::GET, "invitations", None),
        call(Method::POST, "invitations", Some(json!({"uses": 1}))),
        call(Method::DELETE, &format!("invitations/{NOWHERE}"), None),
    ]
}

async fn send(
    client: &Client,
    (method, path, body): &(Method, String, Option<Value>),
) -> crate::tools::Answer {
    let request = client.request(method.clone(), path);
    client
        .send(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
}

/// Those of the table of keys, so that no call is missing here.
#[test]
fn every_call_of_administrators_is_asked() {
    let listed = crate::keys::table::ACCOUNTS_ALONE.iter().filter(|call| call.contains(" /admin/"));
    let listed: Vec<&str> = listed.copied().collect();
    let asked: Vec<String> = calls()
        .iter()
        .map(|(method, path, _)| {
            format!("{method} {path}").replace("bob", "{username}").replace(NOWHERE, "{id}")
        })
        .collect();
    assert_eq!(asked, listed);
}

#[tokio::test]
async fn whoever_is_no_administrator_gets_nothing_of_any_call() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    host.put("moderators/bob", json!({})).await;
    let moderator = bo;
    let viewer = server.register("carol").await;
    let scopes = json!({"name": "all", "scopes": ["read", "comment", "moderate", "streams", "ingest"]});
    let key = root.post("/users/me/keys", scopes).await.ok();
    let by_key = root.with_token(key["key"].as_str().unwrap());
    let before = root.get("/admin/users").await.ok();
    for call in calls() {
        send(&host.guest(), &call).await.refused(401, "unauthenticated");
        for client in [&viewer as &Client, moderator, host, &by_key] {
            send(client, &call).await.refused(403, "forbidden");
        }
    }
    assert_eq!(root.get("/admin/users").await.ok(), before, "nothing was changed");
}

#[tokio::test]
async fn who_asks_is_looked_at_before_what_is_asked() {
    let Scene { bo, .. } = &Scene::live().await;
    for (path, body) in [
        ("/admin/settings", json!({"no such": 1})),
        ("/admin/users/nobody-at-all", json!([])),
        ("/admin/users/..%2f", json!({})),
    ] {
        bo.patch(path, body.clone()).await.refused(403, "forbidden");
        bo.guest().patch(path, body).await.refused(401, "unauthenticated");
    }
    bo.get("/admin/users?state=nonsense").await.refused(403, "forbidden");
    bo.delete("/admin/invitations/not-an-id").await.refused(403, "forbidden");
    let untyped = bo.send(bo.request(Method::POST, "/admin/invitations").body("x")).await;
    untyped.refused(403, "forbidden");
    bo.get("/admin/no-such-thing").await.refused(404, "not_found");
}
