//! Encoders by RTMP that send no picture: who is let in, who is sent away, and that this is an end.

use super::{rtmp::Encoder, sdp};
use crate::tools::{Answer, Client, Scene, on_one_node, until};
use livehouse::config::Cap;
use reqwest::Method;
use serde_json::json;

/// What an encoder is told that the stream does not take any more.
const SENT_AWAY: &str = "does not take this encoder any more";
/// What it is told that held its connection to no purpose.
const IDLE: &str = "nothing was sent";

async fn how(stream: &Client) -> (String, String) {
    let shown = stream.get("ingest").await.ok();
    let text = |name: &str| shown[name].as_str().expect("a text").to_owned();
    (text("rtmp_url"), text("key"))
}

async fn on_air(stream: &Client) -> Encoder {
    let (url, key) = how(stream).await;
    Encoder::connect(&url).await.goes_on_air(&key).await
}

/// The acts that end what an encoder may.
const ENDS: [(Method, &str); 4] = [
    (Method::DELETE, "ingest/publisher"),
    (Method::POST, "ingest/rotate"),
    (Method::POST, "end"),
    (Method::DELETE, ""),
];

async fn act(stream: &Client, (method, path): &(Method, &str)) -> Answer {
    stream.send(stream.request(method.clone(), path).json(&json!({}))).await
}

/// Its connection would count nowhere, and whoever has a key could open as many as it likes.
#[tokio::test]
async fn who_is_sent_away_is_disconnected_though_it_sends_nothing() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    for end in ENDS {
        let stream = host.go_live("another").await;
        let encoder = on_air(&stream).await;
        let done = act(&stream, &end).await;
        assert!(done.status < 300, "{end:?}: {done:?}");
        let told = encoder.until_the_end().await;
        assert!(told.contains(SENT_AWAY), "{end:?}: {told}");
    }
    until("no connection is left", async || server.metric("livehouse_rtmp_connections").await == 0).await;
}

#[tokio::test]
async fn who_is_let_in_while_its_right_ends_does_not_stay() {
    let Scene { host, .. } = &Scene::live_with(on_one_node).await;
    for end in ENDS.iter().skip(1).cycle().take(30) {
        let stream = host.go_live("another").await;
        let (url, key) = how(&stream).await;
        let encoder = Encoder::connect(&url).await;
        let (encoder, done) = tokio::join!(encoder.publish(&key), act(&stream, end));
        let told = encoder.until_the_end().await;
        assert!(done.status < 300 && !told.contains(IDLE), "{end:?}: {done:?}, {told}");
    }
}

/// They are refused, and for a moment they are known all the same.
#[tokio::test]
async fn a_new_key_ends_who_came_by_the_old_one_though_its_host_offers_to_send_meanwhile() {
    let Scene { host, .. } = &Scene::live_with(|setup| {
        setup.on_one_node().limits.media_offers_per_ip = Cap::LIFTED;
    })
    .await;
    for _ in 0..3 {
        let stream = host.go_live("another").await;
        let offers = async || loop {
            sdp::publish(&stream, "whip").await;
        };
        let encoder = on_air(&stream).await;
        let ended = async {
            stream.post("ingest/rotate", json!({})).await.ok();
            encoder.until_the_end().await
        };
        let told = tokio::select! {
            told = ended => told,
            () = offers() => unreachable!("it never ends"),
            () = offers() => unreachable!("it never ends"),
        };
        assert!(told.contains(SENT_AWAY), "{told}");
    }
}

#[tokio::test]
async fn a_new_key_leaves_who_sends_by_a_login() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    let session = sdp::session(&sdp::publish(host, "whip").await);
    host.post("ingest/rotate", json!({})).await.ok();
    let (_, key) = how(host).await;
    let by_key = server.guest().with_token(&key);
    sdp::publish(&by_key, "/whip").await.refused(409, "conflict");
    assert_eq!(host.delete(&session).await.status, 200, "it is still there");
}

/// By whichever protocol: one counter, one code.
#[tokio::test]
async fn one_publisher_too_many_by_rtmp_is_refused_as_by_whip() {
    let Scene { server, host, .. } =
        &Scene::live_with(|setup| setup.on_one_node().limits.publishers = Cap::new(1)).await;
    let _first = on_air(host).await;
    let hits = async || server.metric("livehouse_limit_hits_total{limit=\"PUBLISHERS\"}").await;
    let by_rtmp = host.go_live("by RTMP").await;
    let (url, key) = how(&by_rtmp).await;
    let told = Encoder::connect(&url).await.publish(&key).await.until_the_end().await;
    assert!(told.contains("PUBLISHERS"), "{told}");
    assert_eq!(hits().await, 1);
    let by_whip = host.go_live("by WHIP").await;
    sdp::publish(&by_whip, "whip").await.refused(503, "overloaded");
    assert_eq!(hits().await, 2);
    for stream in [by_rtmp, by_whip] {
        until("the host is told", async || {
            stream.get("ingest").await.ok()["last_refusal"]["code"] == "overloaded"
        })
        .await;
    }
}
