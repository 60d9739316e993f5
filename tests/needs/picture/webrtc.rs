//! A picture from WHIP to WHEP, and what the room is told of it on the way.

use super::{
    peer::{publish, publish_with, refusal, view, view_with},
    relay::Relay,
};
use crate::{
    need,
    tools::{Scene, until},
};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Aiortc]:
        a_viewer_sees_and_hears_what_a_host_sends,
        the_room_is_told_how_the_picture_is,
        before_the_start_a_picture_is_for_host_and_moderators,
        a_stream_may_start_with_its_picture,
        a_second_source_is_refused_until_it_takes_over,
        a_publisher_who_comes_back_is_seen_by_who_was_there,
        a_publisher_who_closes_the_connection_has_said_goodbye,
        a_viewer_and_a_host_whom_a_nat_gives_other_ports_stay,
        a_session_is_ended_by_its_owner_alone,
        vp8_is_seen_by_webrtc_and_by_nothing_else,
    ]
}

async fn a_viewer_sees_and_hears_what_a_host_sends() {
    let Scene { server, host, .. } = &Scene::live().await;
    let mut source = publish(host, "whip").await;
    assert_eq!(source.header("content-type"), "application/sdp");
    assert!(source.header("location").starts_with("/api/v1/media/"), "{}", source.answered);
    assert!(!source.header("etag").is_empty());
    source.connects().await;
    let mut guest = view(&server.guest()).await;
    let seen = guest.sees(20).await;
    assert_eq!((&seen["width"], &seen["height"]), (&json!(320), &json!(240)));
    guest.hears(440.0).await;
}

async fn the_room_is_told_how_the_picture_is() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let (mut at_host, mut at_bo) = (host.join().await, bo.join().await);
    let source = publish(host, "whip").await;
    for room in [&mut at_host, &mut at_bo] {
        room.expect_where("picture", |frame| frame["state"] == "waiting" || frame["state"] == "live").await;
        let live = room.expect_where("picture", |frame| frame["state"] == "live").await;
        assert_eq!(live["whep"], true, "{live}");
    }
    let is_told = |frame: &Value| frame["publisher"]["video"]["codec"] == "h264";
    let ingest = at_host.expect_where("ingest", is_told).await;
    assert_eq!(ingest["publisher"]["protocol"], "whip", "{ingest}");
    assert_eq!(ingest["publisher"]["video"]["width"], 320, "{ingest}");
    let shown = host.get("").await.ok();
    assert_eq!((&shown["picture"]["state"], &shown["picture"]["width"]), (&json!("live"), &json!(320)));
    assert_eq!(source.leave(host).await, 200);
    for room in [&mut at_host, &mut at_bo] {
        room.expect_where("picture", |frame| frame["state"] == "none").await;
    }
    at_host.expect_where("ingest", |frame| frame["publisher"].is_null()).await;
    assert_eq!(host.get("").await.ok()["picture"]["state"], "none");
    at_bo.is_heard().await;
    assert_eq!(at_bo.told("ingest"), Vec::<Value>::new(), "a viewer is not told who sends");
}

async fn before_the_start_a_picture_is_for_host_and_moderators() {
    let Scene { server, host, bo } = &Scene::scheduled().await;
    let cy = server.register("cyd").await;
    host.put("moderators/cyd", json!({})).await.ok();
    let (mut at_host, mut at_bo) = (host.join().await, bo.join().await);
    let _source = publish(host, "whip").await;
    at_host.expect_where("picture", |frame| frame["state"] == "live").await;
    cy.join().await.expect_where("picture", |frame| frame["state"] == "live").await;
    assert_eq!(host.get("").await.ok()["picture"]["state"], "live");
    assert_eq!(bo.get("").await.ok()["picture"]["state"], "none");
    assert_eq!(bo.get("/streams").await.ok()["items"][0]["picture"]["state"], "none");
    assert_eq!(bo.get("playback").await.ok()["whep"], Value::Null);
    assert_eq!(refusal("view", bo, "whep").await, (409, "no_picture".to_owned()));
    view(&cy).await.sees(5).await;
    at_bo.is_heard().await;
    assert!(at_bo.told("picture").iter().all(|frame| frame["state"] == "none"));
    host.post("start", json!({})).await.ok();
    at_bo.expect_where("picture", |frame| frame["state"] == "live").await;
    view(bo).await.sees(5).await;
}

