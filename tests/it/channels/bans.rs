//! Bans that hold in all streams of a host, beside those of one stream.

use crate::tools::{Client, Scene, TestServer, on_one_node};
use serde_json::{Value, json};

/// The types of what a log says.
async fn kinds(stream: &Client) -> Vec<String> {
    let kind = |event: Value| event["type"].as_str().expect("a type").to_owned();
    stream.log().await.0.into_iter().map(kind).collect()
}

#[tokio::test]
async fn a_ban_in_one_stream_holds_in_the_hosts_next_one() {
    let Scene { host, bo, .. } = &Scene::live().await;
    host.put("bans/bob", json!({"reason": "rude"})).await.ok();
    host.post("end", json!({})).await.ok();
    let next = host.go_live("two").await;
    let bo = bo.at(&next.stream);
    bo.post("comments", json!({"content": "x"})).await.refused(403, "banned");
    let mut viewer = bo.join().await;
    assert_eq!(viewer.welcome["you"]["ban"], json!({"until": null, "reason": "rude"}));
    assert_eq!(viewer.comment("x").await["code"], "banned");
    let listed = next.get("bans").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(
        (&listed["items"][0]["scope"], &listed["items"][0]["user"]["username"]),
        (&json!("channel"), &json!("bob"))
    );
    assert_eq!(kinds(&next).await, ["stream.started"], "what held before is no news there");
    assert_eq!(next.delete("bans/bob").await.status, 204);
    assert_eq!(viewer.comment("back").await["type"], "ack");
    viewer.leave().await;
}

#[tokio::test]
async fn a_ban_reaches_open_sockets_in_all_rooms_of_the_host_by_the_time_it_is_answered() {
    let Scene { server, host, bo } = &Scene::live_with(on_one_node).await;
    let (second, waiting) = (host.go_live("two").await, host.create_stream("three").await);
    let other = server.register("eve").await.go_live("of another host").await;
    let rooms = [&**host, &second, &waiting];
    let mut sockets = Vec::new();
    for room in rooms {
        sockets.push(bo.at(&room.stream).join().await);
    }
    let mut elsewhere = bo.at(&other.stream).join().await;
    for (is_banned, kind) in [(true, "viewer.banned"), (false, "viewer.unbanned")] {
        let answer = match is_banned {
            true => host.put("bans/bob", json!({"duration_s": 60, "reason": "rude"})).await,
            false => host.delete("bans/bob").await,
        };
        assert_eq!(answer.status, 204);
        for socket in &mut sockets {
            socket.is_heard().await;
            let told = socket.told("you").pop().expect("told of one's rights");
            assert_eq!((told["ban"].is_object(), told["can"] == json!([])), (is_banned, is_banned), "{told}");
            assert_eq!(socket.expect(kind).await["user_id"], bo.id.as_str());
            assert_eq!(socket.comment("let me speak").await["code"] == "banned", is_banned);
        }
        assert_eq!(elsewhere.comment("here I may").await["type"], "ack");
    }
    for room in rooms {
        let told =
            kinds(room).await.into_iter().filter(|kind| kind.starts_with("viewer.")).collect::<Vec<_>>();
        assert_eq!(told, ["viewer.banned", "viewer.unbanned"]);
    }
    sockets.push(elsewhere);
    for socket in sockets {
        socket.leave().await;
    }
}

#[tokio::test]
async fn a_ban_holds_after_a_restart_in_rooms_old_and_new() {
    let scene = Scene::live().await;
    scene.host.put("bans/bob", json!({"reason": "rude"})).await.ok();
    let Scene { host, bo, .. } = &scene.restart();
    let next = host.go_live("two").await;
    for stream in [&host.stream, &next.stream] {
        let mut viewer = bo.at(stream).join().await;
        assert_eq!(viewer.welcome["you"]["ban"]["reason"], "rude");
        assert_eq!(viewer.comment("x").await["code"], "banned");
        viewer.leave().await;
    }
}

