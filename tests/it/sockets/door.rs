//! The way into a room that is open: the room knows who may come in, and the database is not asked; it is never behind what
//! a call has been answered for.

use crate::tools::{Scene, TestServer, on_one_node};
use futures_util::future::join_all;
use serde_json::json;

const CROWD: usize = 40;

/// How often a call of the database has had its turn.
const CALLS: &str = "livehouse_db_pool_wait_seconds_count";

#[tokio::test]
async fn a_crowd_of_guests_that_joins_an_open_room_does_not_ask_the_database() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    let _first = host.join().await;
    let before = server.metric(CALLS).await;
    assert!(before > 0, "turns are counted");
    let guest = server.guest();
    let crowd = join_all((0..CROWD).map(|_| guest.join())).await;
    assert!(crowd.iter().all(|viewer| viewer.opening["type"] == "snapshot"));
    // A few for the chores of the house.
    let asked = server.metric(CALLS).await - before;
    assert!(asked < CROWD as i64 / 2, "{asked} calls for {CROWD} guests");
}

#[tokio::test]
async fn an_open_private_room_lets_in_who_has_just_become_a_member_and_nobody_who_was_just_removed() {
    let Scene { server, host, bo } = &Scene::live().await;
    let _open = host.join().await;
    for _ in 0..5 {
        host.patch("", json!({"visibility": "private"})).await.ok();
        assert_eq!(bo.refusal().await, 404);
        assert_eq!(server.guest().refusal().await, 404);
        host.put("members/bob", json!({})).await.ok();
        bo.join().await.leave().await;
        host.delete("members/bob").await.ok();
        assert_eq!(bo.refusal().await, 404);
        host.patch("", json!({"visibility": "unlisted"})).await.ok();
        bo.join().await.leave().await;
    }
    host.delete("").await.ok();
    assert_eq!(bo.refusal().await, 404);
}

#[tokio::test]
async fn members_that_come_and_go_at_once_leave_the_room_as_the_tables_are() {
    let Scene { server, host, .. } = &Scene::live().await;
    let guests = join_all(["cyd", "dan", "eve", "fay"].map(|name| server.register(name))).await;
    host.patch("", json!({"visibility": "private"})).await.ok();
    let _open = host.join().await;
    for round in 0..5 {
        let all = guests.iter().enumerate().map(async |(n, guest)| {
            let member = format!("members/{}", guest.username);
            host.put(&member, json!({})).await.ok();
            if n % 2 == round % 2 {
                host.delete(&member).await.ok();
            }
        });
        join_all(all).await;
        for (n, guest) in guests.iter().enumerate() {
            match n % 2 == round % 2 {
                true => assert_eq!(guest.refusal().await, 404, "{} was removed", guest.username),
                false => guest.join().await.leave().await,
            }
        }
    }
}

#[tokio::test]
async fn forty_edits_at_once_are_all_answered() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let streams = join_all(["A", "B", "C", "D"].map(|title| ana.create_stream(title))).await;
    let mut tags = Vec::new();
    for stream in &streams {
        tags.push(stream.get("").await.header("etag").to_owned());
    }
    let edits = (0..CROWD).map(|n| {
        let title = json!({"title": format!("Title {n}")});
        let edit = streams[n % 4].request(reqwest::Method::PATCH, "").json(&title);
        // Half of them only if nobody was there before them.
        ana.send(if n < CROWD / 2 { edit } else { edit.header("if-match", &tags[n % 4]) })
    });
    let statuses: Vec<u16> = join_all(edits).await.iter().map(|answer| answer.status).collect();
    assert!(statuses.iter().all(|status| [200, 412].contains(status)), "{statuses:?}");
    assert!(statuses.iter().filter(|&&status| status == 200).count() >= CROWD / 2, "{statuses:?}");
}
