//! What others are told that embed a page.

use super::{BASE, public};
use crate::tools::{Answer, Client, Scene, Setup};
use serde_json::{Value, json};

/// What there is to embed of an address.
async fn asked(client: &Client, address: &str, rest: &str) -> Answer {
    let address: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
    client.get(&format!("//oembed?url={address}{rest}")).await
}

#[tokio::test]
async fn a_room_and_a_channel_have_a_card() {
    let Scene { server, host, .. } = &Scene::live_with(public).await;
    let guest = server.guest();
    for page in [format!("{BASE}/s/{}", host.stream), format!("{BASE}/@ana"), format!("{BASE}/@ana/?a=b#c")] {
        let card = asked(&guest, &page, "&format=json&maxwidth=400").await.ok();
        let expected = json!({
            "version": "1.0", "type": "link", "title": "one", "author_name": "ana", "author_url": format!("{BASE}/@ana"),
            "provider_name": "Livehouse", "provider_url": format!("{BASE}/"), "cache_age": 300,
            "thumbnail_url": format!("{BASE}/card.png"), "thumbnail_width": 1200, "thumbnail_height": 630,
        });
        assert_eq!(card, expected, "{page}");
    }
    host.post("end", json!({})).await.ok();
    let card = asked(&guest, &format!("{BASE}/@ana"), "").await.ok();
    assert_eq!((&card["type"], &card["title"]), (&json!("link"), &json!("ana")));
}

#[tokio::test]
async fn where_others_may_frame_it_a_stream_is_a_frame_that_fits() {
    let allowed = |setup: &mut Setup| {
        public(setup);
        setup.embed_origins = "https://friend.example".parse().expect("an origin");
    };
    let Scene { server, host, .. } = &Scene::live_with(allowed).await;
    host.patch("", json!({"title": "\"><script>alert(1)</script>"})).await.ok();
    let room = format!("{BASE}/s/{}", host.stream);
    for (rest, width, height) in [
        ("", 960, 540),
        ("&maxwidth=400", 400, 225),
        ("&maxheight=90&maxwidth=9999", 160, 90),
        ("&maxheight=1", 1, 1),
    ] {
        let card = asked(&server.guest(), &room, rest).await.ok();
        assert_eq!(
            (&card["type"], &card["width"], &card["height"]),
            (&json!("video"), &json!(width), &json!(height))
        );
        let html = card["html"].as_str().expect("markup");
        let start = format!(
            "<iframe src=\"{BASE}/embed/{}\" width=\"{width}\" height=\"{height}\" title=\"&quot;&gt;&lt;",
            host.stream
        );
        assert!(html.starts_with(&start) && !html.contains("<script"), "{html}");
    }
    for field in ["maxwidth", "maxheight"] {
        let problem =
            asked(&server.guest(), &room, &format!("&{field}=0")).await.refused(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    host.post("end", json!({})).await.ok();
    assert_eq!(
        asked(&server.guest(), &format!("{BASE}/@ana"), "").await.ok()["type"],
        "link",
        "a profile is no frame"
    );
}

#[tokio::test]
async fn what_is_no_page_of_this_site_or_not_for_everybody_is_not_found() {
    let Scene { server, host, .. } = &Scene::live_with(public).await;
    let guest = server.guest();
    let room = format!("{BASE}/s/{}", host.stream);
    let absent = asked(&guest, &format!("{BASE}/s/01890000-0000-7000-8000-000000000000"), "")
        .await
        .refused(404, "not_found");
    for other in
        [format!("https://evil.example/s/{}", host.stream), format!("{BASE}/"), format!("{BASE}/@nobody")]
    {
        asked(&guest, &other, "").await.refused(404, "not_found");
    }
    host.patch("", json!({"visibility": "unlisted"})).await.ok();
    asked(&guest, &room, "").await.ok();
    host.patch("", json!({"visibility": "private"})).await.ok();
    for who in [&guest, &**host] {
        assert_eq!(asked(who, &room, "").await.refused(404, "not_found"), absent, "as what is not there");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_says_which_member() {
    let Scene { server, .. } = &Scene::live_with(public).await;
    let guest = server.guest();
    for (query, field) in [("", "url"), ("?url=room", "url"), ("?url=http://a/&format=xml", "format")] {
        let problem = guest.get(&format!("//oembed{query}")).await.refused(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], field, "{query}");
        assert_eq!(problem.get("code"), Some(&Value::from("invalid_field")));
    }
    assert_eq!(guest.post("//oembed", json!({})).await.status, 405);
}
