//! Questions to the host: judged as comments are, and gone with who asked them.

use crate::tools::{Answer, Scene, User, id_of};
use livehouse::config::Cap;
use serde_json::json;

async fn ask(who: &User, content: &str) -> Answer {
    who.post("questions", json!({"content": content})).await
}

#[tokio::test]
async fn a_question_is_judged_as_a_comment_is() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let terms = json!({"terms": [{"text": "mud", "action": "mask"}, {"text": "hmm", "action": "hold"},
        {"text": "bad", "action": "reject"}]});
    host.put("terms", terms).await.ok();
    assert_eq!(ask(bo, "why mud?").await.ok()["content"], "why ***?");
    ask(bo, "so bad?").await.refused(422, "term_not_allowed");
    ask(bo, "hmm?").await.refused(422, "term_not_allowed");
    assert_eq!(ask(host, "so bad?").await.status, 201, "the host's own words");

    for (settings, content, status, code) in [
        (json!({"links": "reject"}), "see https://a.example/ ?", 422, "links_not_allowed"),
        (json!({"links": "hold"}), "see https://a.example/ ?", 422, "links_not_allowed"),
        (json!({"links": "allow", "hold_all": true}), "why?", 403, "comments_off"),
        (json!({"hold_all": false, "comments": "followers"}), "why?", 403, "followers_only"),
        (json!({"comments": "moderators"}), "why?", 403, "comments_off"),
        (json!({"comments": "users", "min_account_age_s": 3600}), "why?", 403, "account_too_new"),
    ] {
        host.patch("settings", settings).await.ok();
        ask(bo, content).await.refused(status, code);
    }
}

#[tokio::test]
async fn questions_have_the_rate_of_comments_and_moderators_none() {
    let Scene { host, bo, .. } =
        &Scene::live_with(|config| config.limits.comments_per_user = Cap::new(2)).await;
    for n in 0..2 {
        assert_eq!(ask(bo, &format!("why {n}?")).await.status, 201);
    }
    let refused = ask(bo, "why 2?").await.refused(429, "too_fast");
    assert!((1..=5000).contains(&refused["retry_after_ms"].as_i64().expect("a wait")), "{refused}");
    for n in 0..4 {
        assert_eq!(ask(host, &format!("anything {n}?")).await.status, 201);
    }
}

#[tokio::test]
async fn slow_mode_counts_comments_and_questions_whatever_became_of_them_also_after_a_restart() {
    let Scene { server, host, mut bo } = Scene::live().await;
    let mut cy = server.register("cyd").await;
    let mut di = server.register("dia").await;
    host.patch("settings", json!({"slow_mode_s": 3600})).await.ok();
    let said = bo.comment("gone in a moment").await;
    bo.delete(&format!("comments/{}", id_of(&said))).await.ok();
    assert_eq!(ask(&cy, "why?").await.status, 201);
    host.patch("settings", json!({"hold_all": true})).await.ok();
    assert_eq!(di.post("comments", json!({"content": "waits"})).await.status, 202);
    host.patch("settings", json!({"hold_all": false})).await.ok();
    speak_too_soon(&[&bo, &cy, &di]).await;
    let server = server.restart();
    [&mut bo, &mut cy, &mut di].into_iter().for_each(|user| user.ports = server.ports().clone());
    speak_too_soon(&[&bo, &cy, &di]).await;
}

async fn speak_too_soon(users: &[&User]) {
    for who in users {
        let comment = who.post("comments", json!({"content": "more"})).await;
        comment.refused(429, "slow_mode");
        ask(who, "more?").await.refused(429, "slow_mode");
    }
}

/// Reads everything that a newcomer, and one who comes back, can read.
async fn all_that_can_be_read(who: &User) -> String {
    let (log, _) = who.log().await;
    let snapshot = who.join().await;
    let mut resumed = who.rejoin(0).await;
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
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewer = host.join().await;
    let asked = ask(bo, "a canary, why?").await.ok();
    let path = format!("questions/{}", id_of(&asked));
    ask(host, "who stays?").await.ok();
    assert!(all_that_can_be_read(host).await.contains("canary"));

    host.put("bans/bob", json!({"duration_s": 60, "delete_comments": true})).await.ok();
    assert_eq!(viewer.expect("comments.purged").await["user_id"], bo.id.as_str());
    let text = all_that_can_be_read(host).await;
    assert!(!text.contains("canary") && text.contains("who stays?"), "{text}");
    let (log, _) = host.log().await;
    assert_eq!((&log[1]["type"], &log[1]["question_id"]), (&json!("question.tombstone"), &asked["id"]));
    host.put(&format!("{path}/vote"), json!({})).await.refused(404, "not_found");
    host.post(&format!("{path}/answered"), json!({})).await.refused(404, "not_found");
    viewer.leave().await;
}

#[tokio::test]
async fn the_questions_of_a_deleted_account_are_gone_from_the_log() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewer = host.join().await;
    let asked = ask(bo, "a canary, why?").await.ok();
    let answered = format!("questions/{}/answered", id_of(&asked));
    host.post(&answered, json!({})).await.ok();
    bo.farewell().await;
    viewer.expect("comments.purged").await;
    let text = all_that_can_be_read(host).await;
    assert!(!text.contains("canary"), "{text}");
    assert_eq!(text.matches("question.tombstone").count(), 4, "asked and answered, read twice: {text}");
    viewer.leave().await;
}
