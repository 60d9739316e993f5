//! Offers that are refused before anybody looks at a picture: credentials, type, size, and what is no SDP.

use crate::tools::{Answer, Client, Scene};
use reqwest::Method;
use serde_json::json;

/// Sends an offer.
async fn offer(client: &Client, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
    client.send(client.request(Method::POST, path).header("content-type", kind).body(body)).await
}

#[tokio::test]
async fn nobody_sends_without_the_right_to() {
    let Scene { server, host, bo } = &Scene::live().await;
    for path in ["/whip", "whip"] {
        offer(&server.guest(), path, "application/sdp", "x").await.refused(401, "unauthenticated");
        let wrong = server.guest().with_token("a.b.c");
        offer(&wrong, path, "application/sdp", "x").await.refused(401, "unauthenticated");
    }
    offer(host, "/whip", "application/sdp", "x").await.refused(401, "unauthenticated");
    offer(bo, "whip", "application/sdp", "x").await.refused(403, "forbidden");
    host.patch("", json!({"visibility": "private"})).await.ok();
    offer(bo, "whip", "application/sdp", "x").await.refused(404, "not_found");
    offer(bo, "whep", "application/sdp", "x").await.refused(404, "not_found");
    offer(&server.guest(), "whep", "application/sdp", "x").await.refused(404, "not_found");
    let nowhere = host.at("01890000-0000-7000-8000-000000000000");
    for path in ["whip", "whep"] {
        offer(&nowhere, path, "application/sdp", "x").await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn an_offer_is_an_sdp_of_a_bounded_size() {
    let Scene { host, .. } = &Scene::live().await;
    for path in ["whip", "whep"] {
        for kind in ["application/json", "text/plain", "application/sdpx"] {
            let refused = offer(host, path, kind, "v=0").await;
            assert_eq!(refused.header("accept-post"), "application/sdp", "{path}");
            refused.refused(415, "unsupported_media_type");
        }
        let long = "x".repeat(65_537);
        offer(host, path, "application/sdp", long).await.refused(413, "payload_too_large");
        for bad in [&b""[..], b"x", b"v=0", b"\xff\xfe", b"v=0\r\nm=video 9 RTP/AVP 96\r\n", &[b'a'; 65_536]]
        {
            let problem = offer(host, path, "Application/SDP; charset=utf-8", bad.to_vec()).await;
            let problem = problem.refused(422, "invalid_field");
            assert_eq!(problem["errors"][0]["field"], "sdp", "{path} {bad:?}: {problem}");
        }
    }
}

#[tokio::test]
async fn what_no_such_session_is_ends_as_what_is_not_there() {
    let Scene { server, host, .. } = &Scene::live().await;
    for who in [&server.guest(), &**host] {
        who.delete("/media/0123456789abcdef0123456789abcdef").await.refused(404, "not_found");
        let patch = who.patch("/media/0123456789abcdef0123456789abcdef", json!({})).await;
        assert_eq!(patch.header("allow"), "DELETE, OPTIONS");
        patch.refused(405, "method_not_allowed");
    }
    let options = server.guest().request(Method::OPTIONS, "/media/0123456789abcdef0123456789abcdef");
    assert_eq!(server.guest().send(options).await.status, 204);
}
