//! What administrators see of the whole site.

use super::administrator;
use crate::tools::{Scene, id_of};
use serde_json::{Value, json};

fn members<'a>(list: &'a Value, member: &str) -> Vec<&'a Value> {
    list["items"].as_array().unwrap().iter().map(|item| &item[member]).collect()
}

#[tokio::test]
async fn streams_of_any_visibility_are_listed() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    for visibility in ["unlisted", "private"] {
        bo.post("/streams", json!({"title": visibility, "visibility": visibility})).await.ok();
    }
    let all = root.get("/admin/streams").await.ok();
    assert_eq!(members(&all, "title"), ["private", "unlisted", "one"]);
    assert_eq!(members(&root.get("/admin/streams?host=BOB&q=PRIV").await.ok(), "title"), ["private"]);
    assert_eq!(members(&root.get("/admin/streams?status=live").await.ok(), "id"), [&json!(host.stream)]);
    assert_eq!(root.get("/admin/streams?host=nobody").await.ok()["items"], json!([]));
    let first = root.get("/admin/streams?limit=2").await.ok();
    let rest =
        root.get(&format!("/admin/streams?cursor={}", first["next_cursor"].as_str().unwrap())).await.ok();
    assert_eq!(members(&rest, "title"), ["one"]);
}

#[tokio::test]
async fn what_is_held_or_reported_in_any_room_waits_in_one_list() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    let other = bo.go_live("Another").await;
    other.patch("settings", json!({"hold_all": true})).await.ok();
    let shown = bo.comment("look at me").await;
    assert_eq!(
        host.post(&format!("comments/{}/report", id_of(&shown)), json!({"reason": "spam"})).await.status,
        204
    );
    let held = host.at(&other.stream).post("comments", json!({"content": "wait for me"})).await;
    assert_eq!(held.status, 202);
    let waiting = root.get("/admin/reports").await.ok();
    assert_eq!(members(&waiting, "content"), ["look at me", "wait for me"]);
    assert_eq!(members(&waiting, "state"), ["reported", "held"]);
    assert_eq!(members(&waiting, "stream_id"), [&json!(bo.stream), &json!(other.stream)]);
    assert_eq!(members(&waiting, "reports"), [1, 0]);
    let decide = format!("held/{}/reject", id_of(&shown));
    assert_eq!(root.at(&bo.stream).post(&decide, json!({})).await.status, 204);
    assert_eq!(members(&root.get("/admin/reports").await.ok(), "content"), ["wait for me"]);
}

#[tokio::test]
async fn the_record_is_found_by_who_what_and_where() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    host.put("bans/bob", json!({"reason": "Enough."})).await;
    root.patch("/admin/settings", json!({"name": "The Barn"})).await.ok();
    root.put("/admin/bans/bob", json!({})).await;
    let found = async |query: &str| root.get(&format!("/admin/audit?{query}")).await.ok();
    let by_root = found("actor=ROOT").await;
    let actions = members(&by_root, "action");
    assert_eq!(actions[..2], ["site.ban", "site.settings"], "latest first");
    assert!(by_root["items"][0]["ip"].is_string());
    assert_eq!(by_root["items"][0]["target_user"]["username"], "bob");
    assert_eq!(members(&found("action=site.").await, "action"), ["site.ban", "site.settings"]);
    let bans = found(&format!("action=ban&target={}&outcome=ok", bo.id)).await;
    assert_eq!(members(&bans, "reason"), ["Enough."]);
    assert_eq!(
        members(&found(&format!("stream_id={}&actor=ana&action=ban", host.stream)).await, "action"),
        ["ban"]
    );
    assert_eq!(found("outcome=nonsense").await["items"], json!([]));
    assert_eq!(found("actor=nobody").await["items"], json!([]));
    let first = found("limit=1").await;
    let second = found(&format!("limit=1&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_ne!(first["items"], second["items"]);
}

#[tokio::test]
async fn figures_say_what_goes_on_here() {
    let Scene { server, bo, .. } = &Scene::live().await;
    let root = administrator(server).await;
    let stays = bo.join().await;
    let stats = root.get("/admin/stats").await.ok();
    let now = &stats["now"];
    for member in ["rooms", "viewers", "comments_per_s", "deliveries_per_s", "journal_ms", "flush_ms"] {
        assert!(now[member].is_number(), "{member}: {stats}");
    }
    assert!(
        now["database_bytes"].as_u64() > Some(0) && stats["disk_free_bytes"].as_u64() > Some(0),
        "{stats}"
    );
    assert_eq!(stats["minutes"], json!([]), "no minute is over");
    assert!(stats["node"].is_string() && stats["nodes"].as_array().is_some(), "{stats}");
    stays.leave().await;
}