#[tokio::test]
async fn a_ban_of_one_stream_holds_there_alone() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let second = host.go_live("two").await;
    assert_eq!(host.put("bans/bob", json!({"scope": "stream"})).await.status, 204);
    bo.post("comments", json!({"content": "x"})).await.refused(403, "banned");
    bo.at(&second.stream).comment("here I may").await;
    assert_eq!(host.get("bans").await.ok()["items"][0]["scope"], "stream");
    assert_eq!(second.get("bans").await.ok()["items"], json!([]));
    assert_eq!(host.get("/channels/ana/bans").await.ok()["items"], json!([]));
    host.put("bans/bob", json!({"scope": "site"})).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn a_moderator_of_one_stream_bans_in_that_one() {
    let Scene { server, host, bo } = &Scene::live().await;
    let mia = server.register("mia").await;
    let second = host.go_live("two").await;
    host.put("moderators/mia", json!({})).await.ok();
    mia.put("bans/bob", json!({"scope": "channel"})).await.refused(403, "forbidden");
    bo.comment("not yet").await;
    assert_eq!(mia.put("bans/bob", json!({})).await.status, 204);
    bo.post("comments", json!({"content": "x"})).await.refused(403, "banned");
    bo.at(&second.stream).comment("here I may").await;
    assert_eq!(mia.delete("bans/bob").await.status, 204);
    host.put("bans/bob", json!({})).await.ok();
    mia.delete("bans/bob").await.refused(403, "forbidden");
    bo.post("comments", json!({"content": "x"})).await.refused(403, "banned");
}

#[tokio::test]
async fn a_moderator_of_the_channel_bans_in_all_of_it_but_no_moderator() {
    let Scene { server, host, bo } = &Scene::live().await;
    let (mia, second) = (server.register("mia").await, host.go_live("two").await);
    server.register("max").await;
    host.put("/channels/ana/moderators/mia", json!({})).await.ok();
    second.put("moderators/max", json!({})).await.ok();
    assert_eq!(mia.put("bans/bob", json!({})).await.status, 204);
    bo.at(&second.stream).post("comments", json!({"content": "x"})).await.refused(403, "banned");
    for name in ["max", "mia", "ana"] {
        mia.put(&format!("/channels/ana/bans/{name}"), json!({})).await.refused(403, "forbidden");
    }
    assert_eq!(mia.delete("/channels/ana/bans/bob").await.status, 204);
    bo.at(&second.stream).comment("back").await;
}

#[tokio::test]
async fn a_host_who_bans_a_moderator_dismisses_them_everywhere() {
    let Scene { server, host, .. } = &Scene::live().await;
    let (mia, second) = (server.register("mia").await, host.go_live("two").await);
    host.put("/channels/ana/moderators/mia", json!({})).await.ok();
    host.put("moderators/mia", json!({})).await.ok();
    host.put("bans/mia", json!({"scope": "stream"})).await.refused(409, "conflict");
    assert_eq!(host.put("bans/mia", json!({})).await.status, 204);
    for room in [&**host, &second] {
        mia.at(&room.stream).post("comments", json!({"content": "x"})).await.refused(403, "banned");
        assert_eq!(room.get("moderators").await.ok()["items"], json!([]));
        let last = kinds(room).await.split_off(kinds(room).await.len() - 2);
        assert_eq!(last, ["moderator.removed", "viewer.banned"]);
    }
}

