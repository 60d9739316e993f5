//! Held and reported comments: what moderators decide, and who learns of it.

use crate::tools::{TestServer, User};
use serde_json::{Value, json};

/// A stream that holds everything, with one comment held.
async fn held(host: &User, author: &User) -> (String, String) {
    let id = host.go_live("one").await;
    host.patch(&format!("/streams/{id}/settings"), json!({"hold_all": true})).await.ok();
    let body = json!({"content": "canary", "client_id": "c"});
    let answer = author.post(&format!("/streams/{id}/comments"), body).await;
    assert_eq!((answer.status, &answer.body["state"]), (202, &json!("held")));
    (id, answer.body["comment_id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_held_comment_shows_nowhere_but_to_moderators() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let (id, comment) = held(&host, &bo).await;
    let s = |rest: &str| format!("/streams/{id}/{rest}");
    for rest in [
        "comments",
        "comments?q=canary",
        "comments?user=bob",
        "events",
        "comments/export",
        "comments/export?format=xml",
    ] {
        for who in [&server.guest(), &*bo] {
            let answer = who.get(&s(rest)).await;
            assert!(!answer.text.contains("canary") && answer.status == 200, "{rest}: {}", answer.text);
        }
    }
    for who in [&server.guest(), &*bo] {
        who.get(&s(&format!("comments/{comment}"))).await.refused(404, "not_found");
    }
    bo.post(&s(&format!("comments/{comment}/report")), json!({})).await.refused(404, "not_found");
    host.put(&s("pin"), json!({"comment_id": comment})).await.refused(404, "not_found");
    assert_eq!(host.get(&format!("/streams/{id}")).await.ok()["comment_count"], 0);
    let viewer = bo.join(&id).await;
    assert!(!viewer.opening.to_string().contains("canary"), "{}", viewer.opening);
    let queue = host.get(&s("held")).await.ok();
    let item = &queue["items"][0];
    assert_eq!(
        (&item["id"], &item["content"], &item["seq"], &item["state"]),
        (&json!(comment), &json!("canary"), &json!(null), &json!("held"))
    );
    bo.get(&s("held")).await.refused(403, "forbidden");
    let cy = server.register("cyd").await;
    cy.delete(&s(&format!("comments/{comment}"))).await.refused(404, "not_found");
    viewer.leave().await;
}

#[tokio::test]
async fn an_approved_comment_takes_its_number_then_and_keeps_its_time_of_writing() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let (id, comment) = held(&host, &bo).await;
    host.comment(&id, "meanwhile").await;
    let written_at = host.get(&format!("/streams/{id}/held")).await.ok()["items"][0]["created_at"].clone();
    let mut viewer = bo.join(&id).await;
    let path = format!("/streams/{id}/held/{comment}/approve");
    bo.post(&path, json!({})).await.refused(403, "forbidden");
    let approved = host.post(&path, json!({})).await.ok();
    assert_eq!((&approved["seq"], &approved["created_at"]), (&json!(4), &written_at));
    let event = viewer.expect_comment("canary").await;
    assert_eq!((&event["seq"], &event["comment"]), (&json!(4), &approved));
    host.post(&path, json!({})).await.refused(404, "not_found");
    let again =
        bo.post(&format!("/streams/{id}/comments"), json!({"content": "canary", "client_id": "c"})).await;
    assert_eq!((again.status, again.ok()), (200, approved));
    viewer.leave().await;
}

#[tokio::test]
async fn a_rejected_comment_is_told_to_its_author_and_stays_so() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let (id, comment) = held(&host, &bo).await;
    let mut viewer = bo.join(&id).await;
    assert_eq!(host.post(&format!("/streams/{id}/held/{comment}/reject"), json!({})).await.status, 204);
    let told = viewer.expect("held").await;
    assert_eq!((&told["comment_id"], &told["state"]), (&json!(comment), &json!("rejected")));
    host.post(&format!("/streams/{id}/held/{comment}/approve"), json!({})).await.refused(404, "not_found");
    let again =
        bo.post(&format!("/streams/{id}/comments"), json!({"content": "canary", "client_id": "c"})).await;
    assert_eq!((again.status, &again.body["state"]), (202, &json!("rejected")));
    viewer.leave().await;
}

#[tokio::test]
async fn moderators_are_told_how_many_wait() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let (id, comment) = held(&host, &bo).await;
    let mut moderator = host.join(&id).await;
    moderator.expect_where("queue", |queue| queue["held"] == 1).await;
    host.patch(&format!("/streams/{id}/settings"), json!({"hold_all": false})).await.ok();
    let said = bo.comment(&id, "rude").await;
    let report = format!("/streams/{id}/comments/{}/report", said["id"].as_str().unwrap());
    let cy = server.register("cyd").await;
    for _ in 0..2 {
        assert_eq!(cy.post(&report, json!({"reason": "rude"})).await.status, 204);
    }
    server.guest().post(&report, json!({})).await.refused(401, "unauthenticated");
    moderator.expect_where("queue", |queue| queue["held"] == 2).await;
    let queue = host.get(&format!("/streams/{id}/held?limit=1")).await.ok();
    assert_eq!(queue["items"][0]["id"], json!(comment));
    let rest = format!("/streams/{id}/held?limit=1&cursor={}", queue["next_cursor"].as_str().unwrap());
    let rest = host.get(&rest).await.ok();
    assert_eq!((&rest["items"][0]["state"], &rest["items"][0]["reports"]), (&json!("reported"), &json!(1)));
    assert_eq!(rest["next_cursor"], Value::Null);
    host.post(&format!("/streams/{id}/held/{comment}/reject"), json!({})).await.ok();
    moderator.expect_where("queue", |queue| queue["held"] == 1).await;
    moderator.leave().await;
}

#[tokio::test]
async fn a_reported_comment_may_stay_or_go() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let id = host.go_live("one").await;
    let mut viewer = bo.join(&id).await;
    for (verdict, is_left) in [("approve", true), ("reject", false)] {
        let said = host.comment(&id, verdict).await;
        let comment = said["id"].as_str().unwrap();
        let decide = format!("/streams/{id}/held/{comment}/{verdict}");
        host.post(&decide, json!({})).await.refused(404, "not_found");
        bo.send(bo.request(reqwest::Method::POST, &format!("/streams/{id}/comments/{comment}/report")))
            .await
            .ok();
        host.post(&decide, json!({})).await.ok();
        assert_eq!(
            bo.get(&format!("/streams/{id}/comments/{comment}")).await.status == 200,
            is_left,
            "{verdict}"
        );
        assert_eq!(host.get(&format!("/streams/{id}/held")).await.ok()["items"], json!([]));
    }
    viewer.expect("comment.deleted").await;
    viewer.leave().await;
}
