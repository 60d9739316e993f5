//! The page that describes the interface: it begins with how to begin, and what it describes can be tried on it. And the book.

use super::scene::{Scene, Venue};
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_call_and_a_socket_are_tried_from_the_page_that_describes_them,
        the_book_is_read_without_scripts_on_any_screen_in_light_and_dark,
    ]
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

async fn the_book_is_read_without_scripts_on_any_screen_in_light_and_dark() {
    let venue = Venue::open().await;
    let guest = venue.visitor("/").await;
    let tab = &guest.tab;
    // Below what comes last, or it moves while it is being clicked.
    tab.until("document.querySelector('.home')?.textContent.includes('The stage is free')").await;
    tab.click(".home-foot a").await;
    tab.until("document.querySelector('.book-page h1')").await;
    assert_eq!(tab.value("location.pathname").await, "/docs/book");
    let addresses =
        tab.value("[...document.querySelectorAll('.book-list a')].map((a) => a.pathname + a.hash)").await;
    let pages: Vec<String> = serde_json::from_value(addresses).expect("addresses");
    let pages = pages.iter().filter(|address| !address.contains('#'));

    let mut seen = 0;
    for page in pages {
        for (width, theme, ground) in
            [(320, "dark", "rgb(15, 16, 20)"), (1440, "light", "rgb(247, 246, 243)")]
        {
            let metrics =
                json!({ "width": width, "height": 640, "deviceScaleFactor": 1, "mobile": width < 721 });
            tab.call("Emulation.setDeviceMetricsOverride", metrics).await;
            let theme = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
            tab.call("Emulation.setEmulatedMedia", theme).await;
            guest.go(page).await;
            tab.until("document.querySelector('.book-page h1')").await;
            let look = "[document.scripts.length, document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor]";
            assert_eq!(tab.value(look).await, json!([0, width, ground]), "{page}");
        }
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
    tab.assert_calm();
}
