//! Feeds and calendars, read by parsers of others.

use super::{BASE, public};
use crate::tools::{Client, Scene, TestServer, User};
use icalendar::{Calendar, CalendarComponent, Component, Event};
use roxmltree::{Document, Node};
use serde_json::json;

const ATOM: &str = "http://www.w3.org/2005/Atom";
const HOSTILE: &str = "]]></title><script>\"'&amp; \u{1f389};,\\n";

/// What an entry says: its title, summary and address.
type Entry = [String; 3];

/// Checks that a document is a feed by RFC 4287, 4.1, and gives its id and what is in it.
fn read(text: &str) -> (String, Vec<Entry>) {
    let document = Document::parse(text).expect("XML");
    let feed = document.root_element();
    assert!(feed.has_tag_name((ATOM, "feed")), "{text}");
    let said = |node: Node, name: &str| {
        let mut found = node.children().filter(|child| child.has_tag_name((ATOM, name)));
        let one = found.next().unwrap_or_else(|| panic!("no {name} in {text}"));
        assert!(found.next().is_none(), "{name} stands there twice");
        one.text().unwrap_or_default().to_owned()
    };
    let link = |node: Node, rel: &str| {
        let mut links = node.children().filter(|child| child.has_tag_name((ATOM, "link")));
        let link = links.find(|link| link.attribute("rel") == Some(rel)).expect("a link");
        link.attribute("href").expect("an address").to_owned()
    };
    assert!(link(feed, "self").ends_with("/feed.xml"));
    let entries = feed.children().filter(|child| child.has_tag_name((ATOM, "entry")));
    let entries = entries.map(|entry| {
        assert!(said(entry, "id").starts_with("urn:uuid:"));
        assert!(
            said(feed, "updated") >= said(entry, "updated")
                && said(entry, "updated") >= said(entry, "published")
        );
        let author = entry.children().find(|child| child.has_tag_name((ATOM, "author"))).expect("an author");
        assert!(!said(author, "name").is_empty());
        [said(entry, "title"), said(entry, "summary"), link(entry, "alternate")]
    });
    assert!(!said(feed, "title").is_empty());
    (said(feed, "id"), entries.collect())
}

