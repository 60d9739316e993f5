//! Rights, settings, terms, moderators, and what is kept of what they did.

use crate::tools::{Client, Scene, id_of, on_one_node_without_redis, until};
use reqwest::Method;
use serde_json::{Value, json};

/// What moderators may do, and one request for each.
fn moderator_requests() -> Vec<(Method, &'static str, Option<Value>)> {
    let nowhere = "01890000-0000-7000-8000-000000000000";
    let get = |path| (Method::GET, path, None);
    let mut requests: Vec<_> =
        ["settings", "terms", "moderators", "bans", "held", "viewers", "audit", "stats"]
            .into_iter()
            .map(get)
            .collect();
    requests.extend([
        (Method::PATCH, "settings", Some(json!({"slow_mode_s": 5}))),
        (Method::PUT, "terms", Some(json!({"terms": []}))),
        (Method::POST, "terms/test", Some(json!({"terms": []}))),
        (Method::PUT, "bans/bob", Some(json!({"duration_s": null}))),
        (Method::DELETE, "bans/bob", None),
        (Method::PUT, "pin", Some(json!({"comment_id": nowhere}))),
        (Method::DELETE, "pin", None),
        (Method::POST, "announcements", Some(json!({"content": "x"}))),
        (Method::POST, "polls", Some(json!({"question": "?", "options": ["a", "b"], "duration_s": 9}))),
    ]);
    requests
}

/// What the host may do, and one request for each.
fn host_requests() -> Vec<(Method, &'static str, Option<Value>)> {
    vec![
        (Method::GET, "members", None),
        (Method::PUT, "members/bob", None),
        (Method::DELETE, "members/bob", None),
        (Method::PUT, "moderators/bob", None),
        (Method::DELETE, "moderators/bob", None),
        (Method::POST, "start", None),
        (Method::POST, "end", None),
    ]
}

async fn status(who: &Client, (method, path, body): (Method, &str, Option<Value>)) -> u16 {
    let request = who.request(method, path);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    who.send(request).await.status
}

#[tokio::test]
async fn each_role_may_do_what_is_its_own_and_no_more() {
    let Scene { server, host, bo } = &Scene::scheduled().await;
    let mia = server.register("mia").await;
    host.put("moderators/mia", json!({})).await.ok();
    for request in moderator_requests() {
        let what = format!("{} {}", request.0, request.1);
        assert_eq!(status(&server.guest(), request.clone()).await, 401, "{what}");
        assert_eq!(status(bo, request.clone()).await, 403, "{what}");
        let allowed = status(&mia, request).await;
        let expected: &[u16] = if what == "PUT pin" { &[404] } else { &[200, 201, 204] };
        assert!(expected.contains(&allowed), "{what}: {allowed}");
    }
    for request in host_requests() {
        let what = format!("{} {}", request.0, request.1);
        assert_eq!(status(&server.guest(), request.clone()).await, 401, "{what}");
        assert_eq!(status(&mia, request.clone()).await, 403, "{what}");
        assert!([200, 204].contains(&status(host, request).await), "{what}");
    }
}

#[tokio::test]
async fn a_new_moderator_is_told_at_once_and_so_is_a_dismissed_one() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewer = bo.join().await;
    for _ in 0..2 {
        assert_eq!(host.put("moderators/bob", json!({})).await.status, 204);
    }
    let you = viewer.expect("you").await;
    assert_eq!(you["role"], "moderator");
    assert!(you["can"].as_array().unwrap().contains(&json!("ban")), "{you}");
    assert_eq!(viewer.expect("moderator.added").await["user"]["username"], "bob");
    for _ in 0..2 {
        assert_eq!(host.delete("moderators/bob").await.status, 204);
    }
    assert_eq!(viewer.expect("you").await["role"], "viewer");
    host.put("moderators/ana", json!({})).await.refused(409, "conflict");
    let log = host.get("events?after=1").await.ok();
    assert_eq!(log["items"].as_array().unwrap().len(), 2, "{log}");
    viewer.leave().await;
}

#[tokio::test]
async fn settings_change_by_member_and_all_are_told() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewer = bo.join().await;
    let changed = host.patch("settings", json!({"slow_mode_s": 30, "links": "hold"})).await.ok();
    let expected = json!({"comments": "users", "slow_mode_s": 30, "min_account_age_s": 0, "repeat_window_s": 0,
        "links": "hold", "hold_all": false});
    assert_eq!(viewer.expect("settings.updated").await["settings"], expected);
    let mut with_own = expected;
    with_own["own"] = json!(["slow_mode_s", "links"]);
    assert_eq!(changed, with_own);
    assert_eq!(host.get("settings").await.ok(), with_own);
    host.patch("settings", json!({})).await.ok();
    for (bad, field) in [
        (json!({"slow_mode_s": 3601}), "slow_mode_s"),
        (json!({"slow_mode_s": "30"}), "slow_mode_s"),
        (json!({"comments": "nobody"}), "comments"),
        (json!({"hold_all": 1}), "hold_all"),
        (json!({"fast_mode_s": 1}), "fast_mode_s"),
    ] {
        let refused = host.patch("settings", bad.clone()).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["field"], field, "{bad}");
    }
    bo.comment("one").await;
    let refused = bo.post("comments", json!({"content": "two"})).await.refused(429, "slow_mode");
    assert!((1..=30_000).contains(&refused["retry_after_ms"].as_i64().unwrap()));
    assert_eq!(viewer.comment("two").await["code"], "slow_mode");
    host.comment("exempt").await;
    host.comment("exempt too").await;
    viewer.leave().await;
}

