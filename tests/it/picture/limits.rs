//! How many send and see pictures at once, and how often an address may offer: the last that is let in, one more, and the
//! next once a place is free.

use super::sdp::{publish, session, view};
use crate::tools::Scene;
use livehouse::config::{Cap, Limits};
use serde_json::json;

async fn live_with(set: impl FnOnce(&mut Limits)) -> Scene {
    Scene::live_with(|config| {
        config.on_one_node().limits.media_offers_per_ip = Cap::LIFTED;
        set(&mut config.limits);
    })
    .await
}

#[tokio::test]
async fn publishers() {
    let scene = live_with(|limits| limits.publishers = Cap::new(2)).await;
    let mut hosts = Vec::new();
    for name in ["one", "two", "three"] {
        let host = scene.server.register(name).await;
        let stream = host.post("/streams", json!({"title": name})).await.ok();
        hosts.push((host, format!("/streams/{}/whip", stream["id"].as_str().unwrap())));
    }
    let first = session(&publish(&hosts[0].0, &hosts[0].1).await);
    session(&publish(&hosts[1].0, &hosts[1].1).await);
    let (host, path) = &hosts[2];
    publish(host, path).await.refused(503, "overloaded");
    assert_eq!(hosts[0].0.delete(&first).await.status, 200);
    session(&publish(host, path).await);
    assert_eq!(scene.server.metric("livehouse_limit_hits_total{limit=\"PUBLISHERS\"}").await, 1);
}

#[tokio::test]
async fn viewers_of_the_house() {
    let scene = live_with(|limits| limits.media_viewers = Cap::new(2)).await;
    fills(&scene, 2, (503, "overloaded"), "MEDIA_VIEWERS").await;
}

#[tokio::test]
async fn viewers_of_one_address() {
    let scene = live_with(|limits| limits.media_viewers_per_ip = Cap::new(3)).await;
    fills(&scene, 3, (429, "rate_limited"), "MEDIA_VIEWERS_PER_IP").await;
}

/// So many are let in, one more is not, and is once one is gone.
async fn fills(scene: &Scene, count: usize, refused: (u16, &str), limit: &str) {
    let guest = &scene.server.guest();
    session(&publish(&scene.host, "whip").await);
    let mut seen = Vec::new();
    for _ in 0..count {
        seen.push(session(&view(guest).await));
    }
    view(guest).await.refused(refused.0, refused.1);
    assert_eq!(guest.delete(&seen[0]).await.status, 200);
    session(&view(guest).await);
    assert_eq!(scene.server.metric(&format!("livehouse_limit_hits_total{{limit=\"{limit}\"}}")).await, 1);
}

/// Offers to send and to see count alike, also those that come to nothing.
#[tokio::test]
async fn offers_of_one_address() {
    let scene = live_with(|limits| limits.media_offers_per_ip = Cap::new(3)).await;
    session(&publish(&scene.host, "whip").await);
    publish(&scene.host, "whip").await.refused(409, "conflict");
    session(&view(&scene.bo).await);
    let refused = view(&scene.bo).await;
    assert!(!refused.header("retry-after").is_empty());
    refused.refused(429, "rate_limited");
    publish(&scene.host, "whip").await.refused(429, "rate_limited");
    assert_eq!(scene.server.metric("livehouse_limit_hits_total{limit=\"MEDIA_OFFERS_PER_IP\"}").await, 2);
}
