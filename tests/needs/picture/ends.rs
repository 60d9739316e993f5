//! The ends of a picture: with its stream, its key, the right to see it, the room and the login.

use super::peer::{Peer, publish, view};
use crate::{
    need,
    tools::{Client, Scene, User, until},
};
use libtest_mimic::Trial;
use serde_json::json;
use std::time::Duration;

pub fn tests() -> Vec<Trial> {
    need::tests![[Aiortc]:
        the_end_of_a_stream_is_the_end_of_its_picture,
        a_deleted_stream_takes_its_picture_along,
        another_key_sends_away_who_came_by_the_one_before,
        a_source_that_is_sent_away_may_come_again,
        who_is_no_member_any_more_sees_nothing_more,
        who_is_no_admin_any_more_sees_nothing_more,
        a_stream_that_turns_private_is_seen_by_nobody_else,
        a_login_takes_what_it_sends_and_what_it_alone_may_see,
        a_disabled_host_sends_nothing_more,
        who_leaves_the_room_leaves_its_picture,
        a_server_that_stops_ends_what_is_seen,
    ]
}

/// A stream on air with a source and a viewer, who see each other.
async fn seen(scene: &Scene) -> (Peer, Peer) {
    let source = publish(&scene.host, "whip").await;
    let mut viewer = view(&scene.bo).await;
    viewer.sees(5).await;
    (source, viewer)
}

/// The playlist, as whoever has the address may fetch it.
async fn playlist(client: &Client) -> String {
    let mut url = String::new();
    until("there is HLS", async || {
        let playback = client.get("playback").await.ok();
        url = playback["hls"].as_str().unwrap_or("").to_owned();
        !url.is_empty()
    })
    .await;
    url.split_once("/api/v1").expect("an address of here").1.to_owned()
}

async fn the_end_of_a_stream_is_the_end_of_its_picture() {
    let scene = Scene::live().await;
    let (mut source, mut viewer) = seen(&scene).await;
    let playlist = playlist(&scene.bo).await;
    scene.server.guest().get(&playlist).await.ok();
    scene.host.post("end", json!({})).await.ok();
    scene.server.guest().get(&playlist).await.refused(404, "not_found");
    source.is_closed().await;
    viewer.is_closed().await;
    assert_eq!(scene.host.get("").await.ok()["picture"]["state"], "none");
}

async fn a_deleted_stream_takes_its_picture_along() {
    let scene = Scene::live().await;
    let (mut source, mut viewer) = seen(&scene).await;
    scene.host.delete("").await;
    source.is_closed().await;
    viewer.is_closed().await;
}

async fn another_key_sends_away_who_came_by_the_one_before() {
    let Scene { server, host, bo } = &Scene::live().await;
    for (document, rotate) in [("ingest", "ingest/rotate"), ("/users/me/ingest", "/users/me/ingest/rotate")] {
        let key = host.get(document).await.ok()["key"].as_str().unwrap().to_owned();
        let encoder = server.guest().with_token(&key);
        let mut source = publish(&encoder, "/whip").await;
        view(bo).await.sees(5).await;
        host.post(rotate, json!({})).await.ok();
        source.is_closed().await;
    }
    let mut at_host = publish(host, "whip").await;
    at_host.connects().await;
    host.post("ingest/rotate", json!({})).await.ok();
    view(bo).await.sees(20).await;
}

async fn a_source_that_is_sent_away_may_come_again() {
    let scene = Scene::live().await;
    let (mut source, mut viewer) = seen(&scene).await;
    assert_eq!(scene.host.delete("ingest/publisher").await.status, 204);
    source.is_closed().await;
    let _again = publish(&scene.host, "whip").await;
    viewer.sees(10).await;
    assert_eq!(scene.host.delete("ingest/publisher").await.status, 204);
    assert_eq!(scene.host.delete("ingest/publisher").await.status, 204);
}

async fn private() -> Scene {
    let scene = Scene::live().await;
    scene.host.put("members/bob", json!({})).await.ok();
    scene.host.patch("", json!({"visibility": "private"})).await.ok();
    scene
}

