//! What is said of a picture where there is none.

use crate::tools::Scene;
use serde_json::{Value, json};

#[tokio::test]
async fn a_stream_without_a_source_has_no_picture_wherever_one_looks() {
    let Scene { server, host, bo } = &Scene::live().await;
    let none = json!({"state": "none", "since": null, "width": null, "height": null});
    assert_eq!(host.get("").await.ok()["picture"], none);
    assert_eq!(bo.get("/streams").await.ok()["items"][0]["picture"], none);
    let playback = server.guest().get("playback").await.ok();
    assert_eq!(
        playback,
        json!({"picture": none, "whep": null, "hls": null, "poster": null, "recording": null, "rewind": null, "ice_servers": []})
    );
    let mut viewer = bo.join().await;
    assert_eq!(viewer.opening["stream"]["picture"], none);
    let frame = viewer.expect("picture").await;
    assert_eq!(
        frame,
        json!({"type": "picture", "state": "none", "since": null, "width": null, "height": null, "whep": false, "hls": false})
    );
    viewer.is_heard().await;
    assert_eq!(viewer.told("ingest"), Vec::<Value>::new());
}

#[tokio::test]
async fn the_picture_comes_after_the_state_of_the_room_and_to_sockets_alone() {
    let Scene { host, bo, .. } = &Scene::live().await;
    bo.comment("one").await;
    let kinds = async |viewer: &mut crate::tools::Viewer| {
        [viewer.next().await, viewer.next().await].map(|frame| frame["type"].clone())
    };
    for query in ["", "?since=0"] {
        let mut viewer = host.join_with(query).await;
        let mut next = kinds(&mut viewer).await;
        next.sort_by_key(Value::to_string);
        assert_eq!(next, [json!("picture"), json!("pulse")], "{query}");
    }
}

#[tokio::test]
async fn a_private_stream_is_none_to_who_may_not_see_it() {
    let Scene { server, host, bo } = &Scene::live().await;
    host.patch("", json!({"visibility": "private"})).await.ok();
    for who in [&server.guest(), &**bo] {
        who.get("playback").await.refused(404, "not_found");
        who.get("hls/open/master.m3u8").await.refused(404, "not_found");
    }
    host.get("playback").await.ok();
}
