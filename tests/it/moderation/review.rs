//! Held and reported comments: what moderators decide, and who learns of it.

use crate::tools::{Scene, id_of, on_one_node_without_redis};
use serde_json::{Value, json};

/// A stream that holds everything, with one comment held.
async fn held() -> (Scene, String) {
    held_in(Scene::live().await).await
}

async fn held_in(scene: Scene) -> (Scene, String) {
    scene.host.patch("settings", json!({"hold_all": true})).await.ok();
    let answer = scene.bo.post("comments", json!({"content": "canary", "client_id": "c"})).await;
    assert_eq!((answer.status, &answer.body["state"]), (202, &json!("held")));
    (scene, answer.body["comment_id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_held_comment_shows_nowhere_but_to_moderators() {
    let (Scene { server, host, bo }, comment) = &held().await;
    for rest in [
        "comments",
        "comments?q=canary",
        "comments?user=bob",
        "events",
        "comments/export",
        "comments/export?format=xml",
    ] {
        for who in [&server.guest(), &**bo] {
            let answer = who.get(rest).await;
            assert!(!answer.text.contains("canary") && answer.status == 200, "{rest}: {}", answer.text);
        }
    }
    for who in [&server.guest(), &**bo] {
        who.get(&format!("comments/{comment}")).await.refused(404, "not_found");
    }
    bo.post(&format!("comments/{comment}/report"), json!({})).await.refused(404, "not_found");
    host.put("pin", json!({"comment_id": comment})).await.refused(404, "not_found");
    assert_eq!(host.get("").await.ok()["comment_count"], 0);
    let viewer = bo.join().await;
    assert!(!viewer.opening.to_string().contains("canary"), "{}", viewer.opening);
    let queue = host.get("held").await.ok();
    let item = &queue["items"][0];
    assert_eq!(
        (&item["id"], &item["content"], &item["seq"], &item["state"]),
        (&json!(comment), &json!("canary"), &json!(null), &json!("held"))
    );
    bo.get("held").await.refused(403, "forbidden");
    let cy = server.register("cyd").await;
    cy.delete(&format!("comments/{comment}")).await.refused(404, "not_found");
    viewer.leave().await;
}

#[tokio::test]
async fn an_approved_comment_takes_its_number_then_and_keeps_its_time_of_writing() {
    let (Scene { host, bo, .. }, comment) = &held().await;
    host.comment("meanwhile").await;
    let written_at = host.get("held").await.ok()["items"][0]["created_at"].clone();
    let mut viewer = bo.join().await;
    let path = format!("held/{comment}/approve");
    bo.post(&path, json!({})).await.refused(403, "forbidden");
    let approved = host.post(&path, json!({})).await.ok();
    assert_eq!((&approved["seq"], &approved["created_at"]), (&json!(4), &written_at));
    let event = viewer.expect_comment("canary").await;
    assert_eq!((&event["seq"], &event["comment"]), (&json!(4), &approved));
    host.post(&path, json!({})).await.refused(404, "not_found");
    let again = bo.post("comments", json!({"content": "canary", "client_id": "c"})).await;
    assert_eq!((again.status, again.ok()), (200, approved));
    viewer.leave().await;
}

#[tokio::test]
async fn a_rejected_comment_is_told_to_its_author_and_stays_so() {
    let (Scene { host, bo, .. }, comment) = &held_in(Scene::live_with(on_one_node_without_redis).await).await;
    let mut viewer = bo.join().await;
    assert_eq!(host.post(&format!("held/{comment}/reject"), json!({})).await.status, 204);
    let told = viewer.expect("held").await;
    assert_eq!((&told["comment_id"], &told["state"]), (&json!(comment), &json!("rejected")));
    host.post(&format!("held/{comment}/approve"), json!({})).await.refused(404, "not_found");
    let again = bo.post("comments", json!({"content": "canary", "client_id": "c"})).await;
    assert_eq!((again.status, &again.body["state"]), (202, &json!("rejected")));
    viewer.leave().await;
}

#[tokio::test]
async fn moderators_are_told_how_many_wait() {
    let (Scene { server, host, bo }, comment) = &held().await;
    let mut moderator = host.join().await;
    moderator.expect_where("queue", |queue| queue["held"] == 1).await;
    host.patch("settings", json!({"hold_all": false})).await.ok();
    let said = bo.comment("rude").await;
    let report = format!("comments/{}/report", id_of(&said));
    let cy = server.register("cyd").await;
    for _ in 0..2 {
        assert_eq!(cy.post(&report, json!({"reason": "rude"})).await.status, 204);
    }
    server.guest().post(&report, json!({})).await.refused(401, "unauthenticated");
    moderator.expect_where("queue", |queue| queue["held"] == 2).await;
    let queue = host.get("held?limit=1").await.ok();
    assert_eq!(queue["items"][0]["id"], json!(comment));
    let rest = format!("held?limit=1&cursor={}", queue["next_cursor"].as_str().unwrap());
    let rest = host.get(&rest).await.ok();
    assert_eq!((&rest["items"][0]["state"], &rest["items"][0]["reports"]), (&json!("reported"), &json!(1)));
    assert_eq!(rest["next_cursor"], Value::Null);
    host.post(&format!("held/{comment}/reject"), json!({})).await.ok();
    moderator.expect_where("queue", |queue| queue["held"] == 1).await;
    moderator.leave().await;
}

#[tokio::test]
async fn a_reported_comment_may_stay_or_go() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewer = bo.join().await;
    for (verdict, is_left) in [("approve", true), ("reject", false)] {
        let said = host.comment(verdict).await;
        let comment = id_of(&said);
        let decide = format!("held/{comment}/{verdict}");
        host.post(&decide, json!({})).await.refused(404, "not_found");
        bo.send(bo.request(reqwest::Method::POST, &format!("comments/{comment}/report"))).await.ok();
        host.post(&decide, json!({})).await.ok();
        assert_eq!(bo.get(&format!("comments/{comment}")).await.status == 200, is_left, "{verdict}");
        assert_eq!(host.get("held").await.ok()["items"], json!([]));
    }
    viewer.expect("comment.deleted").await;
    viewer.leave().await;
}