async fn a_stream_may_start_with_its_picture() {
    let Scene { host, bo, .. } = &Scene::scheduled().await;
    host.patch("ingest", json!({"auto_start": true})).await.ok();
    let mut at_bo = bo.join().await;
    let _source = publish(host, "whip").await;
    let started = at_bo.expect("stream.started").await;
    assert_eq!(started["stream"]["status"], "live");
    at_bo.expect_where("picture", |frame| frame["state"] == "live").await;
}

async fn a_second_source_is_refused_until_it_takes_over() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut first = publish(host, "whip").await;
    let mut viewer = view(bo).await;
    viewer.sees(5).await;
    assert_eq!(refusal("publish", host, "whip").await, (409, "conflict".to_owned()));
    let told = host.get("ingest").await.ok();
    assert_eq!(told["last_refusal"]["code"], "conflict", "{told}");
    let _second = publish(host, "whip?takeover=true").await;
    first.is_closed().await;
    viewer.sees(20).await;
}

async fn a_publisher_who_comes_back_is_seen_by_who_was_there() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut at_bo = bo.join().await;
    let first = publish(host, "whip").await;
    let mut viewer = view(bo).await;
    viewer.sees(5).await;
    first.kill();
    at_bo.expect_where("picture", |frame| frame["state"] == "stalled").await;
    let _second = publish(host, "whip").await;
    viewer.sees(20).await;
    at_bo.expect_where("picture", |frame| frame["state"] == "live").await;
}

/// Whoever closes says so by DTLS, which can come before the DELETE that a page sends beside it.
async fn a_publisher_who_closes_the_connection_has_said_goodbye() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut at_bo = bo.join().await;
    let mut source = publish(host, "whip").await;
    at_bo.expect_where("picture", |frame| frame["state"] == "live").await;
    at_bo.told("picture");
    source.close();
    let after = at_bo.expect_where("picture", |frame| frame["state"] != "live").await;
    assert_eq!(after["state"], "none", "{after}");
}

/// aiortc asks whether it is heard every five seconds, and never again for the address that it writes from to be preferred.
async fn a_viewer_and_a_host_whom_a_nat_gives_other_ports_stay() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let (before_host, before_bo) = (Relay::start().await, Relay::start().await);
    let mut source = publish_with(host, "whip", &["--through", &before_host.port.to_string()]).await;
    before_host.rebind(source.server());
    source.connects().await;
    let mut viewer = view_with(bo, &["--through", &before_bo.port.to_string()]).await;
    before_bo.rebind(viewer.server());
    viewer.sees(20).await;
    before_bo.rebind(viewer.server());
    before_host.rebind(source.server());
    viewer.sees(40).await;
}

async fn a_session_is_ended_by_its_owner_alone() {
    let Scene { server, host, bo } = &Scene::live().await;
    let source = publish(host, "whip").await;
    let mut viewer = view(bo).await;
    viewer.sees(5).await;
    for (peer, stranger) in [(&source, &**bo), (&viewer, &**host), (&viewer, &server.guest())] {
        assert_eq!(peer.leave(stranger).await, 404);
    }
    assert_eq!((viewer.leave(bo).await, viewer.leave(bo).await), (200, 404));
    viewer.is_closed().await;
    assert_eq!((source.leave(host).await, source.leave(host).await), (200, 404));
    until("nobody is there any more", async || server.metric("livehouse_media_peers").await == 0).await;
}

async fn vp8_is_seen_by_webrtc_and_by_nothing_else() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut at_host = host.join().await;
    let _source = publish_with(host, "whip", &["--codec", "VP8"]).await;
    view(bo).await.sees(10).await;
    let has_warning = |frame: &Value| {
        frame["warnings"].as_array().is_some_and(|all| all.contains(&json!("codec_not_recorded")))
    };
    at_host.expect_where("ingest", has_warning).await;
    let playback = bo.get("playback").await.ok();
    assert_eq!((playback["whep"].is_string(), &playback["hls"]), (true, &Value::Null), "{playback}");
}
