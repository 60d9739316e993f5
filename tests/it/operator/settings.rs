//! What the site is called, how it looks, and whom it lets in.

use super::administrator;
use crate::tools::TestServer;
use livehouse::config::{Registration, StreamsBy};
use serde_json::json;

#[tokio::test]
async fn what_is_set_holds_for_all_at_once_and_after_a_restart() {
    let server = TestServer::spawn();
    let root = administrator(&server).await;
    let usual = root.get("/admin/settings").await.ok();
    let expected = json!({
        "name": "Livehouse", "description": "", "accent": null, "logo_url": null, "rules": "", "registration": "open",
        "streams_by": "everyone", "locked": [],
    });
    assert_eq!(usual, expected);
    let patch = json!({
        "name": "The Barn", "description": "Folk, live", "accent": "#A0b1c2", "rules": "Be kind.\nBe brief.",
        "streams_by": "granted",
    });
    let set = root.patch("/admin/settings", patch).await.ok();
    assert_eq!((&set["name"], &set["accent"]), (&json!("The Barn"), &json!("#a0b1c2")));
    let site = server.guest().get("/site").await.ok();
    for member in ["name", "description", "accent", "rules", "registration", "streams_by"] {
        assert_eq!(site[member], set[member], "{member}");
    }
    let ana = server.register("ana").await;
    ana.post("/streams", json!({"title": "x"})).await.refused(403, "forbidden");
    server.on_record(&["site.settings", "name description accent rules streams_by"]).await;

    let server = server.restart();
    assert_eq!(server.guest().get("/site").await.ok()["name"], "The Barn");
    let root = server.guest().log_in("root", crate::tools::PASSWORD).await.ok();
    let root = server.guest().with_token(root["session"]["access_token"].as_str().unwrap());
    let cleared = json!({
        "name": null, "description": null, "accent": null, "rules": "", "registration": null, "streams_by": null,
    });
    assert_eq!(root.patch("/admin/settings", cleared).await.ok(), expected);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let server = TestServer::spawn();
    let root = administrator(&server).await;
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(51))),
        ("description", json!("x".repeat(501))),
        ("accent", json!("red")),
        ("accent", json!("#12345")),
        ("rules", json!("x".repeat(5001))),
        ("registration", json!("sometimes")),
        ("streams_by", json!("nobody")),
        ("logo", json!("x")),
    ] {
        let patch = json!({"description": "Changed", field: value});
        let refused = root.patch("/admin/settings", patch).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    assert_eq!(server.guest().get("/site").await.ok()["description"], "");
}

#[tokio::test]
async fn what_a_flag_says_wins_and_is_shown_as_locked() {
    let server = TestServer::spawn_with(|config| {
        config.registration = Some(Registration::Open);
        config.streams_by = Some(StreamsBy::Granted);
    });
    let root = administrator(&server).await;
    let settings = root.get("/admin/settings").await.ok();
    assert_eq!(settings["locked"], json!(["registration", "streams_by"]));
    assert_eq!(settings["streams_by"], "granted");
    for patch in [json!({"registration": "closed"}), json!({"streams_by": null, "name": "x"})] {
        let refused = root.patch("/admin/settings", patch).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["code"], "locked");
    }
    let site = root.patch("/admin/settings", json!({"name": "Still to be named"})).await.ok();
    assert_eq!((&site["name"], &site["registration"]), (&json!("Still to be named"), &json!("open")));
}
