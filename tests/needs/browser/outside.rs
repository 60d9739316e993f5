//! What of the site stands elsewhere: a frame on a page of another origin, an overlay for OBS, the chat in a window of its own.

use super::{
    cdp::{PATIENCE, Tab},
    scene::{Scene, Venue},
};
use crate::need;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
    time::Instant,
};

type Settings = &'static [(&'static str, &'static str)];
const FRAMED: Settings = &[("LIVEHOUSE_LIMITS", "off"), ("LIVEHOUSE_EMBED_ORIGINS", "*")];

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_frame_shows_a_stream_to_guests_alone,
        a_frame_stays_empty_where_nobody_may_frame,
        an_overlay_is_transparent_and_shows_what_is_said,
        an_overlay_of_a_private_stream_takes_a_key_behind_the_hash,
        the_chat_alone_is_for_writing_too,
        a_page_has_its_manifest_and_the_address_of_a_host_its_room,
    ]
}

/// A page of another origin that frames an address. Another port of the same host, so that the browser would send its cookies.
fn framing(site: &str, path: &str) -> String {
    let mut host: SocketAddr = site.trim_start_matches("http://").parse().expect("an address");
    host.set_port(0);
    let listener = TcpListener::bind(host).expect("a free port");
    let here = format!("http://{}/", listener.local_addr().expect("an address"));
    let body = format!(
        "<!doctype html><title>blog</title><iframe src=\"{site}{path}\" width=900 height=500></iframe>"
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let _head = client.read(&mut [0; 4096]);
            let _gone = client.write_all(answer.as_bytes());
        }
    });
    here
}

/// The value of an expression in the frame of a page; none while there is no frame to ask.
async fn framed(tab: &Tab, script: &str) -> Value {
    let tree = tab.call("Page.getFrameTree", json!({})).await;
    let frame = &tree["frameTree"]["childFrames"][0]["frame"]["id"];
    let world = tab.call("Page.createIsolatedWorld", json!({ "frameId": frame })).await;
    let params =
        json!({ "expression": script, "contextId": world["executionContextId"], "returnByValue": true });
    tab.call("Runtime.evaluate", params).await["result"]["value"].clone()
}

/// Waits until an expression holds in the frame of a page.
async fn framed_until(tab: &Tab, condition: &str) {
    let deadline = Instant::now() + PATIENCE;
    let script = format!("Boolean({condition})");
    while framed(tab, &script).await != json!(true) {
        let text = async || framed(tab, "document.body?.innerText").await;
        assert!(
            Instant::now() < deadline,
            "never came true: {condition}\n{}\n{:?}",
            text().await,
            tab.troubles()
        );
        tab.value("new Promise(requestAnimationFrame).then(() => 0)").await;
    }
}

/// Whether a comment stands there.
fn said(text: &str) -> String {
    format!("[...document.querySelectorAll('.comment .text')].some((e) => e.textContent === {})", json!(text))
}

async fn a_frame_shows_a_stream_to_guests_alone() {
    let scene = Scene::at(Venue::with(FRAMED).await, "Friday night jam").await;
    let Scene { venue, host, stream } = &scene;
    host.enter(stream).await;
    host.say("Welcome in").await;
    let blog = framing(&venue.house.url(""), &format!("/embed/{stream}"));
    // Beside the host's own tab, with the host's cookies.
    let reader = host.tab.beside(&blog).await;
    framed_until(&reader, &said("Welcome in")).await;
    host.say("Still here").await;
    framed_until(&reader, &said("Still here")).await;

    for missing in [".composer", ".write", ".top", ".reaction", ".avatar-button", "[name=password]"] {
        assert_eq!(
            framed(&reader, &format!("document.querySelectorAll('{missing}').length")).await,
            json!(0),
            "{missing}"
        );
    }
    assert_eq!(
        framed(&reader, "document.querySelector('.frame-head').textContent").await,
        json!("Friday night jam")
    );
    let asked =
        "performance.getEntriesByType('resource').filter((r) => /sessions|users/.test(r.name)).length";
    assert_eq!(framed(&reader, asked).await, json!(0), "it asked for no session");
    let write = framed(
        &reader,
        "(({ href, target, rel }) => [href, target, rel])(document.querySelector('.frame-foot a'))",
    )
    .await;
    assert_eq!(write, json!([venue.house.url(&format!("/pop/{stream}")), "_blank", "noopener"]));

    host.choose("Welcome in", "Delete").await;
    framed_until(&reader, &format!("!{}", said("Welcome in"))).await;
    reader.assert_calm();
}

async fn a_frame_stays_empty_where_nobody_may_frame() {
    let scene = Scene::live("Friday night jam").await;
    for path in [format!("/embed/{}", scene.stream), scene.room(""), "/".into()] {
        let guest = scene.venue.browser.visit(&framing(&scene.venue.house.url(""), &path)).await;
        let deadline = Instant::now() + PATIENCE;
        while !guest.troubles().iter().any(|trouble| trouble.contains("frame-ancestors")) {
            assert!(Instant::now() < deadline, "{path} was framed: {:?}", guest.troubles());
            guest.value("new Promise(requestAnimationFrame).then(() => 0)").await;
        }
    }
}

