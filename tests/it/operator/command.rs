//! `livehouse admin` does what administrators do by REST, beside a server that runs.

use crate::tools::{PASSWORD, TestServer, until};
use serde_json::json;

#[tokio::test]
async fn what_the_command_sets_holds_on_the_server_within_a_second() {
    // What no call has done gives no node a second to hear of it.
    let server = TestServer::spawn_with(|config| {
        config.on_one_node();
    });
    assert_eq!(server.operate("admin settings get"), "");
    assert_eq!(server.operate("admin settings set name Barn"), "name = Barn\n");
    let set = server.operate("admin settings set registration invite");
    assert_eq!(set, "name = Barn\nregistration = invite\n");
    let guest = server.guest();
    until("it holds", async || guest.get("/site").await.ok()["registration"] == "invite").await;
    assert_eq!(server.operate("admin settings set name"), "registration = invite\n");
    for (wrong, told) in [
        ("accent red", "#rrggbb"),
        ("registration maybe", "open or invite"),
        ("colour #ffffff", "settings are: name"),
    ] {
        let line = server.misoperate(&format!("admin settings set {wrong}"));
        assert!(line.contains(told), "{line}");
    }

    let link = server.operate("admin invite --uses 1 --expires-in-s 3600");
    let code = link.trim().strip_prefix("/invitation#code=").expect("the page, and the code in its fragment");
    let body = json!({"username": "bob", "password": PASSWORD, "invitation": code});
    assert_eq!(guest.post("/users", body).await.status, 201);

    let link = server.operate("admin reset-link bob");
    let token = link.trim().strip_prefix("/reset#token=").expect("the page, and the token in its fragment");
    let body = json!({"token": token, "new_password": "another stage of mine"});
    assert_eq!(guest.post("/password-resets", body).await.status, 204);
    assert_eq!(guest.log_in("bob", "another stage of mine").await.status, 201);
}

#[tokio::test]
async fn who_waits_is_let_in_by_the_command() {
    // What no call has done gives no node a second to hear of it.
    let server = TestServer::spawn_with(|config| {
        config.on_one_node();
    });
    server.operate("admin settings set registration approval");
    let guest = server.guest();
    until("it holds", async || guest.get("/site").await.ok()["registration"] == "approval").await;
    let body = json!({"username": "bob", "password": PASSWORD});
    assert_eq!(guest.post("/users", body).await.status, 202);
    guest.log_in("bob", PASSWORD).await.refused(403, "forbidden");
    assert_eq!(server.operate("admin approve bob"), "bob can log in\n");
    assert_eq!(guest.log_in("bob", PASSWORD).await.status, 201);
}
