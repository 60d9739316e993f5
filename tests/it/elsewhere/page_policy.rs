//! What the page of a room may fetch: the picture of its stream from elsewhere, of that stream alone, and only where everybody
//! may know of it.

use crate::tools::{Scene, User};
use serde_json::{Value, json};

const POLICY: &str = "content-security-policy";

#[tokio::test]
async fn the_page_of_a_room_may_fetch_its_own_picture_and_no_others() {
    let Scene { server, host, .. } = &Scene::live().await;
    let usual = server.guest().get("//").await.header(POLICY).to_owned();
    assert_eq!(policy(host, "").await, usual, "no picture from elsewhere");

    let url = "https://cdn.example:8443/a/live.m3u8?key=secret";
    host.patch("", json!({ "playback_url": url })).await.ok();
    let own = policy(host, "").await;
    assert_eq!(own.replace(" https://cdn.example:8443", ""), usual);
    assert!(own.contains("connect-src 'self' https://cdn.example:8443;"), "{own}");
    assert_eq!(policy(host, "/studio").await, usual);
    let other = host.create_stream("another").await.stream;
    assert_eq!(server.guest().get(&format!("//s/{other}")).await.header(POLICY), usual);
    for nobodys in ["//s/none", "//s/01890000-0000-7000-8000-000000000000", "//"] {
        assert_eq!(server.guest().get(nobodys).await.header(POLICY), usual, "{nobodys}");
    }

    host.patch("", json!({ "visibility": "private" })).await.ok();
    assert_eq!(policy(host, "").await, usual, "who asks for a page says not yet who they are");
    host.patch("", json!({ "visibility": "unlisted", "playback_url": Value::Null })).await.ok();
    assert_eq!(policy(host, "").await, usual);
}

/// That of the room's page, as anybody gets it.
async fn policy(host: &User, rest: &str) -> String {
    let page = host.guest().get(&format!("//s/{}{rest}", host.stream)).await;
    assert_eq!(page.status, 200);
    page.header(POLICY).to_owned()
}
