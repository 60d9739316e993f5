//! What users write is text, whatever it looks like.

use super::scene::Scene;
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]: fifty_attempts_at_injection_are_shown_as_text]
}

async fn fifty_attempts_at_injection_are_shown_as_text() {
    let scene = Scene::live("<img src=x onerror=\"document.title='owned'\">").await;
    let Scene { host, stream, .. } = &scene;
    let guest = scene.venue.visitor(&scene.room("")).await;
    guest.tab.until("document.querySelector('.about-title')").await;
    for tab in [&host.tab, &guest.tab] {
        // Some differ only in case, which would fold them into one row.
        tab.value("localStorage.setItem('livehouse.prefs', '{\"fold\":false}')").await;
    }
    guest.enter(stream).await;
    host.enter(stream).await;

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
