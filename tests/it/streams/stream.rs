//! Streams: made, listed, edited, started, ended, deleted.

use crate::tools::{Client, Scene, TestServer, User, id_of, until};
use livehouse::{
    config::{Registration, StreamsBy},
    internals::users,
};
use reqwest::Method;
use serde_json::{Value, json};

fn titles(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|stream| stream["title"].as_str().unwrap()).collect()
}

async fn edit_if(host: &User, tag: &str, title: &str) -> u16 {
    let request = host.request(Method::PATCH, "").header("If-Match", tag);
    host.send(request.json(&json!({"title": title}))).await.status
}

#[tokio::test]
async fn a_stream_is_made_with_its_location_and_version_and_read_by_anyone() {
    let server = TestServer::spawn();
    let host = server.register("ana").await;
    let body = json!({"title": " A  night\tin ", "description": "a\r\nb", "tags": ["Rust", "rust", "live"],
        "playback_url": "https://example.org/a.m3u8", "scheduled_for": "2030-01-01T02:00:00+01:00"});
    let made = host.post("/streams", body).await;
    assert_eq!((made.status, made.header("etag")), (201, "\"1\""));
    let location = made.header("location").to_owned();
    let stream = made.ok();
    assert_eq!(location, format!("/api/v1/streams/{}", id_of(&stream)));
    assert_eq!(stream["title"], "A  night in");
    assert_eq!(stream["description"], "a\nb");
    assert_eq!(stream["tags"], json!(["Rust", "live"]));
    assert_eq!(stream["scheduled_for"], "2030-01-01T01:00:00.000Z");
    assert_eq!((&stream["visibility"], &stream["status"]), (&json!("public"), &json!("scheduled")));
    assert_eq!((&stream["viewers"], &stream["reactions"]), (&json!(0), &json!({})));
    assert_eq!(stream["host"]["username"], "ana");
    let read = server.guest().get(&format!("/{location}")).await;
    assert_eq!(read.header("etag"), "\"1\"");
    assert_eq!(read.ok(), stream);
}

#[tokio::test]
async fn what_a_stream_may_not_be_is_refused_by_its_member() {
    let server = TestServer::spawn();
    let host = server.register("ana").await;
    let tags = |n: usize| json!((0..n).map(|i| format!("t{i}")).collect::<Vec<_>>());
    for (body, field) in [
        (json!({}), "title"),
        (json!({"title": ""}), "title"),
        (json!({"title": "x".repeat(141)}), "title"),
        (json!({"title": "x", "colour": 1}), "colour"),
        (json!({"title": "x", "tags": tags(11)}), "tags"),
        (json!({"title": "x", "tags": ["y".repeat(31)]}), "tags[0]"),
        (json!({"title": "x", "visibility": "secret"}), "visibility"),
        (json!({"title": "x", "playback_url": "http://example.org/a.mp4"}), "playback_url"),
        (json!({"title": "x", "scheduled_for": "soon"}), "scheduled_for"),
        (json!({"title": "x", "scheduled_for": "9999-12-31T00:00:00Z"}), "scheduled_for"),
        (json!({"title": "x", "scheduled_for": "12026-01-01T00:00:00Z"}), "scheduled_for"),
        (json!({"title": "x", "description": "y".repeat(5001)}), "description"),
    ] {
        let refused = host.post("/streams", body.clone()).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["field"], field, "{body}");
    }
    host.post("/streams", json!({"title": "x".repeat(140), "tags": tags(10)})).await.ok();
    server.guest().post("/streams", json!({"title": "x"})).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn an_edit_keeps_what_is_absent_and_clears_what_is_null() {
    let server = TestServer::spawn();
    let host = server.register("ana").await;
    let body =
        json!({"title": "one", "description": "d", "tags": ["a"], "scheduled_for": "2030-01-01T00:00:00Z"});
    let made = host.post("/streams", body).await.ok();
    let path = format!("/streams/{}", id_of(&made));
    let edited = host.patch(&path, json!({"title": "two"})).await;
    assert_eq!(edited.header("etag"), "\"2\"");
    let edited = edited.ok();
    assert_eq!(
        (&edited["title"], &edited["description"], &edited["tags"]),
        (&json!("two"), &json!("d"), &json!(["a"]))
    );
    let cleared =
        host.patch(&path, json!({"description": null, "tags": null, "scheduled_for": null})).await.ok();
    assert_eq!(
        (&cleared["description"], &cleared["tags"], &cleared["scheduled_for"]),
        (&json!(""), &json!([]), &json!(null))
    );
    for member in ["title", "visibility"] {
        let refused = host.patch(&path, json!({member: null})).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["field"], member);
    }
    host.patch(&path, json!({"status": "live"})).await.refused(422, "invalid_field");
    let bo = server.register("bob").await;
    bo.patch(&path, json!({"title": "mine"})).await.refused(403, "forbidden");
    assert_eq!(server.guest().get("/streams?q=TWO").await.ok()["items"][0]["title"], "two");
}

