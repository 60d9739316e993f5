//! Who may show what in a frame: a stream in one by whom the operator names, all else by nobody, on every route.

use crate::tools::{Scene, Setup, viewer};
use reqwest::Method;
use serde_json::json;

const ROUTES: &str = include_str!("../../../src/http/routes.rs");
const PAGES: [&str; 21] = [
    "/",
    "/s/ID",
    "/s/ID/",
    "/s/ID/studio",
    "/@ana",
    "/@ana/",
    "/u/ana",
    "/account",
    "/docs",
    "/docs/book",
    "/docs/tutorial",
    "/pop/ID",
    "/overlay/ID",
    "/overlay/ID?danmaku=1",
    "/embed",
    "/embed/ID/more",
    "/nothing",
    "/card.png",
    "/favicon.ico",
    "/manifest.webmanifest",
    "/assets/x/embed.html",
];

/// Every address there is but that of the frame.
fn addresses(id: &str) -> Vec<String> {
    let paths = ROUTES.split("web::resource(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let of_api = paths.map(|path| {
        let root = ["/health", "/metrics", "/oembed", "/feed", "/@", "/robots", "/sitemap", "/."];
        let base = if root.iter().any(|root| path.starts_with(root)) { "" } else { "/api/v1" };
        format!("{base}{}", path.replace("{id}", id).replace("{username}", "ana"))
    });
    let found: Vec<String> = PAGES.iter().map(|page| page.replace("ID", id)).chain(of_api).collect();
    assert!(found.len() > 70, "{found:?}");
    found
}

fn allowing(origins: &'static str) -> impl FnOnce(&mut Setup) {
    move |setup| setup.embed_origins = origins.parse().expect("origins")
}

fn framed_by(policy: &str) -> &str {
    let rest = policy.split_once("frame-ancestors ").expect("a directive").1;
    rest.split_once(';').expect("more behind it").0
}

#[tokio::test]
async fn everybody_may_frame_a_stream_and_nobody_anything_else() {
    let Scene { server, host, .. } = &Scene::live_with(allowing("*")).await;
    let guest = server.guest();
    let usual = guest.get("//").await.header("content-security-policy").to_owned();
    assert_eq!(framed_by(&usual), "'none'");
    for address in addresses(&host.stream) {
        for method in [Method::GET, Method::POST, Method::HEAD] {
            let answer = guest.send(guest.request(method, &format!("/{address}"))).await;
            assert_eq!(answer.header("content-security-policy"), usual, "{}: {}", answer.what, answer.status);
            for name in ["access-control-allow-origin", "access-control-allow-credentials"] {
                assert_eq!(answer.header(name), "", "{}", answer.what);
            }
        }
    }
    let absent = "01890000-0000-7000-8000-000000000000";
    for id in [host.stream.as_str(), absent, "nonsense"] {
        let frame = guest.get(&format!("//embed/{id}")).await;
        assert_eq!(frame.status, 200, "{id}");
        let policy = frame.header("content-security-policy");
        assert_eq!(policy, usual.replace("frame-ancestors 'none'", "frame-ancestors *"), "{id}");
    }
    let mut request = guest.upgrade("");
    request.headers_mut().insert("origin", "https://friend.example".parse().expect("a header"));
    assert_eq!(viewer::refusal(request).await, 403, "it opens no sockets to other sites");
}

#[tokio::test]
async fn a_stream_is_framed_by_those_who_are_listed_and_where_nobody_is_by_nobody() {
    for (origins, sources) in
        [("", "'none'"), ("https://a.example, http://b.example:81", "https://a.example http://b.example:81")]
    {
        let Scene { server, host, .. } = &Scene::live_with(allowing(origins)).await;
        let frame = server.guest().get(&format!("//embed/{}", host.stream)).await;
        assert_eq!(framed_by(frame.header("content-security-policy")), sources);
    }
}

#[tokio::test]
async fn a_frame_reaches_the_picture_of_its_stream_and_a_private_one_is_as_none() {
    let Scene { server, host, .. } = &Scene::live_with(allowing("*")).await;
    let frame = async || server.guest().get(&format!("//embed/{}", host.stream)).await;
    let before = frame().await;
    host.patch("", json!({"playback_url": "https://cdn.example/live.m3u8"})).await.ok();
    let with_picture = frame().await;
    let policy = with_picture.header("content-security-policy");
    assert!(
        policy.contains("connect-src 'self' https://cdn.example;") && framed_by(policy) == "*",
        "{policy}"
    );
    assert_ne!(
        with_picture.header("etag"),
        before.header("etag"),
        "a browser must not keep the policy of before"
    );
    host.patch("", json!({"visibility": "private"})).await.ok();
    let hidden = frame().await;
    assert_eq!(
        (hidden.header("content-security-policy"), &hidden.text),
        (before.header("content-security-policy"), &before.text)
    );
}
