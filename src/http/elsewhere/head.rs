//! What the head of a page says of it, for whoever shows a link to it: title, description, OpenGraph, Twitter's card, JSON-LD,
//! and where feeds and what there is to embed are. It must not know who may see what.

use super::{
    SITE_NAME,
    addresses::{self, CARD},
};
use crate::{
    domain::{Status, Visibility},
    http::media::addresses::Base,
    store::{Person, Stream},
    wire::documents::Markup,
};
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;

/// What is shown of a description, in grapheme clusters.
const SUMMARY_GRAPHEMES: usize = 200;
const ATOM: &str = "application/atom+xml";

/// What a page is, in a few words.
struct Card<'a> {
    /// OpenGraph's word for it.
    kind: &'static str,
    title: &'a str,
    summary: &'a str,
    /// The one address of the page.
    address: &'a str,
    /// What the picture of the site stands for.
    picture: &'a str,
}

/// The page of a stream, at its own address or that of its channel.
pub(super) fn of_stream(stream: &Stream, base: &Base, address: &str) -> Markup {
    let summary = summary_of(stream);
    let card = Card {
        kind: "video.other",
        title: &stream.title,
        summary: &summary,
        address,
        picture: &base.url(CARD.0),
    };
    let mut head = begin(&card);
    if stream.visibility != Visibility::Public {
        head = head.empty("meta", &[("name", "robots"), ("content", "noindex")]);
    }
    head = head.empty(
        "link",
        &[
            ("rel", "alternate"),
            ("type", "application/json+oembed"),
            ("href", &addresses::oembed(base, address)),
            ("title", &stream.title),
        ],
    );
    head.data("application/ld+json", &video(stream, base, &summary))
}

/// The page of a host who shows nothing now.
pub(super) fn of_host(host: &Person, base: &Base) -> Markup {
    let address = addresses::channel(base, &host.username, "");
    let summary = format!("Live streams by {}.", host.display_name);
    let card = Card {
        kind: "profile",
        title: &host.display_name,
        summary: &summary,
        address: &address,
        picture: &base.url(CARD.0),
    };
    let profile = json!({
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "url": address,
        "mainEntity": person(host, base),
    });
    begin(&card)
        .empty("meta", &[("property", "profile:username"), ("content", &host.username)])
        .data("application/ld+json", &profile)
}

/// Where the page of a host can be followed without the page.
pub(super) fn feeds_of(host: &Person, base: &Base) -> Markup {
    let title = format!("{} · {SITE_NAME}", host.display_name);
    let link = |head: Markup, kind: &'static str, file: &'static str| {
        let href = addresses::channel(base, &host.username, file);
        head.empty("link", &[("rel", "alternate"), ("type", kind), ("href", &href), ("title", &title)])
    };
    link(link(Markup::default(), ATOM, "/feed.xml"), "text/calendar", "/calendar.ics")
}

/// What a stream is about, on one line.
pub(super) fn summary_of(stream: &Stream) -> String {
    let words = stream.description.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        return format!("A live stream by {}.", stream.host.display_name);
    }
    let mut graphemes = words.graphemes(true);
    let begin: String = graphemes.by_ref().take(SUMMARY_GRAPHEMES).collect();
    if graphemes.next().is_none() { begin } else { format!("{begin}…") }
}

fn begin(card: &Card) -> Markup {
    let (_, width, height) = CARD;
    let (width, height) = (width.to_string(), height.to_string());
    let head = Markup::default()
        .text("title", &format!("{} · {SITE_NAME}", card.title))
        .empty("meta", &[("name", "description"), ("content", card.summary)])
        .empty("link", &[("rel", "canonical"), ("href", card.address)]);
    let open_graph = [
        ("og:type", card.kind),
        ("og:site_name", SITE_NAME),
        ("og:title", card.title),
        ("og:description", card.summary),
        ("og:url", card.address),
        ("og:image", card.picture),
        ("og:image:type", "image/png"),
        ("og:image:width", &width),
        ("og:image:height", &height),
        ("og:image:alt", SITE_NAME),
    ];
    let head = open_graph.iter().fold(head, |head, (property, content)| {
        head.empty("meta", &[("property", property), ("content", content)])
    });
    let twitter = [
        ("twitter:card", "summary_large_image"),
        ("twitter:title", card.title),
        ("twitter:description", card.summary),
        ("twitter:image", card.picture),
    ];
    twitter
        .iter()
        .fold(head, |head, (name, content)| head.empty("meta", &[("name", name), ("content", content)]))
}

/// What schema.org calls a stream: a video that is published by an event.
fn video(stream: &Stream, base: &Base, summary: &str) -> Value {
    let mut event = json!({
        "@type": "BroadcastEvent",
        "name": stream.title,
        "isLiveBroadcast": true,
        "eventStatus": "https://schema.org/EventScheduled",
    });
    if let Some(at) = stream.started_at.or(stream.scheduled_for) {
        event["startDate"] = json!(at);
    }
    if let (Status::Ended, Some(at)) = (stream.status, stream.ended_at) {
        event["endDate"] = json!(at);
    }
    json!({
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": stream.title,
        "description": summary,
        "url": addresses::room(base, stream.id),
        "thumbnailUrl": [base.url(CARD.0)],
        "uploadDate": stream.started_at.unwrap_or(stream.created_at),
        "keywords": stream.tags,
        "author": person(&stream.host, base),
        "publication": event,
    })
}

fn person(host: &Person, base: &Base) -> Value {
    json!({
        "@type": "Person",
        "name": host.display_name,
        "alternateName": host.username,
        "url": addresses::channel(base, &host.username, ""),
    })
}