#[tokio::test]
async fn of_two_bans_the_longer_holds_and_what_is_left_of_them_is_said() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let second = host.go_live("two").await;
    let mut viewer = bo.join().await;
    host.put("bans/bob", json!({"scope": "stream", "reason": "here"})).await.ok();
    host.put("/channels/ana/bans/bob", json!({"duration_s": 60, "reason": "everywhere"})).await.ok();
    let scopes = |list: Value| {
        list["items"].as_array().unwrap().iter().map(|ban| ban["scope"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(scopes(host.get("bans").await.ok()), ["channel", "stream"]);
    assert_eq!(scopes(second.get("bans").await.ok()), ["channel"]);
    let page = host.get("bans?limit=1").await.ok();
    let rest = host.get(&format!("bans?limit=1&cursor={}", page["next_cursor"].as_str().unwrap())).await.ok();
    assert_eq!((scopes(page), scopes(rest.clone())), (vec![json!("channel")], vec![json!("stream")]));
    assert_eq!(rest["next_cursor"], json!(null));
    for _ in 0..2 {
        assert_eq!(
            viewer.expect("viewer.banned").await["until"],
            json!(null),
            "it is for good in this stream"
        );
    }
    assert_eq!(host.delete("/channels/ana/bans/bob").await.status, 204);
    assert_eq!(viewer.expect("viewer.banned").await["until"], json!(null), "and stays so");
    assert_eq!(viewer.comment("x").await["code"], "banned");
    assert_eq!(second.log().await.0.last().unwrap()["type"], "viewer.unbanned");
    bo.at(&second.stream).comment("there I may").await;

    host.put("bans/bob", json!({})).await.ok();
    assert_eq!(host.delete("bans/bob").await.status, 204, "lifts both");
    assert_eq!(viewer.comment("back").await["type"], "ack");
    viewer.leave().await;
}

#[tokio::test]
async fn the_log_of_a_stream_that_is_over_says_nothing_more() {
    let Scene { host, bo, .. } = &Scene::live().await;
    host.post("end", json!({})).await.ok();
    let before = kinds(host).await;
    let mut viewer = bo.join().await;
    host.put("/channels/ana/bans/bob", json!({"reason": "rude"})).await.ok();
    assert_eq!(viewer.expect("you").await["ban"]["reason"], "rude", "who is there is told all the same");
    host.delete("/channels/ana/bans/bob").await.ok();
    assert_eq!(viewer.expect("you").await["ban"], json!(null));
    assert_eq!(kinds(host).await, before);
    viewer.leave().await;
}

#[tokio::test]
async fn a_timeout_in_the_channel_ends_by_itself_in_every_room() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let second = host.go_live("two").await;
    let mut viewers = [bo.join().await, bo.at(&second.stream).join().await];
    host.put("bans/bob", json!({"duration_s": 1})).await.ok();
    for viewer in &mut viewers {
        viewer.expect_where("you", |you| you["ban"]["until"].is_string()).await;
        viewer.expect_where("you", |you| you["ban"].is_null()).await;
        assert_eq!(viewer.comment("back").await["type"], "ack");
    }
    assert_eq!(host.get("/channels/ana/bans").await.ok()["items"], json!([]));
    for viewer in viewers {
        viewer.leave().await;
    }
}

#[tokio::test]
async fn a_ban_can_take_away_what_was_said_in_all_streams_that_go_on() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let (second, over) = (host.go_live("two").await, host.go_live("three").await);
    for stream in [&host.stream, &second.stream, &over.stream] {
        bo.at(stream).comment("spam").await;
    }
    over.post("end", json!({})).await.ok();
    host.put("bans/bob", json!({"delete_comments": true})).await.ok();
    for (room, left) in [(&**host, 0), (&second, 0), (&over, 1)] {
        let list = room.get("comments").await.ok();
        assert_eq!(list["items"].as_array().unwrap().len(), left, "{list}");
    }
}

#[tokio::test]
async fn the_same_ban_again_is_no_news_anywhere() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    server.register("bob").await;
    let streams = [ana.create_stream("one").await, ana.create_stream("two").await];
    for reason in ["a", "a", "b"] {
        let path = "/channels/ana/bans/bob";
        assert_eq!(ana.put(path, json!({"reason": reason})).await.status, 204);
    }
    for _ in 0..2 {
        assert_eq!(ana.delete("/channels/ana/bans/bob").await.status, 204);
    }
    for stream in &streams {
        assert_eq!(kinds(stream).await, ["viewer.banned", "viewer.banned", "viewer.unbanned"]);
    }
}