#[tokio::test]
async fn only_the_version_that_was_read_is_edited() {
    let Scene { host, .. } = &Scene::scheduled().await;
    assert_eq!(edit_if(host, "\"1\"", "two").await, 200);
    for stale in ["\"1\"", "W/\"2\"", "2", "\"7\", \"8\""] {
        assert_eq!(edit_if(host, stale, "three").await, 412, "{stale}");
    }
    assert_eq!(edit_if(host, "\"1\", \"2\"", "three").await, 200);
    assert_eq!(edit_if(host, "*", "four").await, 200);
    host.comment("counters are no version").await;
    assert_eq!(host.get("").await.header("etag"), "\"4\"");
}

#[tokio::test]
async fn a_stream_starts_once_and_ends_for_good() {
    let Scene { host, bo, .. } = &Scene::scheduled().await;
    bo.post("start", json!({})).await.refused(403, "forbidden");
    let live = host.post("start", json!({})).await.ok();
    assert_eq!(live["status"], "live");
    assert!(live["started_at"].is_string() && live["ended_at"].is_null());
    host.post("start", json!({})).await.refused(409, "invalid_transition");
    assert_eq!(host.post("end", json!({})).await.ok()["status"], "ended");
    host.post("end", json!({})).await.refused(409, "invalid_transition");
    host.post("start", json!({})).await.refused(409, "invalid_transition");
    let never_live = host.create_stream("two").await;
    assert_eq!(never_live.post("end", json!({})).await.ok()["status"], "ended");
}

#[tokio::test]
async fn an_ended_stream_takes_no_writing_but_deletions_and_settings() {
    let Scene { host, .. } = &Scene::live().await;
    let comment = host.comment("last words").await["id"].clone();
    host.post("end", json!({})).await.ok();
    let poll = json!({"question": "?", "options": ["a", "b"], "duration_s": 9});
    host.post("comments", json!({"content": "x"})).await.refused(409, "stream_ended");
    host.post("announcements", json!({"content": "x"})).await.refused(409, "stream_ended");
    host.post("questions", json!({"content": "x"})).await.refused(409, "stream_ended");
    host.post("polls", poll).await.refused(409, "stream_ended");
    host.post("reactions", json!({"kind": "like"})).await.refused(409, "stream_ended");
    host.put("pin", json!({"comment_id": comment})).await.refused(409, "stream_ended");
    host.patch("settings", json!({"slow_mode_s": 1})).await.ok();
    assert_eq!(host.delete(&format!("comments/{}", comment.as_str().unwrap())).await.status, 204);
}

#[tokio::test]
async fn nothing_is_lost_or_repeated_while_streams_are_added() {
    let server = TestServer::spawn();
    let host = server.register("ana").await;
    for number in 0..5 {
        host.create_stream(&format!("s{number}")).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.guest().get(&format!("/streams?limit=2{cursor}")).await.ok();
        assert!(!titles(&page).is_empty());
        seen.extend(titles(&page).into_iter().map(str::to_owned));
        host.create_stream("late").await;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["s4", "s3", "s2", "s1", "s0"]);
    server.guest().get("/streams?cursor=nonsense").await.refused(422, "invalid_field");
    server.guest().get("/streams?limit=101").await.refused(422, "invalid_field");
}

