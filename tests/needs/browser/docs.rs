//! The page that describes the interface: it begins with how to begin, and what it describes can be tried on it.

use super::scene::Scene;
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]: a_call_and_a_socket_are_tried_from_the_page_that_describes_them]
}

async fn a_call_and_a_socket_are_tried_from_the_page_that_describes_them() {
    let scene = Scene::live("Friday night jam").await;
    let Scene { host, stream, .. } = &scene;
    let tab = &host.tab;
    host.go("/docs/").await;
    tab.until("document.querySelector('#begin ol li')").await;
    assert_eq!(tab.value("location.pathname").await, "/docs", "a slash too many is forgiven");
    let sections = "[...document.querySelectorAll('.docs-body > section')].map((s) => s.id).slice(0, 2)";
    assert_eq!(tab.value(sections).await, json!(["begin", "accounts"]));
    let closes = "[...document.querySelectorAll('#room td code')].some((c) => c.textContent === '4409')";
    assert_eq!(tab.value(closes).await, json!(true));

    tab.value("document.querySelectorAll('#getMe, #getMe .try').forEach((d) => (d.open = true))").await;
    tab.click("#getMe .try button").await;
    tab.until("document.querySelector('#getMe .try pre')?.textContent.includes('\"username\": \"ana\"')")
        .await;

    tab.value("document.querySelectorAll('#openSocket, #openSocket .try').forEach((d) => (d.open = true))")
        .await;
    tab.write("#console-stream", stream).await;
    tab.click("#openSocket .try form:first-of-type button").await;
    tab.until("document.querySelector('.frames')?.textContent.includes('\"type\":\"snapshot\"')").await;
    tab.click("#openSocket .try form:last-of-type button").await;
    tab.until("document.querySelector('.frames').textContent.includes('\"type\":\"pong\"')").await;
    tab.assert_calm();
}
