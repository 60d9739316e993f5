//! What anybody sees of a channel, and what its host says there.

use crate::tools::{Scene, Sqlite, TestServer, id_of, on_sqlite};
use serde_json::{Value, json};

fn link(url: &str) -> Value {
    json!({"label": "Elsewhere", "url": url})
}

#[tokio::test]
async fn every_account_has_a_channel_that_anybody_may_see() {
    let server = TestServer::spawn();
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    bo.put("/users/ana/follow", json!({})).await.ok();
    let channel = server.guest().get("/channels/ANA").await.ok();
    assert_eq!(channel["user"]["id"], ana.id.as_str());
    assert!(channel["user"]["created_at"].is_string(), "{channel}");
    let rest = json!({"bio": channel["bio"], "links": channel["links"], "followers": channel["followers"],
        "live": channel["live"], "next": channel["next"], "last": channel["last"]});
    let expected = json!({"bio": "", "links": [], "followers": 1, "live": null, "next": null, "last": null});
    assert_eq!(rest, expected);
    server.guest().get("/channels/nobody").await.refused(404, "not_found");
    server.guest().get("/channels/%20").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_host_says_who_they_are_member_by_member() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let links = json!([link("https://example.com/"), link("https://example.org/ana")]);
    let body = json!({"bio": " Songs\nand chat ", "links": links});
    let changed = ana.patch("/channels/ana", body).await.ok();
    assert_eq!((&changed["bio"], &changed["links"]), (&json!("Songs\nand chat"), &links));
    assert_eq!(server.guest().get("/channels/ana").await.ok(), changed);
    let changed = ana.patch("/channels/ana", json!({"links": [link("https://Example.net")]})).await.ok();
    assert_eq!(changed["bio"], "Songs\nand chat");
    assert_eq!(changed["links"], json!([link("https://example.net/")]));
    let cleared = ana.patch("/channels/ana", json!({"bio": null, "links": null})).await.ok();
    assert_eq!((&cleared["bio"], &cleared["links"]), (&json!(""), &json!([])));
}

#[tokio::test]
async fn what_a_host_says_has_its_limits() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    let body = json!({"bio": family.repeat(500), "links": vec![link("https://example.com/"); 5]});
    ana.patch("/channels/ana", body).await.ok();
    let long = "x".repeat(51);
    for (bad, field) in [
        (json!({"bio": family.repeat(501)}), "bio"),
        (json!({"links": vec![link("https://example.com/"); 6]}), "links"),
        (json!({"links": [link("http://example.com/")]}), "links"),
        (json!({"links": [link("javascript:alert(1)")]}), "links"),
        (json!({"links": [{"label": "", "url": "https://example.com/"}]}), "links"),
        (json!({"links": [{"label": long, "url": "https://example.com/"}]}), "links"),
        (json!({"links": [{"label": "a"}]}), "links"),
        (json!({"motto": "x"}), "motto"),
    ] {
        let refused = ana.patch("/channels/ana", bad.clone()).await.refused(422, "invalid_field");
        let found = refused["errors"][0]["field"].as_str().unwrap();
        assert!(found.starts_with(field), "{found} for {bad}");
    }
}

#[tokio::test]
async fn a_channel_is_changed_by_its_host_and_by_admins() {
    let server = TestServer::spawn();
    let (_ana, bo) = (server.register("ana").await, server.register("bob").await);
    let operator = server.register("operator").await;
    server.promote(&operator);
    let body = json!({"bio": "x"});
    server.guest().patch("/channels/ana", body.clone()).await.refused(401, "unauthenticated");
    bo.patch("/channels/ana", body.clone()).await.refused(403, "forbidden");
    bo.patch("/channels/nobody", body.clone()).await.refused(404, "not_found");
    assert_eq!(operator.patch("/channels/ana", body).await.ok()["bio"], "x");
}

#[tokio::test]
async fn the_latest_start_is_live_and_the_latest_end_is_last() {
    let Scene { server, host, .. } = &Scene::live().await;
    let channel = || async { server.guest().get("/channels/ana").await.ok() };
    assert_eq!(id_of(&channel().await["live"]), host.stream);
    assert_eq!(channel().await["live"]["viewers"], 0);
    let second = host.go_live("two").await;
    assert_eq!(id_of(&channel().await["live"]), second.stream);
    for ends in [&second, &**host] {
        ends.post("end", json!({})).await.ok();
        assert_eq!(id_of(&channel().await["last"]), ends.stream);
    }
    assert_eq!(channel().await["live"], json!(null));
}

#[tokio::test]
async fn what_comes_next_is_what_is_dated_first_and_then_the_newest() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let next = || async { server.guest().get("/channels/ana").await.ok()["next"]["title"].clone() };
    let plan = |title: &str, at: &str| ana.post("/streams", json!({"title": title, "scheduled_for": at}));
    for title in ["older", "newer"] {
        ana.create_stream(title).await;
    }
    assert_eq!(next().await, "newer");
    plan("long missed", "2020-01-01T00:00:00.000Z").await.ok();
    assert_eq!(next().await, "newer");
    plan("later", "2199-01-02T00:00:00.000Z").await.ok();
    plan("sooner", "2199-01-01T00:00:00.000Z").await.ok();
    assert_eq!(next().await, "sooner");
}

#[tokio::test]
async fn a_channel_shows_public_streams_alone() {
    let Scene { server, host, .. } = &Scene::live().await;
    for visibility in ["unlisted", "private"] {
        host.patch("", json!({"visibility": visibility})).await.ok();
        for who in [&server.guest(), &**host] {
            assert_eq!(who.get("/channels/ana").await.ok()["live"], json!(null), "{visibility}");
        }
    }
}

#[tokio::test]
async fn a_host_has_so_many_streams_that_have_not_ended_and_no_more() {
    let server = TestServer::spawn_with(on_sqlite);
    let ana = server.register("ana").await;
    let first = ana.create_stream("first").await;
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 198)";
    Sqlite::open(&server.place().path("data/livehouse.db")).run(&format!(
        "{many} INSERT INTO streams (id, host_id, title, description, search_key, visibility, status, created_at, updated_at,
                version, host_seen_at, last_seq, comment_count, peak_viewers, comments_by, slow_mode_s, min_account_age_s,
                repeat_window_s, links, hold_all, rules_version)
            SELECT printf('01890000-0000-7000-8000-%012d', i), host_id, title, description, search_key, visibility, status,
                created_at, updated_at, version, host_seen_at, 0, 0, 0, comments_by, 0, 0, 0, links, 0, 0
            FROM streams, n WHERE id = '{}';",
        first.stream
    ));
    ana.create_stream("the two hundredth").await;
    ana.post("/streams", json!({"title": "one more"})).await.refused(409, "conflict");
    first.post("end", json!({})).await.ok();
    ana.create_stream("in its place").await;
}
