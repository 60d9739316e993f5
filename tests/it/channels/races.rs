//! What is done to a channel while it gets another stream: no stream misses it. Each race is run `LIVEHOUSE_RACES` times.

use crate::tools::{TestServer, races, without_limits};
use futures_util::future::join;
use serde_json::json;

#[tokio::test]
async fn no_stream_that_is_made_meanwhile_misses_what_changes_in_the_channel() {
    let server = TestServer::spawn_with(without_limits);
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    for round in 0..races() {
        let change = ana.patch("/channels/ana/settings", json!({"slow_mode_s": 1 + round}));
        let (changed, stream) = join(change, ana.create_stream("Meanwhile")).await;
        changed.ok();
        assert_eq!(stream.get("settings").await.ok()["slow_mode_s"], 1 + round, "round {round}");
        stream.delete("").await.ok();

        let ban = ana.put("/channels/ana/bans/bob", json!({}));
        let (banned, stream) = join(ban, ana.create_stream("Meanwhile")).await;
        banned.ok();
        let mut viewer = bo.at(&stream.stream).join().await;
        assert_eq!(viewer.comment("x").await["code"], "banned", "round {round}");
        ana.delete("/channels/ana/bans/bob").await.ok();
        assert!(stream.log().await.0.iter().any(|event| event["type"] == "viewer.unbanned"));
        assert_eq!(viewer.comment("x").await["type"], "ack", "round {round}");
        viewer.leave().await;
        stream.delete("").await.ok();
    }
}

#[tokio::test]
async fn acts_on_a_channel_and_on_its_streams_at_once_all_come_to_an_end() {
    let server = TestServer::spawn_with(without_limits);
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    let streams = [ana.go_live("one").await, ana.go_live("two").await, ana.go_live("three").await];
    for round in 0..races() {
        let everywhere = async {
            ana.put("/channels/ana/bans/bob", json!({"duration_s": 60 + round})).await.ok();
            ana.patch("/channels/ana/settings", json!({"repeat_window_s": round})).await.ok();
            ana.delete("/channels/ana/bans/bob").await.ok();
        };
        let in_each = async {
            for stream in &streams {
                stream.put("bans/bob", json!({"scope": "stream"})).await.ok();
                stream.patch("settings", json!({"hold_all": round.is_multiple_of(2)})).await.ok();
                stream.delete("bans/bob").await.ok();
            }
        };
        join(everywhere, in_each).await;
        for stream in &streams {
            let found = stream.get("settings").await.ok();
            assert_eq!(
                (&found["repeat_window_s"], &found["hold_all"]),
                (&json!(round), &json!(round.is_multiple_of(2)))
            );
            assert_eq!(stream.get("bans").await.ok()["items"], json!([]), "round {round}");
            assert_eq!(
                bo.at(&stream.stream).post("comments", json!({"content": format!("{round}")})).await.status
                    / 100,
                2
            );
        }
    }
}

#[tokio::test]
async fn who_is_dismissed_while_a_private_stream_ends_sees_it_no_more() {
    let server = TestServer::spawn_with(without_limits);
    let (ana, mia) = (server.register("ana").await, server.register("mia").await);
    let path = "/channels/ana/moderators/mia";
    for round in 0..races() {
        ana.put(path, json!({})).await.ok();
        let stream = ana.go_live("Private").await;
        stream.patch("", json!({"visibility": "private"})).await.ok();
        let mut viewer = mia.at(&stream.stream).join().await;
        let (ended, dismissed) = join(stream.post("end", json!({})), ana.delete(path)).await;
        assert_eq!((ended.status, dismissed.status), (200, 204), "round {round}");
        viewer.expect_close().await.says(4404);
    }
}

#[tokio::test]
async fn an_account_that_ends_while_its_channel_changes_is_gone_with_all_of_it() {
    let server = TestServer::spawn_with(without_limits);
    server.register("bob").await;
    for round in 0..races() {
        let host = server.register(&format!("host{round}")).await;
        for _ in 0..3 {
            host.create_stream("Farewell").await;
        }
        let path = format!("/channels/host{round}/bans/bob");
        let ban = host.put(&path, json!({}));
        let (banned, ()) = join(ban, host.farewell()).await;
        assert!([204, 401, 404].contains(&banned.status), "{}: {}", banned.status, banned.text);
        server.guest().get(&format!("/channels/host{round}")).await.refused(404, "not_found");
    }
}
