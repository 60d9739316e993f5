//! Moderators of all streams of a host.

use crate::tools::{Scene, on_one_node};
use serde_json::json;

const MIA: &str = "/channels/ana/moderators/mia";

#[tokio::test]
async fn a_channels_moderator_moderates_every_stream_of_the_host() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    let (mia, second) = (server.register("mia").await, host.go_live("two").await);
    let mut sockets = [mia.join().await, mia.at(&second.stream).join().await];
    for (is_one, kind) in [(true, "moderator.added"), (false, "moderator.removed")] {
        for _ in 0..2 {
            let answer = if is_one { host.put(MIA, json!({})).await } else { host.delete(MIA).await };
            assert_eq!(answer.status, 204);
        }
        for socket in &mut sockets {
            socket.is_heard().await;
            let you = socket.told("you").pop().expect("told of one's rights");
            assert_eq!(you["role"] == "moderator", is_one, "{you}");
            assert_eq!(you["can"].as_array().unwrap().contains(&json!("ban")), is_one, "{you}");
            assert_eq!(socket.expect(kind).await["user"]["username"], "mia");
        }
    }
    host.put(MIA, json!({})).await.ok();
    let next = host.create_stream("three").await;
    let mia = mia.at(&next.stream);
    assert_eq!(mia.put("bans/mia", json!({})).await.status, 403);
    mia.get("held").await.ok();
    mia.patch("settings", json!({"hold_all": true})).await.ok();
    mia.post("start", json!({})).await.refused(403, "forbidden");
    let listed = next.get("moderators").await.ok();
    assert_eq!(
        (&listed["items"][0]["username"], &listed["items"][0]["scope"]),
        (&json!("mia"), &json!("channel"))
    );
    for socket in sockets {
        socket.leave().await;
    }
}

#[tokio::test]
async fn a_channels_moderator_sees_private_streams_for_as_long() {
    let Scene { server, host, .. } = &Scene::live().await;
    let (mia, over) = (server.register("mia").await, host.go_live("over").await);
    over.post("end", json!({})).await.ok();
    for room in [&**host, &over] {
        room.patch("", json!({"visibility": "private"})).await.ok();
        mia.at(&room.stream).get("").await.refused(404, "not_found");
    }
    host.put(MIA, json!({})).await.ok();
    let mut sockets = [mia.join().await, mia.at(&over.stream).join().await];
    assert_eq!(sockets[1].welcome["you"]["role"], "moderator");
    host.delete(MIA).await.ok();
    for socket in &mut sockets {
        socket.expect_close().await.says(4404);
    }
    for room in [&**host, &over] {
        mia.at(&room.stream).get("").await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn who_moderates_one_stream_by_itself_goes_on_there() {
    let Scene { server, host, .. } = &Scene::live().await;
    let (mia, second) = (server.register("mia").await, host.go_live("two").await);
    host.put("moderators/mia", json!({})).await.ok();
    host.put(MIA, json!({})).await.ok();
    let scopes = |list: serde_json::Value| {
        list["items"].as_array().unwrap().iter().map(|entry| entry["scope"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(scopes(host.get("moderators").await.ok()), ["channel", "stream"]);
    let mut socket = mia.join().await;
    host.delete(MIA).await.ok();
    mia.get("held").await.ok();
    mia.at(&second.stream).get("held").await.refused(403, "forbidden");
    assert_eq!(socket.ask(json!({"op": "auth", "token": mia.token})).await["role"], "moderator");

    host.put(MIA, json!({})).await.ok();
    assert_eq!(host.delete("moderators/mia").await.status, 204);
    assert_eq!(socket.ask(json!({"op": "auth", "token": mia.token})).await["role"], "moderator");
    mia.get("held").await.ok();
    socket.leave().await;
}

#[tokio::test]
async fn a_channels_moderator_is_one_after_a_restart() {
    let scene = Scene::live().await;
    let mut mia = scene.server.register("mia").await;
    scene.host.put(MIA, json!({})).await.ok();
    let Scene { server, host, .. } = &scene.restart();
    mia.ports = server.ports().clone();
    let viewer = mia.at(&host.stream).join().await;
    assert_eq!(viewer.welcome["you"]["role"], "moderator");
    viewer.leave().await;
}
