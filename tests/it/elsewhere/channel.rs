//! The permanent address of a host, as its page says what is there.

use super::{BASE, document::Head, public};
use crate::tools::{TestServer, User};
use serde_json::json;

const FAR: &str = "2098-05-01T20:00:00.000Z";
const FARTHER: &str = "2099-05-01T20:00:00.000Z";

#[tokio::test]
async fn a_host_is_the_stream_that_is_live_else_the_next_one_else_a_profile() {
    let server = &TestServer::spawn();
    let ana = User::register(server.guest(), "ana").await;
    let title = async || Head::of(&server.guest(), "/@ana").await.title;
    let schedule = async |title: &str, at: Option<&str>, visibility: &str| {
        let body = json!({"title": title, "scheduled_for": at, "visibility": visibility});
        let stream = ana.post("/streams", body).await.ok();
        ana.at(stream["id"].as_str().unwrap())
    };
    assert_eq!(title().await, "ana · Livehouse");
    schedule("hidden", Some(FAR), "unlisted").await;
    schedule("secret", Some(FAR), "private").await;
    schedule("long past", Some("2020-05-01T20:00:00.000Z"), "public").await;
    assert_eq!(title().await, "ana · Livehouse");
    schedule("some day", None, "public").await;
    assert_eq!(title().await, "some day · Livehouse");
    schedule("farther", Some(FARTHER), "public").await;
    assert_eq!(title().await, "farther · Livehouse");
    let far = schedule("far", Some(FAR), "public").await;
    assert_eq!(title().await, "far · Livehouse");
    ana.go_live("first").await;
    let second = ana.go_live("second").await;
    assert_eq!(title().await, "second · Livehouse");
    second.post("end", json!({})).await.ok();
    assert_eq!(title().await, "first · Livehouse");
    far.post("start", json!({})).await.ok();
    assert_eq!(title().await, "far · Livehouse", "the latest started, not the latest made");
}

#[tokio::test]
async fn the_page_of_a_host_says_who_it_is_and_where_to_follow() {
    let server = &TestServer::spawn_with(public);
    let user = User::register(server.guest(), "Ünal").await;
    user.patch("/users/me", json!({"display_name": "<Ünal> & band"})).await.ok();
    for address in ["/@%C3%9Cnal", "/@ünal"] {
        let head = Head::of(&server.guest(), address).await;
        assert_eq!(head.title, "<Ünal> & band · Livehouse");
        assert_eq!(
            (head.meta["og:type"].as_str(), head.meta["profile:username"].as_str()),
            ("profile", "Ünal")
        );
        assert_eq!(head.meta["og:url"], format!("{BASE}/@%C3%9Cnal"));
        let feed = format!("{BASE}/@%C3%9Cnal/feed.xml");
        assert_eq!(head.link("alternate", "application/atom+xml"), Some(feed.as_str()));
        assert_eq!(head.data.expect("JSON-LD")["mainEntity"]["name"], "<Ünal> & band");
    }
    for nobody in ["/@nobody", "/@%00", "/@a/feed"] {
        let answer = server.guest().get(&format!("/{nobody}")).await;
        assert!(!answer.text.contains("og:title"), "{nobody}");
    }
}

#[tokio::test]
async fn the_page_of_a_host_may_fetch_the_picture_that_is_shown_there() {
    let server = &TestServer::spawn();
    let ana = User::on_air(server.guest(), "ana").await;
    let policy = async || server.guest().get("//@ana").await.header("content-security-policy").to_owned();
    let usual = policy().await;
    ana.patch("", json!({"playback_url": "https://cdn.example/live.m3u8"})).await.ok();
    assert!(policy().await.contains("connect-src 'self' https://cdn.example;"), "{}", policy().await);
    ana.post("end", json!({})).await.ok();
    assert_eq!(policy().await, usual);
}
