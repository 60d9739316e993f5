//! Accounts as administrators look after them.

use super::administrator;
use crate::tools::{PASSWORD, Scene, TestServer, User};
use reqwest::Method;
use serde_json::{Value, json};

const ANOTHER: &str = "another stage of mine";

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["username"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn accounts_are_listed_newest_first_by_name_and_by_how_they_stand() {
    let server = TestServer::spawn();
    let root = administrator(&server).await;
    for name in ["anna", "bert", "hanna", "a_b"] {
        server.register(name).await;
    }
    assert_eq!(names(&root.get("/admin/users").await.ok()), ["a_b", "hanna", "bert", "anna", "root"]);
    assert_eq!(names(&root.get("/admin/users?q=ANN").await.ok()), ["hanna", "anna"]);
    assert_eq!(names(&root.get("/admin/users?q=_").await.ok()), ["a_b"], "no sign stands for any");
    root.patch("/admin/users/bert", json!({"disabled": true})).await.ok();
    assert_eq!(names(&root.get("/admin/users?state=disabled").await.ok()), ["bert"]);
    assert_eq!(names(&root.get("/admin/users?state=admin").await.ok()), ["root"]);
    assert_eq!(names(&root.get("/admin/users?state=active&q=ert").await.ok()), [""; 0]);
    root.get("/admin/users?state=nonsense").await.refused(422, "invalid_field");
    let first = root.get("/admin/users?limit=2").await.ok();
    let next = first["next_cursor"].as_str().unwrap();
    let second = root.get(&format!("/admin/users?limit=3&cursor={next}")).await.ok();
    assert_eq!(names(&second), ["bert", "anna", "root"]);
    assert_eq!(second["next_cursor"], json!(null));
}

#[tokio::test]
async fn a_disabled_account_is_gone_at_once_and_comes_back_enabled() {
    let Scene { server, bo, .. } = &Scene::live().await;
    let root = administrator(server).await;
    let mut there = bo.join().await;
    let disabled = root.patch("/admin/users/BOB", json!({"disabled": true})).await.ok();
    assert_eq!((&disabled["state"], &disabled["disabled"]), (&json!("disabled"), &json!(true)));
    there.expect_close().await.says(4401);
    assert!(!bo.is_signed_in().await);
    bo.guest().log_in("bob", PASSWORD).await.refused(401, "invalid_credentials");
    root.patch("/admin/users/bob", json!({"disabled": false})).await.ok();
    bo.log_in_again().await;
    server.on_record(&["account.disable", &bo.id]).await;
    server.on_record(&["account.enable", &bo.id]).await;
    root.patch("/admin/users/nobody", json!({"disabled": true})).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    let server = TestServer::spawn();
    let root = administrator(&server).await;
    let ana = server.register("ana").await;
    for patch in [json!({"is_admin": false}), json!({"disabled": true})] {
        root.patch("/admin/users/root", patch).await.refused(409, "conflict");
    }
    assert_eq!(root.patch("/admin/users/ana", json!({"is_admin": true})).await.ok()["is_admin"], true);
    ana.get("/admin/settings").await.ok();
    root.patch("/admin/users/root", json!({"disabled": true})).await.ok();
    ana.patch("/admin/users/ana", json!({"is_admin": false})).await.refused(409, "conflict");
    ana.patch("/admin/users/root", json!({"disabled": false})).await.ok();
    // With the right goes what was let in by it.
    ana.patch("/admin/users/ana", json!({"is_admin": false})).await.ok();
    assert!(!ana.is_signed_in().await);
}

#[tokio::test]
async fn the_last_administrator_cannot_delete_their_account_and_of_two_one_can() {
    let server = TestServer::spawn();
    let root = administrator(&server).await;
    let leave = async |who: &User| {
        who.send(who.request(Method::DELETE, "/users/me").json(&json!({"password": PASSWORD}))).await
    };
    leave(&root).await.refused(409, "conflict");
    root.get("/admin/settings").await.ok();
    let ana = server.register("ana").await;
    root.patch("/admin/users/ana", json!({"is_admin": true})).await.ok();
    let (one, other) = tokio::join!(leave(&root), leave(&ana));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
}

#[tokio::test]
async fn hosting_is_granted_and_sessions_are_ended() {
    let server = TestServer::spawn();
    let root = administrator(&server).await;
    root.patch("/admin/settings", json!({"streams_by": "granted"})).await.ok();
    let ana = server.register("ana").await;
    ana.post("/streams", json!({"title": "x"})).await.refused(403, "forbidden");
    root.patch("/admin/users/ana", json!({"can_host": true})).await.ok();
    ana.post("/streams", json!({"title": "x"})).await.ok();
    assert_eq!(root.delete("/admin/users/ana/sessions").await.status, 204);
    assert!(!ana.is_signed_in().await);
    ana.log_in_again().await;
    server.on_record(&["hosting.grant", &ana.id]).await;
    server.on_record(&["sessions.revoke", &ana.id]).await;
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_ends_what_was_open() {
    let Scene { server, bo, .. } = &Scene::live().await;
    let root = administrator(server).await;
    let guest = server.guest();
    let link = async || {
        let link = root.post("/admin/users/bob/reset-link", json!({})).await;
        assert_eq!(link.status, 201);
        let url = link.ok()["url"].as_str().unwrap().to_owned();
        url.split_once("/reset#token=").expect("the page, and the token in its fragment").1.to_owned()
    };
    let (first, token) = (link().await, link().await);
    assert_eq!(token.len(), 32);
    let reset = async |token: &str, password: &str| {
        guest.post("/password-resets", json!({"token": token, "new_password": password})).await
    };
    reset(&first, ANOTHER).await.refused(404, "not_found");
    reset("", ANOTHER).await.refused(404, "not_found");
    reset(&token, "short").await.refused(422, "invalid_field");
    let mut there = bo.join().await;
    assert_eq!(reset(&token, ANOTHER).await.status, 204);
    there.expect_close().await.says(4401);
    assert!(!bo.is_signed_in().await);
    reset(&token, ANOTHER).await.refused(404, "not_found");
    guest.log_in("bob", PASSWORD).await.refused(401, "invalid_credentials");
    let entered = guest.log_in("bob", ANOTHER).await.ok();
    let bob = guest.with_token(entered["session"]["access_token"].as_str().unwrap());

    // A change of password voids a link, and so does disabling.
    let token = link().await;
    let change = json!({"current_password": ANOTHER, "new_password": PASSWORD});
    assert_eq!(bob.put("/users/me/password", change).await.status, 204);
    reset(&token, ANOTHER).await.refused(404, "not_found");
    let token = link().await;
    for disabled in [true, false] {
        root.patch("/admin/users/bob", json!({"disabled": disabled})).await.ok();
    }
    reset(&token, ANOTHER).await.refused(404, "not_found");
    server.on_record(&["password.link", &bo.id]).await;
    server.on_record(&["password.reset", &bo.id]).await;
}