async fn titles(client: &Client, path: &str) -> Vec<String> {
    let answer = client.get(path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    let (_, entries) = read(&answer.text);
    entries.into_iter().map(|[title, ..]| title).collect()
}

async fn events(client: &Client, path: &str) -> Vec<Event> {
    let answer = client.get(path).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/calendar; charset=utf-8"));
    let calendar: Calendar = answer.text.parse().expect("a calendar");
    let events = calendar.components.into_iter().map(|component| match component {
        CalendarComponent::Event(event) => event,
        other => panic!("{other:?}"),
    });
    events.collect()
}

#[tokio::test]
async fn feeds_have_public_streams_newest_first() {
    let Scene { server, host, bo } = &Scene::live_with(public).await;
    let guest = server.guest();
    assert_eq!(titles(&guest, "//feed.xml").await, ["one"]);
    assert_eq!(titles(&guest, "//@bob/feed.xml").await, [""; 0], "an empty feed is one, too");
    bo.go_live("two").await;
    for (title, visibility) in [("hidden", "unlisted"), ("secret", "private")] {
        bo.post("/streams", json!({"title": title, "visibility": visibility})).await.ok();
    }
    assert_eq!(titles(&guest, "//feed.xml").await, ["two", "one"]);
    assert_eq!(titles(bo, "//@BOB/feed.xml").await, ["two"], "for everybody the same");
    host.patch("", json!({"visibility": "private"})).await.ok();
    assert_eq!(titles(&guest, "//feed.xml").await, ["two"]);
    assert_eq!(titles(&guest, "//@ana/feed.xml").await, [""; 0]);
    for nobody in ["//@nobody/feed.xml", "//@nobody/calendar.ics", "//@%00/feed.xml"] {
        guest.get(nobody).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_feed_says_what_was_written_as_it_was_and_keeps_its_names() {
    let Scene { server, host, .. } = &Scene::live_with(public).await;
    let about = json!({"title": HOSTILE, "description": HOSTILE, "tags": ["<&>"]});
    host.patch("", about).await.ok();
    host.patch("/users/me", json!({"display_name": "<Ana> & Co"})).await.ok();
    let room = format!("{BASE}/s/{}", host.stream);
    for (path, id) in
        [("//feed.xml", format!("{BASE}/feed.xml")), ("//@ana/feed.xml", format!("urn:uuid:{}", host.id))]
    {
        let answer = server.guest().get(path).await;
        assert!(answer.text.contains("<category term=\"&lt;&amp;&gt;\"/>"), "{}", answer.text);
        assert_eq!(read(&answer.text), (id, vec![[HOSTILE.to_owned(), HOSTILE.to_owned(), room.clone()]]));
    }
}

#[tokio::test]
async fn a_feed_has_fifty_entries_and_no_more() {
    let server = &TestServer::spawn();
    let ana = User::register(server.guest(), "ana").await;
    for n in 0..51 {
        ana.create_stream(&format!("{n}")).await;
    }
    let found = titles(&server.guest(), "//feed.xml").await;
    assert_eq!((found.len(), found[0].as_str(), found[49].as_str()), (50, "50", "1"));
}

#[tokio::test]
async fn a_calendar_has_a_hundred_streams_that_are_to_come_and_no_more() {
    let server = &TestServer::spawn();
    let ana = User::register(server.guest(), "ana").await;
    for n in 0..101 {
        let at = format!("2098-05-01T20:{:02}:{:02}.000Z", n / 60, n % 60);
        ana.post("/streams", json!({"title": format!("{n}"), "scheduled_for": at})).await.ok();
    }
    let found = events(&server.guest(), "//@ana/calendar.ics").await;
    let titles: Vec<&str> = found.iter().filter_map(Component::get_summary).collect();
    assert_eq!((titles.len(), titles[0], titles[99]), (100, "0", "99"), "the first ones");
}

#[tokio::test]
async fn what_a_reader_has_is_not_sent_again() {
    let Scene { server, host, .. } = &Scene::scheduled().await;
    let guest = server.guest();
    for path in ["//feed.xml", "//@ana/feed.xml", "//@ana/calendar.ics", "//sitemap.xml", "//robots.txt"] {
        let guest = guest.at_port(server.port);
        let first = guest.get(path).await;
        let tag = first.header("etag").to_owned();
        assert_eq!((first.status, first.header("cache-control")), (200, "no-cache"), "{path}");
        let again = async || {
            guest.send(guest.request(reqwest::Method::GET, path).header("if-none-match", &tag)).await.status
        };
        assert_eq!(again().await, 304, "{path}");
    }
    let tag = guest.get("//@ana/calendar.ics").await.header("etag").to_owned();
    host.patch("", json!({"scheduled_for": "2098-05-01T20:00:00.000Z"})).await.ok();
    assert_ne!(guest.get("//@ana/calendar.ics").await.header("etag"), tag);
}

#[tokio::test]
async fn a_calendar_has_what_has_a_time_under_names_that_stay() {
    let Scene { server, host, .. } = &Scene::scheduled_with(public).await;
    let calendar = async || events(&server.guest(), "//@ana/calendar.ics").await;
    assert!(calendar().await.is_empty(), "it has no time yet");
    let about =
        json!({"title": HOSTILE, "description": "a\nb; c, d", "scheduled_for": "2098-05-01T20:00:00.500Z"});
    host.patch("", about).await.ok();
    let room = format!("{BASE}/s/{}", host.stream);

    let found = calendar().await;
    let [event] = &found[..] else { panic!("{found:?}") };
    let said = |name| event.property_value(name).unwrap_or_default().to_owned();
    assert_eq!((event.get_uid(), event.get_summary()), (Some(host.stream.as_str()), Some(HOSTILE)));
    assert_eq!(event.get_description(), Some(format!("a\nb; c, d\n\n{room}").as_str()));
    assert_eq!((said("DTSTART"), said("DTEND")), ("20980501T200000Z".into(), "20980501T210000Z".into()));
    assert_eq!((said("URL"), said("SEQUENCE")), (room, "2".into()));

    host.post("start", json!({})).await.ok();
    host.post("end", json!({})).await.ok();
    let ended = calendar().await;
    let [event] = &ended[..] else { panic!("{ended:?}") };
    assert_eq!(event.get_uid(), Some(host.stream.as_str()));
    let [starts, ends] =
        ["DTSTART", "DTEND"].map(|name| event.property_value(name).expect("a time").to_owned());
    assert!(starts.as_str() < "20980501" && starts < ends, "{starts} to {ends}");
    host.patch("", json!({"visibility": "unlisted"})).await.ok();
    assert!(calendar().await.is_empty());
}