async fn who_is_no_member_any_more_sees_nothing_more() {
    let scene = private().await;
    let (_source, mut viewer) = seen(&scene).await;
    let (of_bo, of_host) = (playlist(&scene.bo).await, playlist(&scene.host).await);
    let guest = scene.server.guest();
    assert_ne!(of_bo, of_host);
    let served = guest.get(&of_bo).await;
    assert_eq!(served.header("cache-control"), "private, no-store");
    served.ok();
    guest.get(&of_host).await.ok();
    guest
        .get(&of_bo.replace(&scene.host.stream, "01890000-0000-7000-8000-000000000000"))
        .await
        .refused(404, "not_found");
    scene.host.delete("members/bob").await;
    guest.get(&of_bo).await.refused(404, "not_found");
    viewer.is_closed().await;
    guest.get(&of_host).await.ok();
}

async fn who_is_no_admin_any_more_sees_nothing_more() {
    let scene = Scene::live().await;
    scene.host.patch("", json!({"visibility": "private"})).await.ok();
    scene.server.promote(&scene.bo);
    let (_source, mut viewer) = seen(&scene).await;
    let of_bo = playlist(&scene.bo).await;
    scene.server.operate("admin demote bob");
    viewer.is_closed().await;
    scene.server.guest().get(&of_bo).await.refused(404, "not_found");
}

async fn a_stream_that_turns_private_is_seen_by_nobody_else() {
    let scene = Scene::live().await;
    let (_source, mut viewer) = seen(&scene).await;
    let guest = scene.server.guest();
    let mut at_guest = view(&guest).await;
    let mut at_host = view(&scene.host).await;
    let open = playlist(&guest).await;
    assert!(open.contains("/hls/open/"), "{open}");
    guest.get(&open).await.ok();
    scene.host.patch("", json!({"visibility": "private"})).await.ok();
    guest.get(&open).await.refused(404, "not_found");
    viewer.is_closed().await;
    at_guest.is_closed().await;
    at_host.sees(20).await;
}

async fn a_login_takes_what_it_sends_and_what_it_alone_may_see() {
    let scene = private().await;
    let again: User = scene.host.log_in_again().await;
    let (mut source, mut viewer) = seen(&scene).await;
    let playlist = playlist(&scene.bo).await;
    assert_eq!(scene.bo.delete("/sessions/current").await.status, 204);
    scene.server.guest().get(&playlist).await.refused(404, "not_found");
    viewer.is_closed().await;
    let mut other = view(&again.at(&scene.host.stream)).await;
    other.sees(5).await;
    assert_eq!(scene.host.delete("/sessions/current").await.status, 204);
    source.is_closed().await;
    let _source = publish(&again.at(&scene.host.stream), "whip").await;
    other.sees(10).await;
}

async fn a_disabled_host_sends_nothing_more() {
    let scene = Scene::live().await;
    let key = scene.host.get("ingest").await.ok()["key"].as_str().unwrap().to_owned();
    let encoder = scene.server.guest().with_token(&key);
    let mut source = publish(&encoder, "/whip").await;
    let mut viewer = view(&scene.bo).await;
    viewer.sees(5).await;
    scene.server.operate("admin disable ana");
    source.is_closed().await;
    assert_eq!(super::peer::refusal("publish", &encoder, "/whip").await.0, 401);
}

async fn who_leaves_the_room_leaves_its_picture() {
    let hurry = |config: &mut crate::tools::Setup| config.picture_alone_max = Duration::from_secs(3);
    let Scene { host, bo, .. } = &Scene::live_with(hurry).await;
    let _source = publish(host, "whip").await;
    let (at_bo, _at_host) = (bo.join().await, host.join().await);
    let (mut one, mut other) = (view(bo).await, view(host).await);
    one.sees(80).await;
    at_bo.leave().await;
    one.is_closed().await;
    other.sees(20).await;
}

async fn a_server_that_stops_ends_what_is_seen() {
    let scene = Scene::live().await;
    let (mut source, mut viewer) = seen(&scene).await;
    scene.server.begin_to_stop();
    source.is_closed().await;
    viewer.is_closed().await;
}
