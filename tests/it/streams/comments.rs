//! Comments by REST: written, listed, read, deleted.

use crate::tools::{Scene, id_of, on_one_node_without_redis};
use serde_json::{Value, json};

fn contents(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|comment| comment["content"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_comment_is_said_once_however_often_it_is_sent() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let body = json!({"content": " hi\nthere ", "client_id": "a", "style": {"mode": "top"}});
    let first = bo.post("comments", body.clone()).await;
    assert_eq!(first.status, 201);
    let first = first.ok();
    assert_eq!((&first["content"], &first["user"]["role"]), (&json!("hi there"), &json!("viewer")));
    assert_eq!(first["style"], json!({"mode": "top", "color": "#ffffff", "size": "normal"}));
    assert!(first["offset_ms"].as_i64().unwrap() >= 0);
    host.post("end", json!({})).await.ok();
    let again = bo.post("comments", body).await;
    assert_eq!((again.status, again.ok()), (200, first));
}

#[tokio::test]
async fn comments_are_listed_both_ways_and_nothing_is_lost_while_more_are_said() {
    let Scene { server, host, .. } = &Scene::live().await;
    for number in 0..5 {
        host.comment(&format!("c{number}")).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.guest().get(&format!("comments?limit=2{cursor}")).await.ok();
        seen.extend(contents(&page).into_iter().map(str::to_owned));
        host.comment("late").await;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["c4", "c3", "c2", "c1", "c0"]);
    let oldest = server.guest().get("comments?order=asc&limit=3").await.ok();
    assert_eq!(contents(&oldest), ["c0", "c1", "c2"]);
}

#[tokio::test]
async fn comments_are_found_by_text_author_and_time() {
    let Scene { server, host, bo } = &Scene::scheduled().await;
    bo.comment("before the START").await;
    host.post("start", json!({})).await.ok();
    host.comment("after the start").await;
    for (query, expected) in [
        ("q=Start&order=asc", vec!["before the START", "after the start"]),
        ("user=BOB", vec!["before the START"]),
        ("user=nobody", vec![]),
        ("from_offset_ms=0", vec!["after the start"]),
        ("to_offset_ms=0", vec![]),
        ("to_offset_ms=600000", vec!["after the start"]),
    ] {
        let list = server.guest().get(&format!("comments?{query}")).await.ok();
        assert_eq!(contents(&list), expected, "{query}");
    }
    for bad in ["order=up", "from_offset_ms=-1", "to_offset_ms=x", "limit=0", "cursor=x"] {
        server.guest().get(&format!("comments?{bad}")).await.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn a_stretch_of_a_stream_is_paged_and_its_cursors_are_its_own() {
    let Scene { server, host, .. } = &Scene::live().await;
    for number in 0..5 {
        host.comment(&format!("c{number}")).await;
    }
    let within = "comments?order=asc&from_offset_ms=0&to_offset_ms=600000&limit=2";
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.guest().get(&format!("{within}{cursor}")).await.ok();
        seen.extend(contents(&page).into_iter().map(str::to_owned));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["c0", "c1", "c2", "c3", "c4"]);
    let of_all = server.guest().get("comments?limit=2").await.ok();
    let of_all = of_all["next_cursor"].as_str().expect("there is more");
    server.guest().get(&format!("{within}&cursor={of_all}")).await.refused(422, "invalid_field");
    let of_stretch = server.guest().get(within).await.ok();
    let of_stretch = of_stretch["next_cursor"].as_str().expect("there is more");
    let crossed = format!("comments?limit=2&cursor={of_stretch}");
    server.guest().get(&crossed).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn a_deleted_comment_is_gone_everywhere_but_for_its_tombstone() {
    let Scene { server, host, bo } = &Scene::live().await;
    let comment = bo.comment("secret").await;
    let path = format!("comments/{}", id_of(&comment));
    host.put("pin", json!({"comment_id": comment["id"]})).await.ok();
    let cy = server.register("cyd").await;
    cy.delete(&path).await.refused(403, "forbidden");
    server.guest().delete(&path).await.refused(401, "unauthenticated");
    let mut viewer = cy.join().await;
    assert_eq!(viewer.opening["pinned"]["content"], "secret");
    assert_eq!(bo.delete(&path).await.status, 204);
    let deleted = viewer.expect("comment.deleted").await;
    assert_eq!((&deleted["comment_id"], &deleted["by"]), (&comment["id"], &json!("author")));
    viewer.expect("comment.unpinned").await;
    bo.delete(&path).await.refused(404, "not_found");
    bo.get(&path).await.refused(404, "not_found");
    assert_eq!(host.get("").await.ok()["comment_count"], 0);
    let log = server.guest().get("events").await;
    assert!(!log.text.contains("secret"), "{}", log.text);
    let kinds: Vec<_> =
        log.body["items"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(
        kinds,
        ["stream.started", "comment.tombstone", "comment.tombstone", "comment.deleted", "comment.unpinned"]
    );
    viewer.leave().await;
}

#[tokio::test]
async fn the_repeat_of_a_deleted_comment_is_not_found_by_either_door() {
    let Scene { host, .. } = &Scene::live().await;
    let mut viewer = host.join().await;
    let comment = json!({"content": "regretted", "client_id": "c1"});
    let said = host.post("comments", comment.clone()).await.ok();
    assert_eq!(host.delete(&format!("comments/{}", id_of(&said))).await.status, 204);
    host.post("comments", comment.clone()).await.refused(404, "not_found");
    let op = json!({"op": "comment", "content": "regretted", "client_id": "c1"});
    assert_eq!(viewer.ask(op.clone()).await["code"], "not_found");
    // Before rules and state are judged, too.
    host.patch("settings", json!({"comments": "off"})).await.ok();
    host.post("end", json!({})).await.ok();
    host.post("comments", comment).await.refused(404, "not_found");
    assert_eq!(viewer.ask(op).await["code"], "not_found");
    viewer.leave().await;
}

#[tokio::test]
async fn a_new_name_is_everywhere_in_the_next_snapshot() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node_without_redis).await;
    let open = host.join().await;
    let said = host.comment("pinned").await;
    host.put("pin", json!({"comment_id": said["id"]})).await.ok();
    for rest in ["announcements", "questions"] {
        host.post(rest, json!({"content": "hi"})).await.ok();
    }
    host.patch("/users/me", json!({"display_name": "Another name"})).await.ok();
    let newcomer = server.guest().join().await;
    let snapshot = &newcomer.opening;
    let named = [
        &snapshot["stream"]["host"],
        &snapshot["pinned"]["user"],
        &snapshot["announcement"]["user"],
        &snapshot["questions"][0]["user"],
        &snapshot["comments"][0]["user"],
    ];
    for user in named {
        assert_eq!(user["display_name"], "Another name", "{snapshot:#}");
    }
    for viewer in [open, newcomer] {
        viewer.leave().await;
    }
}