async fn an_overlay_is_transparent_and_shows_what_is_said() {
    let scene = Scene::joined("Friday night jam").await;
    let Scene { venue, host, stream } = &scene;
    host.say("Welcome in").await;
    let overlay = venue.visitor(&format!("/overlay/{stream}?size=40")).await.tab;
    overlay.until(&said("Welcome in")).await;
    let grounds = "[document.documentElement, document.body, document.querySelector('main')].map((e) => getComputedStyle(e).backgroundColor)";
    assert_eq!(overlay.value(grounds).await, json!(vec!["rgba(0, 0, 0, 0)"; 3]));
    let size = "getComputedStyle(document.querySelector('.comment')).fontSize";
    assert_eq!(overlay.value(size).await, json!("40px"));
    host.choose("Welcome in", "Delete").await;
    overlay.until(&format!("!{}", said("Welcome in"))).await;

    let fading = venue.visitor(&format!("/overlay/{stream}?fade_s=1")).await.tab;
    fading.value(&format!("new MutationObserver(() => {{ if ({}) window.seen = true; }}).observe(document.body, {{childList: true, subtree: true}})", said("Hello"))).await;
    let flying = venue.visitor(&format!("/overlay/{stream}?danmaku=1")).await.tab;
    for tab in [&fading, &flying] {
        tab.until("document.querySelector('.over-chat, .danmaku-layer')").await;
    }
    host.say("Hello").await;
    flying.until("[...document.querySelectorAll('.flying')].some((e) => e.textContent === 'Hello')").await;
    fading.until(&format!("window.seen && !{}", said("Hello"))).await;
    for tab in [&overlay, &fading, &flying] {
        tab.assert_calm();
    }
}

async fn an_overlay_of_a_private_stream_takes_a_key_behind_the_hash() {
    let scene = Scene::joined("Friday night jam").await;
    let Scene { venue, host, stream } = &scene;
    host.say("Among us").await;
    host.api("PATCH", &format!("/streams/{stream}"), &json!({"visibility": "private"})).await;
    let made = host.api("POST", "/users/me/keys", &json!({"name": "OBS", "scopes": ["read"]})).await;
    let key = made["key"].as_str().expect("a key");
    let overlay = venue.visitor(&format!("/overlay/{stream}#key={key}")).await.tab;
    overlay.until(&said("Among us")).await;
    overlay.assert_calm();
    for without in [format!("/overlay/{stream}"), format!("/overlay/{stream}?key={key}")] {
        let guest = venue.visitor("/").await;
        guest.tab.before_all("const ask = fetch; window.refused = 0; window.fetch = (...a) => ask(...a).then((r) => ((window.refused += r.status === 404), r))").await;
        guest.go(&without).await;
        guest.tab.until("window.refused > 0").await;
        assert_eq!(
            guest.tab.value("document.querySelectorAll('.comment').length").await,
            json!(0),
            "{without}"
        );
    }
}

async fn the_chat_alone_is_for_writing_too() {
    let scene = Scene::joined("Friday night jam").await;
    let Scene { venue, host, stream } = &scene;
    host.say("Welcome in").await;
    let bob = venue.person("bob").await;
    bob.go(&format!("/pop/{stream}")).await;
    bob.sees("Welcome in").await;
    bob.say("From the window").await;
    host.sees("From the window").await;
    assert_eq!(bob.tab.value("document.querySelectorAll('.stage, .picture').length").await, json!(0));
    assert_eq!(
        bob.tab.value("getComputedStyle(document.querySelector('.top')).display").await,
        json!("none")
    );
    let fills = "Math.abs(document.querySelector('.chat').getBoundingClientRect().height - innerHeight) < 1 && document.documentElement.scrollHeight <= innerHeight";
    assert_eq!(bob.tab.value(fills).await, json!(true), "it fills the window");
    bob.tab.assert_calm();

    let guest = venue.visitor(&format!("/pop/{stream}")).await;
    guest.sees("From the window").await;
    guest.tab.until("document.querySelector('.gate button')").await;
    let absent = venue.visitor("/pop/01890000-0000-7000-8000-000000000000").await;
    absent.tab.until("document.querySelector('.empty')").await;
    guest.tab.assert_calm();
}

async fn a_page_has_its_manifest_and_the_address_of_a_host_its_room() {
    let scene = Scene::live("Friday night jam").await;
    let guest = scene.venue.visitor("/@ana").await;
    guest.tab.until("document.querySelector('.about-title')?.textContent === 'Friday night jam'").await;
    let path = "location.pathname + '|' + document.title";
    assert_eq!(guest.tab.value(path).await, json!("/@ana|Friday night jam · Livehouse"));
    let manifest = guest.tab.call("Page.getAppManifest", json!({})).await;
    assert_eq!(
        (&manifest["errors"], manifest["url"].as_str()),
        (&json!([]), Some(scene.venue.house.url("/manifest.webmanifest").as_str()))
    );
    assert!(manifest["data"].as_str().is_some_and(|data| data.contains("\"Livehouse\"")), "{manifest}");
    scene.host.api("POST", &format!("/streams/{}/end", scene.stream), &json!({})).await;
    guest.go("/@ana").await;
    guest.tab.until("document.querySelector('.profile-words h1')?.textContent === 'ana'").await;
    guest.tab.assert_calm();
}
