//! The way into a room that is open: the room knows who may come in, and the database is not asked; it is never behind what
//! a call has been answered for.

use crate::tools::{TestServer, Viewer, viewer};
use futures_util::future::join_all;
use serde_json::json;

const CROWD: usize = 40;

/// How often a call of the database has had its turn.
async fn database_calls(server: &TestServer) -> usize {
    let metrics = reqwest::get(server.ops_url("/metrics")).await.expect("operators are answered");
    let text = metrics.text().await.expect("metrics are text");
    let count = text.lines().find_map(|line| line.strip_prefix("livehouse_db_pool_wait_seconds_count "));
    count.expect("it is counted").parse().expect("a number")
}

#[tokio::test]
async fn a_crowd_of_guests_that_joins_an_open_room_does_not_ask_the_database() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let stream = ana.go_live("Doors open").await;
    let _first = ana.join(&stream).await;
    let before = database_calls(&server).await;
    assert!(before > 0, "turns are counted");
    let guest = server.guest();
    let crowd = join_all((0..CROWD).map(|_| guest.join(&stream))).await;
    assert!(crowd.iter().all(|viewer| viewer.opening["type"] == "snapshot"));
    // A few for the chores of the house.
    let asked = database_calls(&server).await - before;
    assert!(asked < CROWD / 2, "{asked} calls for {CROWD} guests");
}

#[tokio::test]
async fn an_open_private_room_lets_in_who_has_just_become_a_member_and_nobody_who_was_just_removed() {
    let server = TestServer::spawn();
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    let stream = ana.go_live("Members only").await;
    let _open = ana.join(&stream).await;
    let (path, member) = (format!("/streams/{stream}"), format!("/streams/{stream}/members/bob"));
    let status = async || {
        let request = viewer::signed_request(server.port, bo.token.as_deref(), &stream, "");
        viewer::refusal(request).await
    };
    for _ in 0..5 {
        ana.patch(&path, json!({"visibility": "private"})).await.ok();
        assert_eq!(status().await, 404);
        assert_eq!(viewer::refusal(viewer::request(server.port, &stream, "")).await, 404);
        ana.put(&member, json!({})).await.ok();
        bo.join(&stream).await.leave().await;
        ana.delete(&member).await.ok();
        assert_eq!(status().await, 404);
        ana.patch(&path, json!({"visibility": "unlisted"})).await.ok();
        bo.join(&stream).await.leave().await;
    }
    ana.delete(&path).await.ok();
    assert_eq!(status().await, 404);
}

#[tokio::test]
async fn members_that_come_and_go_at_once_leave_the_room_as_the_tables_are() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let guests = join_all(["bob", "cyd", "dan", "eve"].map(|name| server.register(name))).await;
    let stream = ana.go_live("Members only").await;
    ana.patch(&format!("/streams/{stream}"), json!({"visibility": "private"})).await.ok();
    let _open = ana.join(&stream).await;
    for round in 0..5 {
        let all = guests.iter().enumerate().map(async |(n, guest)| {
            let member = format!("/streams/{stream}/members/{}", guest.username);
            ana.put(&member, json!({})).await.ok();
            if n % 2 == round % 2 {
                ana.delete(&member).await.ok();
            }
        });
        join_all(all).await;
        for (n, guest) in guests.iter().enumerate() {
            let request = viewer::signed_request(server.port, guest.token.as_deref(), &stream, "");
            match n % 2 == round % 2 {
                true => assert_eq!(viewer::refusal(request).await, 404, "{} was removed", guest.username),
                false => Viewer::open(request).await.leave().await,
            }
        }
    }
}

#[tokio::test]
async fn forty_edits_at_once_are_all_answered() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let streams = join_all((0..4).map(|n| ana.create_stream(["A", "B", "C", "D"][n]))).await;
    let mut tags = Vec::new();
    for stream in &streams {
        tags.push(ana.get(&format!("/streams/{stream}")).await.header("etag").to_owned());
    }
    let edits = (0..CROWD).map(|n| {
        let path = format!("/streams/{}", streams[n % 4]);
        let edit = ana.request(reqwest::Method::PATCH, &path).json(&json!({"title": format!("Title {n}")}));
        // Half of them only if nobody was there before them.
        ana.send(if n < CROWD / 2 { edit } else { edit.header("if-match", &tags[n % 4]) })
    });
    let statuses: Vec<u16> = join_all(edits).await.iter().map(|answer| answer.status).collect();
    assert!(statuses.iter().all(|status| [200, 412].contains(status)), "{statuses:?}");
    assert!(statuses.iter().filter(|&&status| status == 200).count() >= CROWD / 2, "{statuses:?}");
}
