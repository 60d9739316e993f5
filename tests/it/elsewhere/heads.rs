//! What the served page of a room says of itself, and to whom nothing.

use super::{document::Head, public};
use crate::tools::{Scene, TestServer, User};
use serde_json::{Value, json};

/// Every way in which a text could become something else.
const HOSTILE: &str =
    r#"</title><script>alert(1)</script>"'><img src=x onerror=alert(1)><!-- & &quot; \u003c"#;

#[tokio::test]
async fn the_page_of_a_room_says_what_it_is() {
    let server = TestServer::spawn_with(public);
    let ana = User::on_air(server.guest(), "ana").await;
    let about = json!({"title": "Night jam", "description": "Two  lines\nof it", "tags": ["jazz"]});
    ana.patch("", about).await.ok();
    let head = Head::of(&server.guest(), &format!("/s/{}", ana.stream)).await;

    let address = format!("https://live.example/s/{}", ana.stream);
    assert_eq!(head.title, "Night jam · Livehouse");
    let said = |name: &str| head.meta.get(name).map_or("", String::as_str);
    for (name, text) in [
        ("description", "Two lines of it"),
        ("og:title", "Night jam"),
        ("og:description", "Two lines of it"),
        ("og:url", &address),
        ("og:type", "video.other"),
        ("og:site_name", "Livehouse"),
        ("og:image", "https://live.example/card.png"),
        ("og:image:width", "1200"),
        ("twitter:card", "summary_large_image"),
        ("twitter:title", "Night jam"),
        ("robots", ""),
    ] {
        assert_eq!(said(name), text, "{name}");
    }
    assert_eq!(head.link("canonical", ""), Some(address.as_str()));
    let encoded = address.replace(':', "%3A").replace('/', "%2F");
    let oembed = format!("https://live.example/oembed?url={encoded}");
    assert_eq!(head.link("alternate", "application/json+oembed"), Some(oembed.as_str()));
    assert_eq!(head.link("alternate", "application/atom+xml"), Some("https://live.example/@ana/feed.xml"));
    assert_eq!(head.link("alternate", "text/calendar"), Some("https://live.example/@ana/calendar.ics"));

    let data = head.data.expect("JSON-LD");
    assert_eq!(
        (&data["@type"], &data["name"], &data["url"]),
        (&json!("VideoObject"), &json!("Night jam"), &json!(address))
    );
    assert_eq!(data["author"]["url"], "https://live.example/@ana");
    let stream = ana.get("").await.ok();
    assert_eq!(data["publication"]["startDate"], stream["started_at"]);
    assert_eq!(data["publication"]["endDate"], Value::Null);
    ana.post("end", json!({})).await.ok();
    let ended = Head::of(&server.guest(), &format!("/s/{}", ana.stream)).await.data.expect("JSON-LD");
    assert_eq!(ended["publication"]["endDate"], ana.get("").await.ok()["ended_at"]);
}

#[tokio::test]
async fn what_a_host_writes_stays_text() {
    let Scene { server, host, .. } = &Scene::live().await;
    let plain = Head::of(&server.guest(), &format!("/s/{}", host.stream)).await;
    host.patch("/users/me", json!({"display_name": "<b>\"&'"})).await.ok();
    host.patch("", json!({"title": HOSTILE, "description": HOSTILE, "tags": ["</script>"]})).await.ok();
    let head = Head::of(&server.guest(), &format!("/s/{}", host.stream)).await;
    assert_eq!(head.title, format!("{HOSTILE} · Livehouse"));
    for name in ["description", "og:title", "og:description", "twitter:title", "twitter:description"] {
        assert_eq!(head.meta[name], HOSTILE, "{name}");
    }
    assert_eq!(head.tags, plain.tags, "no text became a tag");
    let data = head.data.expect("JSON-LD");
    assert_eq!((&data["name"], &data["keywords"][0]), (&json!(HOSTILE), &json!("</script>")));
    assert_eq!(data["author"]["name"], "<b>\"&'");
    let page = server.guest().get(&format!("//s/{}", host.stream)).await;
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
}

#[tokio::test]
async fn a_long_description_is_cut_between_characters() {
    let Scene { server, host, .. } = &Scene::live().await;
    host.patch("", json!({"description": "👩‍👩‍👧".repeat(201)})).await.ok();
    let head = Head::of(&server.guest(), &format!("/s/{}", host.stream)).await;
    assert_eq!(head.meta["description"], format!("{}…", "👩‍👩‍👧".repeat(200)));
}

#[tokio::test]
async fn an_unlisted_stream_says_what_it_is_and_that_it_is_not_to_be_listed() {
    let Scene { server, host, .. } = &Scene::live().await;
    host.patch("", json!({"visibility": "unlisted"})).await.ok();
    let head = Head::of(&server.guest(), &format!("/s/{}", host.stream)).await;
    assert_eq!(head.meta["og:title"], "one");
    assert_eq!(head.meta["robots"], "noindex");
}

#[tokio::test]
async fn the_page_of_a_private_stream_is_that_of_one_that_is_not_there() {
    let Scene { server, host, .. } = &Scene::live().await;
    host.patch("", json!({"visibility": "private", "playback_url": "https://cdn.example/a.mp4"})).await.ok();
    let (guest, absent) = (server.guest(), "//s/01890000-0000-7000-8000-000000000000");
    let missing = guest.get(absent).await;
    for who in [&guest, &**host] {
        let hidden = who.get(&format!("//s/{}", host.stream)).await;
        assert_eq!((hidden.status, &hidden.text), (missing.status, &missing.text));
        for (name, value) in &missing.headers {
            let own = ["x-request-id", "date"].contains(&name.as_str());
            assert!(own || hidden.headers.get(name) == Some(value), "{name}: {:?}", hidden.headers.get(name));
        }
        assert_eq!(hidden.headers.len(), missing.headers.len());
    }
    let head = Head::of(&guest, &format!("/s/{}", host.stream)).await;
    assert_eq!((head.title.as_str(), head.data, head.meta.get("og:title")), ("Livehouse", None, None));
}

#[tokio::test]
async fn without_a_public_url_addresses_have_the_host_that_was_asked() {
    let Scene { server, host, .. } = &Scene::live().await;
    let guest = server.guest();
    let page = guest.request(reqwest::Method::GET, &format!("//s/{}", host.stream));
    let page = guest.send(page.header("host", "stage.example:8080")).await;
    let address = format!("<link rel=\"canonical\" href=\"http://stage.example:8080/s/{}\"/>", host.stream);
    assert!(page.text.contains(&address), "{}", page.text);
}
