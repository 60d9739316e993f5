//! Bans from the whole site.

use super::administrator;
use crate::tools::{Scene, until};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn who_is_banned_from_the_site_writes_nowhere_and_reads_everywhere() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    let carol = server.register("carol").await;
    let other = carol.go_live("Another").await;
    let mut here = bo.join().await;
    let mut there = bo.at(&other.stream).join().await;
    let ban = json!({"duration_s": null, "reason": "Enough."});
    assert_eq!(root.put("/admin/bans/BOB", ban.clone()).await.status, 204);
    assert_eq!(root.put("/admin/bans/bob", ban).await.status, 204);
    for viewer in [&mut here, &mut there] {
        let you = viewer.expect_where("you", |you| !you["ban"].is_null()).await;
        assert_eq!((&you["ban"]["reason"], &you["can"]), (&json!("Enough."), &json!([])));
        let refused = viewer.ask(json!({"op": "comment", "content": "x"})).await;
        assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("banned")));
        let refused = viewer.ask(json!({"op": "react", "kind": "like"})).await;
        assert_eq!(refused["code"], "banned");
    }
    for client in [bo as &crate::tools::Client, &bo.at(&other.stream)] {
        client.post("comments", json!({"content": "x"})).await.refused(403, "banned");
        client.post("questions", json!({"content": "x"})).await.refused(403, "banned");
        client.get("comments").await.ok();
    }
    bo.post("/streams", json!({"title": "Mine"})).await.refused(403, "banned");
    bo.patch("/users/me", json!({"display_name": "Mine"})).await.refused(403, "banned");
    for image in ["avatar", "cover"] {
        let image =
            bo.request(Method::PUT, &format!("/users/me/{image}")).header("content-type", "image/png");
        bo.send(image.body("no image")).await.refused(403, "banned");
    }
    let listed = root.get("/admin/bans").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&listed["items"][0]["user"]["username"], &listed["items"][0]["banned_by"]),
        (&json!("bob"), &json!(root.id))
    );
    // A ban of the room is another one, and does not shorten it.
    assert_eq!(host.put("bans/bob", json!({"duration_s": 9})).await.status, 204);
    assert_eq!(host.delete("bans/bob").await.status, 204);
    bo.post("comments", json!({"content": "x"})).await.refused(403, "banned");

    assert_eq!(root.delete("/admin/bans/bob").await.status, 204);
    assert_eq!(root.delete("/admin/bans/bob").await.status, 204);
    here.expect_where("you", |you| you["ban"].is_null()).await;
    bo.post("comments", json!({"content": "again"})).await.ok();
    assert_eq!(root.get("/admin/bans").await.ok()["items"], json!([]));
    server.on_record(&["site.ban", &bo.id]).await;
    server.on_record(&["site.unban", &bo.id]).await;
}

#[tokio::test]
async fn hosts_and_moderators_are_no_more_than_viewers_while_they_are_banned() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    assert_eq!(host.put("moderators/bob", json!({})).await.status, 204);
    let mut there = host.join().await;
    for name in ["ana", "bob"] {
        assert_eq!(root.put(&format!("/admin/bans/{name}"), json!({})).await.status, 204);
    }
    let you = there.expect_where("you", |you| !you["ban"].is_null()).await;
    assert_eq!((&you["role"], &you["can"]), (&json!("viewer"), &json!([])));
    host.post("comments", json!({"content": "x"})).await.refused(403, "banned");
    host.patch("settings", json!({"slow_mode_s": 5})).await.refused(403, "banned");
    host.patch("/channels/ana", json!({"bio": "x"})).await.refused(403, "banned");
    bo.put("bans/ana", json!({})).await.refused(403, "banned");
    root.put("/admin/bans/root", json!({})).await.refused(403, "forbidden");
    root.put("/admin/bans/nobody", json!({})).await.refused(404, "not_found");
    root.put("/admin/bans/bob", json!({"duration_s": 0})).await.refused(422, "invalid_field");
    assert_eq!(root.delete("/admin/bans/ana").await.status, 204);
    let you = there.expect_where("you", |you| you["ban"].is_null()).await;
    assert_eq!(you["role"], "host");
    host.patch("settings", json!({"slow_mode_s": 5})).await.ok();
}

#[tokio::test]
async fn a_ban_for_a_while_ends_by_itself_and_is_told() {
    let Scene { server, bo, .. } = &Scene::live().await;
    let root = administrator(server).await;
    let mut there = bo.join().await;
    assert_eq!(root.put("/admin/bans/bob", json!({"duration_s": 1})).await.status, 204);
    there.expect_where("you", |you| !you["ban"]["until"].is_null()).await;
    there.expect_where("you", |you| you["ban"].is_null()).await;
    // Another server's clock may be a moment behind.
    until("it is over everywhere", async || {
        bo.post("comments", json!({"content": "again"})).await.status == 201
    })
    .await;
}

#[tokio::test]
async fn a_ban_by_the_command_reaches_open_rooms() {
    let Scene { server, bo, .. } = &Scene::live().await;
    let mut there = bo.join().await;
    assert_eq!(server.operate("admin ban bob --reason Enough"), "bob may write nowhere\n");
    there.expect_where("you", |you| you["ban"]["reason"] == "Enough").await;
    assert_eq!(server.operate("admin unban bob"), "bob may write\n");
    there.expect_where("you", |you| you["ban"].is_null()).await;
    until("they write again", async || bo.post("comments", json!({"content": "again"})).await.status == 201)
        .await;
}