#[tokio::test]
async fn terms_are_tried_on_the_past_before_they_hold() {
    let Scene { server, host, bo } = &Scene::live().await;
    for content in ["an egg", "a bean", "two EGG", "toast"] {
        bo.comment(content).await;
    }
    let terms = json!({"terms": [{"text": "egg", "action": "mask"}, {"text": "bean", "action": "reject"}]});
    let tried = host.post("terms/test?limit=2", terms.clone()).await.ok();
    let contents: Vec<_> =
        tried["items"].as_array().unwrap().iter().map(|item| &item["comment"]["content"]).collect();
    assert_eq!(contents, ["two EGG", "a bean"]);
    assert_eq!(
        (&tried["items"][0]["action"], &tried["items"][0]["masked"]),
        (&json!("mask"), &json!("two ***"))
    );
    let next = format!("terms/test?limit=2&cursor={}", tried["next_cursor"].as_str().unwrap());
    let rest = host.post(&next, terms.clone()).await.ok();
    assert_eq!(
        (&rest["items"][0]["comment"]["content"], &rest["next_cursor"]),
        (&json!("an egg"), &Value::Null)
    );

    assert_eq!(host.put("terms", terms.clone()).await.ok(), terms);
    assert_eq!(host.get("terms").await.ok(), terms);
    let cy = server.register("cyd").await;
    assert_eq!(cy.comment("my egg").await["content"], "my ***");
    cy.post("comments", json!({"content": "bean"})).await.refused(422, "term_not_allowed");
    let mut viewer = cy.join().await;
    assert_eq!(viewer.comment("bean").await["code"], "term_not_allowed");
    viewer.leave().await;
}

#[tokio::test]
async fn a_list_of_terms_may_be_longer_than_other_bodies_but_not_endless() {
    let Scene { host, .. } = &Scene::scheduled().await;
    let terms = |count: usize| {
        let terms: Vec<_> =
            (0..count).map(|n| json!({"text": format!("term{n}"), "action": "hold"})).collect();
        json!({"terms": terms})
    };
    assert_eq!(host.put("terms", terms(3000)).await.ok()["terms"].as_array().unwrap().len(), 3000);
    host.put("terms", terms(10_001)).await.refused(422, "invalid_field");
    host.put("terms", json!({"terms": [{"text": "x", "action": "eat"}]})).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn every_act_of_moderation_is_on_record() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let comment = bo.comment("x").await;
    host.delete(&format!("comments/{}", id_of(&comment))).await.ok();
    host.put("bans/bob", json!({"duration_s": 60, "reason": "rude"})).await.ok();
    host.patch("settings", json!({"hold_all": true})).await.ok();
    let first = host.get("audit?limit=2").await.ok();
    let actions: Vec<_> = first["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["settings.update", "ban"]);
    let ban = &first["items"][1];
    assert_eq!(
        (&ban["actor"]["username"], &ban["target_user"]["username"], &ban["reason"]),
        (&json!("ana"), &json!("bob"), &json!("rude"))
    );
    let next = format!("audit?cursor={}", first["next_cursor"].as_str().unwrap());
    let rest = host.get(&next).await.ok();
    assert_eq!(
        (&rest["items"][0]["action"], &rest["items"][0]["target"]),
        (&json!("comment.delete"), &comment["id"])
    );
    assert_eq!(rest["next_cursor"], Value::Null);
}

#[tokio::test]
async fn host_and_moderators_see_who_is_here() {
    let Scene { server, host, bo } = &Scene::live_with(on_one_node_without_redis).await;
    let nobody = host.get("viewers").await.ok();
    assert_eq!(nobody, json!({"items": [], "next_cursor": null, "guests": 0}));
    let here = [bo.join().await, bo.join().await, host.join().await, server.guest().join().await];
    until("all are counted", async || {
        let viewers = host.get("viewers").await.ok();
        (viewers["items"].as_array().map(Vec::len), viewers["guests"].as_i64()) == (Some(2), Some(1))
    })
    .await;
    let viewers = host.get("viewers?limit=1").await.ok();
    assert_eq!(
        (&viewers["items"][0]["username"], &viewers["items"][0]["role"]),
        (&json!("ana"), &json!("host"))
    );
    assert_eq!(viewers["guests"], 1);
    let next = format!("viewers?cursor={}", viewers["next_cursor"].as_str().unwrap());
    let rest = host.get(&next).await.ok();
    assert_eq!((&rest["items"][0]["username"], rest["items"].as_array().unwrap().len()), (&json!("bob"), 1));
    assert_eq!(host.get("stats").await.ok()["viewers"], 3);
    for viewer in here {
        viewer.leave().await;
    }
}