#[tokio::test]
async fn streams_are_found_by_status_host_tag_text_and_follows() {
    let server = TestServer::spawn();
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    for (title, tag, year) in [("Jazz", "Music", 2031), ("Rock", "music", 2030)] {
        let scheduled_for = format!("{year}-01-01T00:00:00Z");
        let body = json!({"title": title, "tags": [tag], "scheduled_for": scheduled_for});
        ana.post("/streams", body).await.ok();
    }
    bo.go_live("Chess").await;
    for (query, expected) in [
        ("status=live", vec!["Chess"]),
        ("host=ANA", vec!["Rock", "Jazz"]),
        ("host=nobody", vec![]),
        ("tag=MUSIC&q=ja", vec!["Jazz"]),
        ("sort=starts", vec!["Rock", "Jazz"]),
        ("q=", vec!["Chess", "Rock", "Jazz"]),
        ("q=%25", vec![]),
    ] {
        assert_eq!(titles(&server.guest().get(&format!("/streams?{query}")).await.ok()), expected, "{query}");
    }
    bo.put("/users/ana/follow", json!({})).await.ok();
    assert_eq!(titles(&bo.get("/streams?following=true").await.ok()), ["Rock", "Jazz"]);
    server.guest().get("/streams?following=true").await.refused(401, "unauthenticated");
    server.guest().get("/streams?sort=best").await.refused(422, "invalid_field");
}

#[tokio::test]
async fn the_most_watched_come_first_without_a_cursor() {
    let server = TestServer::spawn();
    let host = server.register("ana").await;
    let (watched, _) = (host.go_live("watched").await, host.go_live("newer").await);
    let viewer = watched.guest().join().await;
    // Other nodes count who is here a moment later.
    until("the watched one is first", async || {
        let list = server.guest().get("/streams?sort=viewers").await.ok();
        assert_eq!((list["items"].as_array().map(Vec::len), &list["next_cursor"]), (Some(2), &json!(null)));
        titles(&list) == ["watched", "newer"] && list["items"][0]["viewers"] == 1
    })
    .await;
    viewer.leave().await;
}

#[tokio::test]
async fn only_those_who_were_granted_it_may_host_where_that_is_asked_for() {
    let server = TestServer::spawn_with(|config| config.streams_by = Some(StreamsBy::Granted));
    let ana = server.register("ana").await;
    ana.post("/streams", json!({"title": "x"})).await.refused(403, "forbidden");
    let rules = async |client: &Client| {
        let site = client.get("/site").await.ok();
        (site["registration"].clone(), site["streams_by"].clone(), site["may_host"].clone())
    };
    let (open, granted) = (json!("open"), json!("granted"));
    let expected = |may_host| (open.clone(), granted.clone(), may_host);
    assert_eq!(rules(&server.guest()).await, expected(json!(null)), "said before anybody has tried");
    assert_eq!(rules(&ana).await, expected(json!(false)));
    let id = ana.id.parse().expect("an id");
    server.store().write_blocking(|tx| users::set_may_host(tx, id, true)).expect("it is granted");
    ana.post("/streams", json!({"title": "x"})).await.ok();
    assert_eq!(rules(&ana).await, expected(json!(true)));
}

#[tokio::test]
async fn everybody_may_host_where_nothing_else_is_asked_for_and_strangers_may_be_kept_out() {
    let server = TestServer::spawn_with(|config| config.registration = Some(Registration::Open));
    let ana = server.register("ana").await;
    let site = ana.get("/site").await.ok();
    let rules = (&site["registration"], &site["streams_by"], &site["may_host"]);
    assert_eq!(rules, (&json!("open"), &json!("everyone"), &json!(true)));
    assert_eq!(site["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(site["features"], json!({"picture": true, "rtmp": true, "recordings": true}));
    let server = TestServer::spawn_with(|config| config.registration = Some(Registration::Closed));
    assert_eq!(server.guest().get("/site").await.ok()["registration"], "closed");
}

#[tokio::test]
async fn a_deleted_stream_is_gone_and_its_sockets_close() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewers = [bo.join().await, host.join().await, host.guest().join().await];
    bo.delete("").await.refused(403, "forbidden");
    assert_eq!(host.delete("").await.status, 204);
    for viewer in &mut viewers {
        viewer.expect_close().await.says(4404);
    }
    for path in ["", "comments", "events", "settings"] {
        host.get(path).await.refused(404, "not_found");
    }
    host.delete("").await.refused(404, "not_found");
    host.get("/streams/not-an-id").await.refused(404, "not_found");
}
