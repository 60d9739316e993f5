//! What users write is text, whatever it looks like; its links lead somewhere, and nothing else does.

use super::scene::Scene;
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        fifty_attempts_at_injection_are_shown_as_text,
        links_that_people_write_lead_there_beside_the_page,
    ]
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

async fn links_that_people_write_lead_there_beside_the_page() {
    let scene = Scene::live("Links").await;
    let Scene { host, stream, .. } = &scene;
    let at = |rest: &str| format!("/streams/{stream}{rest}");
    host.api("PATCH", &at(""), &json!({ "description": "Tour: example.org/tour" })).await;
    let announced = json!({ "content": "Tickets at https://example.org/tickets." });
    host.api("POST", &at("/announcements"), &announced).await;
    host.enter(stream).await;
    host.say("see (www.example.com/a_b), not README.md").await;
    host.choose("see (www.example.com/a_b), not README.md", "Pin").await;
    for (place, text, leads) in [
        (".log .comment", "www.example.com/a_b", "https://www.example.com/a_b"),
        (".pinned", "www.example.com/a_b", "https://www.example.com/a_b"),
        (".announce", "https://example.org/tickets", "https://example.org/tickets"),
        (".about-text", "example.org/tour", "https://example.org/tour"),
    ] {
        let links = format!("[...document.querySelectorAll('{place} a')]");
        host.tab.until(&format!("{links}.length === 1")).await;
        let link =
            host.tab.value(&format!("{links}.map((a) => [a.textContent, a.href, a.rel, a.target])[0]")).await;
        assert_eq!(link, json!([text, leads, "nofollow ugc noopener", "_blank"]), "{place}");
    }
    host.tab.assert_calm();
}
