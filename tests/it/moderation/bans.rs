//! Bans, timeouts and purges.

use crate::tools::{Scene, on_one_node};
use serde_json::json;

#[tokio::test]
async fn a_banned_viewer_is_told_at_once_and_can_read_but_not_write_anywhere() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewer = bo.join().await;
    host.put("bans/bob", json!({"duration_s": null, "reason": "rude"})).await.ok();
    let you = viewer.expect("you").await;
    assert_eq!((&you["can"], &you["ban"]), (&json!([]), &json!({"until": null, "reason": "rude"})));
    assert_eq!(viewer.expect("viewer.banned").await["user_id"], bo.id.as_str());
    assert_eq!(viewer.comment("x").await["code"], "banned");
    let mut second = bo.rejoin(0).await;
    assert_eq!(second.welcome["you"]["can"], json!([]));
    assert_eq!(second.comment("x").await["code"], "banned");
    for (rest, body) in [
        ("comments", json!({"content": "x"})),
        ("questions", json!({"content": "x"})),
        ("reactions", json!({"kind": "like"})),
    ] {
        let refused = bo.post(rest, body).await.refused(403, "banned");
        assert!(refused["detail"].as_str().unwrap().contains("rude"), "{refused}");
    }
    bo.get("comments").await.ok();
    host.comment("still read").await;
    viewer.expect_comment("still read").await;
    assert_eq!(host.delete("bans/bob").await.status, 204);
    assert_eq!(viewer.expect("you").await["ban"], json!(null));
    assert_eq!(viewer.comment("back").await["type"], "ack");
    viewer.leave().await;
    second.leave().await;
}

#[tokio::test]
async fn a_timeout_ends_by_itself_and_no_event_says_so() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewer = bo.join().await;
    host.put("bans/bob", json!({"duration_s": 3})).await.ok();
    let refused = bo.post("comments", json!({"content": "x"})).await.refused(403, "banned");
    assert!((1..=3000).contains(&refused["retry_after_ms"].as_i64().unwrap()));
    viewer.expect_where("you", |you| you["ban"]["until"].is_string()).await;
    viewer.expect_where("you", |you| you["ban"].is_null()).await;
    bo.comment("back").await;
    assert_eq!(host.get("bans").await.ok()["items"], json!([]));
    let log = host.get("events").await;
    assert!(!log.text.contains("viewer.unbanned"), "{}", log.text);
    viewer.leave().await;
}

#[tokio::test]
async fn every_open_socket_of_the_banned_knows_by_the_time_the_ban_is_answered() {
    let Scene { host, bo, .. } = &Scene::live_with(on_one_node).await;
    let elsewhere = bo.log_in_again().await;
    let mut sockets = [bo.join().await, bo.join().await, elsewhere.join().await];
    for is_banned in [true, false, true] {
        let answer = match is_banned {
            true => host.put("bans/bob", json!({"duration_s": 60, "reason": "rude"})).await,
            false => host.delete("bans/bob").await,
        };
        assert_eq!(answer.status, 204);
        for socket in &mut sockets {
            // What was told before the ban was answered comes before the answer to what is asked after it.
            socket.is_heard().await;
            let told = socket.told("you").pop().expect("told of one's rights");
            assert_eq!((told["ban"].is_object(), told["can"] == json!([])), (is_banned, is_banned), "{told}");
            let code = &socket.comment("let me speak").await["code"];
            assert_eq!(code == "banned", is_banned, "{code}");
        }
    }
    for socket in sockets {
        socket.leave().await;
    }
}

