//! What programs look for at fixed addresses.

use super::{BASE, public};
use crate::tools::{Scene, TestServer, User};
use roxmltree::Document;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn the_map_has_the_pages_of_public_streams_and_their_hosts() {
    let Scene { server, host, bo } = &Scene::live_with(public).await;
    for (title, visibility) in [("hidden", "unlisted"), ("secret", "private")] {
        bo.post("/streams", json!({"title": title, "visibility": visibility})).await.ok();
    }
    let answer = server.guest().get("//sitemap.xml").await;
    assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
    let document = Document::parse(&answer.text).expect("XML");
    let namespace = "http://www.sitemaps.org/schemas/sitemap/0.9";
    assert!(document.root_element().has_tag_name((namespace, "urlset")));
    let places = document.descendants().filter(|node| node.has_tag_name((namespace, "loc")));
    let places: BTreeSet<String> = places.map(|node| node.text().expect("an address").to_owned()).collect();
    let room = format!("{BASE}/s/{}", host.stream);
    assert_eq!(places, BTreeSet::from([format!("{BASE}/"), format!("{BASE}/@ana"), room]));
    let changed =
        document.descendants().find(|node| node.has_tag_name((namespace, "lastmod"))).expect("a time");
    assert_eq!(changed.text(), host.get("").await.ok()["updated_at"].as_str());
}

#[tokio::test]
async fn robots_are_told_what_is_nobodys_and_where_the_map_is() {
    let server = TestServer::spawn_with(public);
    let answer = server.guest().get("//robots.txt").await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let lines: Vec<&str> = answer.text.lines().collect();
    assert_eq!(lines[0], "User-agent: *");
    assert!(
        lines.contains(&"Disallow: /account")
            && lines.contains(&format!("Sitemap: {BASE}/sitemap.xml").as_str())
    );
    assert!(!answer.text.contains("Disallow: /\n") && !answer.text.contains("/api"), "{}", answer.text);
}

#[tokio::test]
async fn who_finds_a_hole_is_told_whom_to_tell() {
    let nobody = TestServer::spawn();
    nobody.guest().get("//.well-known/security.txt").await.refused(404, "not_found");
    let server = TestServer::spawn_with(|setup| {
        public(setup);
        setup.security_contact = Some("mailto:security@live.example".parse().expect("a contact"));
    });
    let answer = server.guest().get("//.well-known/security.txt").await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let lines: Vec<(&str, &str)> = answer.text.lines().filter_map(|line| line.split_once(": ")).collect();
    let said =
        |name: &str| lines.iter().filter(|(of, _)| *of == name).map(|(_, text)| *text).collect::<Vec<_>>();
    assert_eq!(said("Contact"), ["mailto:security@live.example"]);
    assert_eq!(said("Canonical"), [format!("{BASE}/.well-known/security.txt")]);
    let [expires] = said("Expires")[..] else { panic!("{lines:?}") };
    let stream =
        User::register(server.guest(), "ana").await.post("/streams", json!({"title": "now"})).await.ok();
    assert!(expires > stream["created_at"].as_str().expect("a time"), "{expires}");
}

#[tokio::test]
async fn a_password_manager_is_led_to_the_account() {
    let server = TestServer::spawn();
    let url = server.url("/.well-known/change-password");
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(url).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (302, "/account"));
}

#[tokio::test]
async fn the_manifest_names_icons_that_are_there() {
    let server = TestServer::spawn();
    let guest = server.guest();
    let manifest = guest.get("//manifest.webmanifest").await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let icons = manifest.body["icons"].as_array().expect("icons").clone();
    assert!(icons.len() > 2);
    for icon in icons {
        let answer = guest.get(&format!("/{}", icon["src"].as_str().expect("an address"))).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, icon["type"].as_str().expect("a type"))
        );
    }
    assert_eq!(manifest.body["start_url"], Value::from("/"));
}
