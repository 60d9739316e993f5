//! Who may register: anybody, whoever has an invitation, whoever is let in, or nobody.

use super::administrator;
use crate::tools::{Answer, Client, PASSWORD, TestServer, User, id_of, until};
use serde_json::{Value, json};

async fn house(registration: &str) -> (TestServer, User) {
    let server = TestServer::spawn_with(|config| {
        config.on_one_node();
    });
    let root = administrator(&server).await;
    root.patch("/admin/settings", json!({"registration": registration})).await.ok();
    (server, root)
}

async fn register(guest: &Client, name: &str, invitation: Value) -> Answer {
    let mut body = json!({"username": name, "password": PASSWORD});
    if !invitation.is_null() {
        body["invitation"] = invitation;
    }
    guest.post("/users", body).await
}

#[tokio::test]
async fn an_invitation_lets_in_as_many_as_it_says_and_all_refusals_are_alike() {
    let (server, root) = house("invite").await;
    let guest = server.guest();
    let two = root.post("/admin/invitations", json!({"uses": 2, "expires_in_s": 3600})).await;
    assert_eq!(two.status, 201);
    let two = two.ok();
    let code = &two["code"];
    assert_eq!(code.as_str().unwrap().len(), 32);
    assert!(two["url"].as_str().unwrap().ends_with(&format!("/invitation#code={}", code.as_str().unwrap())));
    assert_eq!(root.get("/admin/invitations").await.ok()["items"], json!([two]));

    assert_eq!(register(&guest, "bob", code.clone()).await.status, 201);
    // A name that is taken uses nothing up.
    register(&guest, "bob", code.clone()).await.refused(409, "username_taken");
    assert_eq!(root.get("/admin/invitations").await.ok()["items"][0]["uses_left"], 1);
    assert_eq!(register(&guest, "carol", code.clone()).await.status, 201);
    assert_eq!(root.get("/admin/invitations").await.ok()["items"], json!([]));

    let taken_back = root.post("/admin/invitations", json!({})).await.ok();
    assert_eq!((&taken_back["uses_left"], &taken_back["expires_at"]), (&json!(1), &json!(null)));
    let of_nulls = json!({"uses": null, "expires_in_s": null});
    let of_nulls = root.post("/admin/invitations", of_nulls).await.ok();
    assert_eq!(of_nulls["uses_left"], 1);
    root.delete(&format!("/admin/invitations/{}", id_of(&of_nulls))).await;
    let path = format!("/admin/invitations/{}", id_of(&taken_back));
    assert_eq!(root.delete(&path).await.status, 204);
    root.delete(&path).await.refused(404, "not_found");
    let short = root.post("/admin/invitations", json!({"expires_in_s": 1})).await.ok();
    until("it has ended", async || root.get("/admin/invitations").await.ok()["items"] == json!([])).await;

    let mut refusals = Vec::new();
    for invitation in [
        json!(null),
        json!(""),
        json!("0".repeat(32)),
        code.clone(),
        taken_back["code"].clone(),
        short["code"].clone(),
    ] {
        refusals.push(register(&guest, "eve", invitation).await.refused(403, "forbidden"));
    }
    root.patch("/admin/settings", json!({"registration": "closed"})).await.ok();
    let open = root.post("/admin/invitations", json!({})).await.ok();
    refusals.push(register(&guest, "eve", open["code"].clone()).await.refused(403, "forbidden"));
    assert!(refusals.windows(2).all(|two| two[0] == two[1]), "{refusals:?}");
    server.on_record(&["invitation.create"]).await;
    server.on_record(&["invitation.delete"]).await;
}

#[tokio::test]
async fn of_two_who_use_the_last_use_at_once_one_comes_in() {
    let (server, root) = house("invite").await;
    for round in 0..5 {
        let code = root.post("/admin/invitations", json!({"uses": 1})).await.ok()["code"].clone();
        let guest = server.guest();
        let names = [format!("one{round}"), format!("other{round}")];
        let (one, other) = tokio::join!(
            register(&guest, &names[0], code.clone()),
            register(&guest, &names[1], code.clone())
        );
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 403]);
    }
}

#[tokio::test]
async fn invitations_that_cannot_be_are_refused() {
    let (_server, root) = house("invite").await;
    for body in [
        json!({"uses": 0}),
        json!({"uses": 101}),
        json!({"uses": 1.5}),
        json!({"expires_in_s": 0}),
        json!({"expires_in_s": 400 * 24 * 3600}),
        json!({"code": "mine"}),
    ] {
        root.post("/admin/invitations", body).await.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn who_waits_to_be_let_in_can_log_in_once_they_are_and_nobody_knows_of_them_before() {
    let (server, root) = house("approval").await;
    let guest = server.guest();
    let answer = register(&guest, "bob", json!(null)).await;
    assert_eq!(answer.status, 202);
    let waits = answer.ok();
    assert_eq!((&waits["state"], &waits["user"]["username"]), (&json!("pending"), &json!("bob")));
    assert!(waits.get("session").is_none());
    guest.log_in("bob", PASSWORD).await.refused(403, "forbidden");
    guest.log_in("bob", "not the password of bob").await.refused(401, "invalid_credentials");
    guest.get("/users/bob").await.refused(404, "not_found");
    root.put("/users/bob/follow", json!({})).await.refused(404, "not_found");

    let pending = root.get("/admin/users?state=pending").await.ok();
    assert_eq!(pending["items"][0]["username"], "bob");
    assert_eq!(
        (&pending["items"][0]["state"], &pending["items"][0]["approved"]),
        (&json!("pending"), &json!(false))
    );
    root.post("/admin/users/bob/reset-link", json!({})).await.refused(409, "conflict");
    root.patch("/admin/users/bob", json!({"approved": false})).await.refused(422, "invalid_field");
    let approved = root.patch("/admin/users/bob", json!({"approved": true})).await.ok();
    assert_eq!((&approved["state"], &approved["approved"]), (&json!("active"), &json!(true)));
    assert_eq!(guest.log_in("bob", PASSWORD).await.status, 201);
    guest.get("/users/bob").await.ok();
    server.on_record(&["account.approve", approved["id"].as_str().unwrap()]).await;
}