#[tokio::test]
async fn a_timeout_ends_when_it_said_also_when_the_server_was_restarted_meanwhile() {
    let scene = Scene::live().await;
    scene.host.put("bans/bob", json!({"duration_s": 2})).await.ok();
    let Scene { bo, .. } = &scene.restart();

    let mut viewer = bo.join().await;
    let until = viewer.welcome["you"]["ban"]["until"].as_str().expect("banned until then").to_owned();
    assert_eq!(viewer.comment("too early").await["code"], "banned");
    let refused = bo.post("comments", json!({"content": "too early"})).await.refused(403, "banned");
    assert!((1..=2000).contains(&refused["retry_after_ms"].as_i64().expect("a wait")), "{refused}");

    let freed = viewer.expect_where("you", |you| you["ban"].is_null()).await;
    assert_eq!(freed["can"][0], "comment", "{freed}");
    for comment in [viewer.comment("at last").await["comment"].clone(), bo.comment("here too").await] {
        let at = comment["created_at"].as_str().expect("said");
        assert!(at >= until.as_str(), "said at {at}, banned until {until}");
    }
    viewer.leave().await;
}

#[tokio::test]
async fn the_same_ban_again_is_no_news() {
    let Scene { host, bo, .. } = &Scene::scheduled().await;
    host.delete("bans/bob").await.ok();
    for reason in ["a", "a", "b"] {
        assert_eq!(host.put("bans/bob", json!({"duration_s": null, "reason": reason})).await.status, 204);
    }
    for _ in 0..2 {
        assert_eq!(host.delete("bans/bob").await.status, 204);
    }
    let log = host.get("events").await.ok();
    let kinds: Vec<_> = log["items"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    assert_eq!(kinds, ["viewer.banned", "viewer.banned", "viewer.unbanned"]);
    bo.comment("back").await;
    host.put("bans/bob", json!({"duration_s": 0})).await.refused(422, "invalid_field");
    host.put("bans/nobody", json!({"duration_s": null})).await.refused(404, "not_found");
}

#[tokio::test]
async fn moderators_ban_viewers_and_only_the_host_bans_moderators() {
    let Scene { server, host, bo } = &Scene::live().await;
    let mia = server.register("mia").await;
    let max = server.register("max").await;
    let ban = |name: &str| format!("bans/{name}");
    let forever = json!({"duration_s": null});
    for moderator in ["mia", "max"] {
        host.put(&format!("moderators/{moderator}"), json!({})).await.ok();
    }
    assert_eq!(mia.put(&ban("bob"), forever.clone()).await.status, 204);
    for name in ["max", "ana", "mia"] {
        mia.put(&ban(name), forever.clone()).await.refused(403, "forbidden");
    }
    host.put(&ban("ana"), forever.clone()).await.refused(403, "forbidden");
    bo.put(&ban("mia"), forever.clone()).await.refused(403, "forbidden");
    assert_eq!(host.put(&ban("max"), forever).await.status, 204);
    max.post("comments", json!({"content": "x"})).await.refused(403, "banned");
    let moderators = host.get("moderators").await.ok();
    assert_eq!(moderators["items"].as_array().unwrap().len(), 1, "{moderators}");
}

#[tokio::test]
async fn a_ban_can_take_away_all_that_was_said() {
    let Scene { host, bo, .. } = &Scene::live().await;
    host.comment("mine").await;
    let said = bo.comment("spam").await;
    host.put("pin", json!({"comment_id": said["id"]})).await.ok();
    let mut viewer = host.join().await;
    host.put("bans/bob", json!({"duration_s": 60, "delete_comments": null})).await.ok();
    assert_eq!(host.get("comments").await.ok()["items"].as_array().unwrap().len(), 2);
    host.put("bans/bob", json!({"duration_s": 60, "delete_comments": true})).await.ok();
    assert_eq!(viewer.expect("comments.purged").await["user_id"], bo.id.as_str());
    viewer.expect("comment.unpinned").await;
    let list = host.get("comments").await.ok();
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]["content"]), (1, &json!("mine")));
    let late = host.join().await;
    assert_eq!(late.opening["comments"].as_array().unwrap().len(), 1, "{}", late.opening);
    assert_eq!(late.opening["stream"]["comment_count"], 1);
    assert_eq!(late.opening["pinned"], json!(null));
    late.leave().await;
    viewer.leave().await;
}
