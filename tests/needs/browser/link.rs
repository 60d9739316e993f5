//! How the page stays connected: a renewed token, a network without WebSockets, a refusal.

use super::scene::Scene;
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_token_is_renewed_on_the_open_socket,
        a_room_without_websockets_is_read_and_written_all_the_same,
        a_refused_connection_says_why,
    ]
}

/// Keeps every socket and what is sent on it.
const WATCHED: &str = "window.sockets = []; window.sent = []; window.WebSocket = class extends WebSocket { \
    constructor(...all) { super(...all); window.sockets.push(this); } \
    send(text) { window.sent.push(JSON.parse(text)); super.send(text); } };";

/// A network in which no WebSocket comes through, until `window.WebSocket = window.Real`.
const BLOCKED: &str = "window.Real = window.WebSocket; window.WebSocket = class { readyState = 3; close() {} \
    constructor() { setTimeout(() => this.onclose({ code: 1006, reason: '' }), 5); } };";

async fn a_token_is_renewed_on_the_open_socket() {
    let scene = Scene::live("Long").await;
    let Scene { host: ana, stream, .. } = &scene;
    ana.tab.before_all(WATCHED).await;
    ana.enter(stream).await;
    let before = ana.tab.with_module("core/session.js", "m.token({})").await;
    // The server says so a minute before the end, which is too long to wait for.
    ana.tab.value("window.sockets[0].onmessage({ data: '{\"type\":\"token.expiring\"}' })").await;
    ana.tab.until("window.sent.some((frame) => frame.op === 'auth')").await;
    let shown = ana.tab.value("window.sent.find((frame) => frame.op === 'auth').token").await;
    assert_ne!(shown, before, "a new one");
    assert_eq!(shown, ana.tab.with_module("core/session.js", "m.token({})").await);
    ana.say("still here").await;
    assert_eq!(ana.tab.value("window.sockets.length").await, json!(1), "on the same socket");
    ana.tab.assert_calm();
}

async fn a_room_without_websockets_is_read_and_written_all_the_same() {
    let scene = Scene::joined("Behind a proxy").await;
    let host = &scene.host;
    host.say("said before").await;
    let bob = scene.venue.person("bob").await;
    bob.tab.before_all(BLOCKED).await;
    bob.go(&scene.room("")).await;
    bob.tab.until("document.querySelector('.bar').textContent.includes('live connection is blocked')").await;
    bob.sees("said before").await;
    host.say("said live").await;
    bob.sees("said live").await;
    bob.say("written by hand").await;
    host.sees("written by hand").await;
    host.choose("said before", "Delete").await;
    bob.no_longer_sees("said before").await;

    bob.tab.value("void (window.WebSocket = window.Real)").await;
    bob.tab.until("document.querySelector('.bar').hidden").await;
    host.say("and again by socket").await;
    bob.sees("and again by socket").await;
    for text in ["said live", "written by hand"] {
        assert_eq!(bob.times(text).await, 1, "{text}");
    }
    bob.tab.assert_calm();
}

async fn a_refused_connection_says_why() {
    let scene = Scene::with(&[("LIVEHOUSE_LIMITS_CONNECTIONS_PER_IP", "1")], "Full").await;
    scene.host.enter(&scene.stream).await;
    let second = scene.venue.visitor(&scene.room("")).await.tab;
    second.until("document.querySelector('.bar').textContent.includes('Too many connections')").await;
    second.assert_calm();
}
