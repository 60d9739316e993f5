//! The picture of a host who is banned from the site: refused at each door, ended where it comes in, let in again afterwards.

use super::{
    rtmp::Encoder,
    sdp,
    servers::double::{ALL, hooks, no, on_air, picture_is, refusal_is, yes},
};
use crate::{
    keys::program,
    operator::administrator,
    tools::{Client, Scene, races, until},
};
use serde_json::json;

/// What an encoder is told that is not let in.
const BANNED: &str = "banned from the site";
/// What it is told that was let in.
const SENT_AWAY: &str = "does not take this encoder any more";
/// What it is told that held its connection to no purpose.
const IDLE: &str = "nothing was sent";

async fn ban(root: &Client, name: &str) {
    assert_eq!(root.put(&format!("/admin/bans/{name}"), json!({"reason": "Enough."})).await.status, 204);
}

async fn lift(root: &Client, name: &str) {
    assert_eq!(root.delete(&format!("/admin/bans/{name}")).await.status, 204);
}

/// Where encoders send to a stream by RTMP, and its key.
async fn how(stream: &Client) -> (String, String) {
    let shown = stream.get("ingest").await.ok();
    let text = |name: &str| shown[name].as_str().expect("a text").to_owned();
    (text("rtmp_url"), text("key"))
}

#[tokio::test]
async fn no_picture_of_a_banned_host_is_let_in_by_any_way_until_the_ban_is_lifted() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    let root = administrator(server).await;
    let by_rtmp = host.go_live("by RTMP").await;
    let mut by_hook = Vec::new();
    for kind in ALL {
        by_hook.push((kind, on_air(host, kind).await));
    }
    let by_whip = host.go_live("by WHIP").await;
    let (url, rtmp_key) = how(&by_rtmp).await;
    let (_, whip_key) = how(&by_whip).await;
    let account_key = host.get("/users/me/ingest").await.ok()["key"].as_str().expect("a key").to_owned();
    let [of_stream, of_account] = [&whip_key, &account_key].map(|key| by_whip.with_token(key));
    let of_program = program(host, &["ingest"]).await.at(&by_whip.stream);
    ban(&root, "ana").await;
    for who in [&of_stream, &of_account, &of_program] {
        for path in ["/whip", "whip"] {
            let refused = sdp::publish(who, path).await.refused(403, "banned");
            assert!(refused["detail"].as_str().is_some_and(|text| text.contains("Enough.")), "{refused}");
        }
    }
    sdp::publish(&by_whip, "whip").await.refused(403, "banned");
    let told = Encoder::connect(&url).await.publish(&rtmp_key).await.until_the_end().await;
    assert!(told.contains(BANNED), "{told}");
    for (kind, (stream, publisher)) in &by_hook {
        no(*kind, publisher.publish(server).await);
        let told = refusal_is(&root.at(&stream.stream), "banned").await;
        assert!(told.contains(BANNED), "{told}");
    }
    lift(&root, "ana").await;
    sdp::session(&sdp::publish(&by_whip, "whip").await);
    let _encoder = Encoder::connect(&url).await.goes_on_air(&rtmp_key).await;
    for (kind, (_, publisher)) in &by_hook {
        yes(*kind, publisher.publish(server).await);
    }
}

/// Twice: by an administrator at one node, and by the command, of which a server finds out by looking.
#[tokio::test]
async fn a_picture_that_comes_in_ends_with_the_ban_and_can_begin_again() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    for is_by_command in [false, true] {
        let (whip, rtmp) = (host.go_live("by WHIP").await, host.go_live("by RTMP").await);
        let (url, key) = how(&rtmp).await;
        sdp::session(&sdp::publish(&whip, "whip").await);
        let encoder = Encoder::connect(&url).await.goes_on_air(&key).await;
        picture_is(&bo.at(&whip.stream), "waiting").await;
        if is_by_command {
            server.operate("admin ban ana");
        } else {
            ban(&root, "ana").await;
        }
        let told = encoder.until_the_end().await;
        assert!(told.contains(SENT_AWAY), "{told}");
        for stream in [&whip, &rtmp] {
            picture_is(&bo.at(&stream.stream), "none").await;
        }
        lift(&root, "ana").await;
        until("it can begin again", async || sdp::publish(&whip, "whip").await.status == 201).await;
        let again = host.go_live("again by RTMP").await;
        let (url, key) = how(&again).await;
        drop(Encoder::connect(&url).await.goes_on_air(&key).await);
    }
}

#[tokio::test]
async fn who_is_let_in_while_the_host_is_banned_does_not_stay() {
    let Scene { server, host, .. } = &Scene::live().await;
    let root = administrator(server).await;
    for round in 0..races() {
        let stream = host.go_live("another").await;
        let (url, key) = how(&stream).await;
        let encoder = Encoder::connect(&url).await;
        let (encoder, ()) = tokio::join!(encoder.publish(&key), ban(&root, "ana"));
        let told = encoder.until_the_end().await;
        assert!(!told.contains(IDLE), "round {round}: {told}");
        lift(&root, "ana").await;
    }
}

/// Somebody else's picture goes on, and that of a host whom nothing is taken from.
#[tokio::test]
async fn a_ban_ends_no_picture_but_its_own() {
    let Scene { server, host, bo } = &Scene::live().await;
    let root = administrator(server).await;
    let bobs = bo.go_live("bob's").await;
    let session = sdp::session(&sdp::publish(host, "whip").await);
    let bobs_session = sdp::session(&sdp::publish(&bobs, "whip").await);
    ban(&root, "bob").await;
    picture_is(&root.at(&bobs.stream), "none").await;
    bo.delete(&bobs_session).await.refused(404, "not_found");
    assert_eq!(host.delete(&session).await.status, 200, "it is still there");
}
