//! The picture before the start: whoever is host, moderator or admin knows of it, as soon and as long as they are.

use super::peer::{Peer, publish};
use crate::{
    need,
    tools::{Scene, User, Viewer},
};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Aiortc]:
        a_role_brings_the_preview_and_takes_it_away,
        who_comes_in_is_told_once_and_as_elsewhere,
        a_list_shows_a_preview_to_whom_its_stream_does,
        a_stream_that_ends_before_it_began_takes_its_preview_along,
    ]
}

/// Waits until the host has been told of the picture: it is known from then on.
async fn previewed(scene: &Scene) -> Peer {
    let mut at_host = scene.host.join().await;
    let source = publish(&scene.host, "whip").await;
    at_host.expect_where("picture", is("live")).await;
    source
}

fn is(state: &str) -> impl Fn(&Value) -> bool {
    move |frame| frame["state"] == state
}

async fn a_role_brings_the_preview_and_takes_it_away() {
    let scene = Scene::scheduled().await;
    let _source = previewed(&scene).await;
    let Scene { host, bo, .. } = &scene;
    let mut at_bo = bo.join().await;
    at_bo.expect_where("picture", is("none")).await;
    host.put("moderators/bob", json!({})).await.ok();
    at_bo.expect_where("picture", is("live")).await;
    assert_eq!(host.delete("moderators/bob").await.status, 204);
    at_bo.expect_where("picture", is("none")).await;
    let auth = |user: &User| json!({"op": "auth", "token": user.token});
    at_bo.ask(auth(host)).await;
    at_bo.expect_where("picture", is("live")).await;
    at_bo.ask(auth(bo)).await;
    at_bo.expect_where("picture", is("none")).await;
    assert_eq!(at_bo.told("picture"), Vec::<Value>::new());
}

/// What is said of the picture to somebody who comes in, besides the opening.
async fn pictures(viewer: &mut Viewer) -> Vec<Value> {
    viewer.expect("pulse").await;
    viewer.is_heard().await;
    viewer.told("picture").iter().map(|frame| frame["state"].clone()).collect()
}

async fn who_comes_in_is_told_once_and_as_elsewhere() {
    let scene = Scene::scheduled().await;
    let _source = previewed(&scene).await;
    let Scene { server, host, bo } = &scene;
    let cy = server.register("cyd").await;
    host.put("moderators/cyd", json!({})).await.ok();
    for (who, state) in [(host, "live"), (&cy, "live"), (bo, "none")] {
        let mut viewer = who.join().await;
        assert_eq!(viewer.opening["stream"]["picture"], who.get("").await.ok()["picture"]);
        assert_eq!(viewer.opening["stream"]["picture"]["state"], state);
        assert_eq!(pictures(&mut viewer).await, [state]);
        let mut viewer = who.join_with("?since=0").await;
        assert_eq!(viewer.opening["type"], "resumed");
        assert_eq!(pictures(&mut viewer).await, [state]);
    }
}

async fn a_list_shows_a_preview_to_whom_its_stream_does() {
    let scene = Scene::scheduled().await;
    let _source = previewed(&scene).await;
    let Scene { server, host, bo } = &scene;
    let (cy, dee) = (server.register("cyd").await, server.register("dee").await);
    host.put("moderators/cyd", json!({})).await.ok();
    server.operate("admin promote dee");
    for (who, state) in [(host, "live"), (&cy, "live"), (&dee, "live"), (bo, "none")] {
        let stream = who.get(&format!("/streams/{}", host.stream)).await.ok()["picture"].clone();
        assert_eq!(stream["state"], state);
        for list in ["/streams", "/streams?status=scheduled", "/streams?sort=viewers"] {
            assert_eq!(who.get(list).await.ok()["items"][0]["picture"], stream, "{list}");
        }
    }
    let listed = server.guest().get("/streams").await.ok();
    assert_eq!(listed["items"][0]["picture"]["state"], "none");
}

async fn a_stream_that_ends_before_it_began_takes_its_preview_along() {
    let scene = Scene::scheduled().await;
    let _source = previewed(&scene).await;
    let mut at_host = scene.host.join().await;
    at_host.expect_where("picture", is("live")).await;
    scene.host.post("end", json!({})).await.ok();
    at_host.expect_where("picture", is("none")).await;
}
