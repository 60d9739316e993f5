//! Questions to the host: judged as comments are, and gone with who asked them.

use crate::tools::{PASSWORD, TestServer, User};
use livehouse::config::Cap;
use reqwest::Method;
use serde_json::{Value, json};

async fn ask(who: &User, stream: &str, content: &str) -> crate::tools::Answer {
    who.post(&format!("/streams/{stream}/questions"), json!({"content": content})).await
}

async fn set(host: &User, stream: &str, settings: Value) {
    host.patch(&format!("/streams/{stream}/settings"), settings).await.ok();
}

#[tokio::test]
async fn a_question_is_judged_as_a_comment_is() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let id = host.go_live("one").await;
    let terms = json!({"terms": [{"text": "mud", "action": "mask"}, {"text": "hmm", "action": "hold"},
        {"text": "bad", "action": "reject"}]});
    host.put(&format!("/streams/{id}/terms"), terms).await.ok();
    assert_eq!(ask(&bo, &id, "why mud?").await.ok()["content"], "why ***?");
    ask(&bo, &id, "so bad?").await.refused(422, "term_not_allowed");
    ask(&bo, &id, "hmm?").await.refused(422, "term_not_allowed");
    assert_eq!(ask(&host, &id, "so bad?").await.status, 201, "the host's own words");

    let link = "see https://a.example/ ?";
    for (settings, content, status, code) in [
        (json!({"links": "reject"}), link, 422, "links_not_allowed"),
        (json!({"links": "hold"}), link, 422, "links_not_allowed"),
        (json!({"links": "allow", "hold_all": true}), "why?", 403, "comments_off"),
        (json!({"hold_all": false, "comments": "followers"}), "why?", 403, "followers_only"),
        (json!({"comments": "moderators"}), "why?", 403, "comments_off"),
        (json!({"comments": "users", "min_account_age_s": 3600}), "why?", 403, "account_too_new"),
    ] {
        set(&host, &id, settings).await;
        ask(&bo, &id, content).await.refused(status, code);
    }
}

#[tokio::test]
async fn questions_have_the_rate_of_comments_and_moderators_none() {
    let server = TestServer::spawn_with(|config| config.limits.comments_per_user = Cap::new(2));
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let id = host.go_live("one").await;
    for n in 0..2 {
        assert_eq!(ask(&bo, &id, &format!("why {n}?")).await.status, 201);
    }
    let refused = ask(&bo, &id, "why 2?").await.refused(429, "too_fast");
    assert!((1..=5000).contains(&refused["retry_after_ms"].as_i64().expect("a wait")), "{refused}");
    for n in 0..4 {
        assert_eq!(ask(&host, &id, &format!("anything {n}?")).await.status, 201);
    }
}

#[tokio::test]
async fn slow_mode_counts_comments_and_questions_whatever_became_of_them_also_after_a_restart() {
    let server = TestServer::spawn();
    let (host, mut bo) = (server.register("ana").await, server.register("bob").await);
    let mut cy = server.register("cyd").await;
    let mut di = server.register("dia").await;
    let id = host.go_live("one").await;
    let comments = format!("/streams/{id}/comments");
    set(&host, &id, json!({"slow_mode_s": 3600})).await;
    let said = bo.comment(&id, "gone in a moment").await;
    bo.delete(&format!("{comments}/{}", said["id"].as_str().expect("an id"))).await.ok();
    assert_eq!(ask(&cy, &id, "why?").await.status, 201);
    set(&host, &id, json!({"hold_all": true})).await;
    assert_eq!(di.post(&comments, json!({"content": "waits"})).await.status, 202);
    set(&host, &id, json!({"hold_all": false})).await;
    speak_too_soon(&[&bo, &cy, &di], &id).await;
    let server = server.restart_with(|_| {});
    [&mut bo, &mut cy, &mut di].into_iter().for_each(|user| user.port = server.port);
    speak_too_soon(&[&bo, &cy, &di], &id).await;
}

async fn speak_too_soon(users: &[&User], stream: &str) {
    for who in users {
        let comment = who.post(&format!("/streams/{stream}/comments"), json!({"content": "more"})).await;
        comment.refused(429, "slow_mode");
        ask(who, stream, "more?").await.refused(429, "slow_mode");
    }
}

/// Reads everything that a newcomer, and one who comes back, can read.
async fn all_that_can_be_read(who: &User, stream: &str) -> String {
    let (log, _) = who.log_of(stream).await;
    let snapshot = who.join(stream).await;
    let mut resumed = who.rejoin(stream, 0).await;
    let mut text = format!("{log:?}{}", snapshot.opening);
    for _ in &log {
        text += &resumed.next_event().await.to_string();
    }
    snapshot.leave().await;
    resumed.leave().await;
    text
}

#[tokio::test]
async fn a_ban_that_takes_the_comments_takes_the_questions_too() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let id = host.go_live("one").await;
    let mut viewer = host.join(&id).await;
    let asked = ask(&bo, &id, "a canary, why?").await.ok();
    let path = format!("/streams/{id}/questions/{}", asked["id"].as_str().expect("an id"));
    ask(&host, &id, "who stays?").await.ok();
    assert!(all_that_can_be_read(&host, &id).await.contains("canary"));

    host.put(&format!("/streams/{id}/bans/bob"), json!({"duration_s": 60, "delete_comments": true}))
        .await
        .ok();
    assert_eq!(viewer.expect("comments.purged").await["user_id"], bo.id.as_str());
    let text = all_that_can_be_read(&host, &id).await;
    assert!(!text.contains("canary") && text.contains("who stays?"), "{text}");
    let (log, _) = host.log_of(&id).await;
    assert_eq!((&log[1]["type"], &log[1]["question_id"]), (&json!("question.tombstone"), &asked["id"]));
    host.put(&format!("{path}/vote"), json!({})).await.refused(404, "not_found");
    host.post(&format!("{path}/answered"), json!({})).await.refused(404, "not_found");
    viewer.leave().await;
}

#[tokio::test]
async fn the_questions_of_a_deleted_account_are_gone_from_the_log() {
    let server = TestServer::spawn();
    let (host, bo) = (server.register("ana").await, server.register("bob").await);
    let id = host.go_live("one").await;
    let mut viewer = host.join(&id).await;
    let asked = ask(&bo, &id, "a canary, why?").await.ok();
    let answered = format!("/streams/{id}/questions/{}/answered", asked["id"].as_str().expect("an id"));
    host.post(&answered, json!({})).await.ok();
    let farewell = bo.request(Method::DELETE, "/users/me").json(&json!({"password": PASSWORD}));
    bo.send(farewell).await.ok();
    viewer.expect("comments.purged").await;
    let text = all_that_can_be_read(&host, &id).await;
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(text.matches("question.tombstone").count(), 4, "asked and answered, read twice: {text}");
    viewer.leave().await;
}
