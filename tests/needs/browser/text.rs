//! What users write is text, whatever it looks like.

use super::{cdp::browser, house::House, visitor::Visitor};
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]: fifty_attempts_at_injection_are_shown_as_text]
}

async fn fifty_attempts_at_injection_are_shown_as_text() {
    let browser = browser().await;
    let house = House::open().await;
    let host = Visitor::at(browser.visit(&house.url("/")).await);
    host.register("ana").await;
    let stream = host.go_live("<img src=x onerror=\"document.title='owned'\">").await;
    let guest = Visitor::at(browser.visit(&house.url(&format!("/s/{stream}"))).await);
    guest.tab.until("document.querySelector('.about-title')").await;
    for tab in [&host.tab, &guest.tab] {
        // Some differ only in case, which would fold them into one row.
        tab.value("localStorage.setItem('livehouse.prefs', '{\"fold\":false}')").await;
    }
    guest.enter(&house, &stream).await;
    host.enter(&house, &stream).await;

    let attempts: Vec<&str> = include_str!("injections.txt").lines().collect();
    assert_eq!(attempts.len(), 50);
    for attempt in &attempts {
        host.tab.write(".write", attempt).await;
        host.tab.enter().await;
    }
    for attempt in &attempts {
        guest.sees(attempt).await;
        assert_eq!(host.times(attempt).await, 1, "{attempt}");
    }
    for tab in [&host.tab, &guest.tab] {
        let markup = "document.querySelectorAll('main script, main img, main iframe, main object, main embed, main a[href^=\"javascript\" i], main [onerror], main [onload]').length";
        assert_eq!(tab.value(markup).await, json!(0), "nothing became an element");
        assert_eq!(tab.value("window.owned ?? null").await, json!(null));
        assert!(tab.value("document.title").await.as_str().expect("text").starts_with("<img src=x"));
        tab.assert_calm();
    }
}
