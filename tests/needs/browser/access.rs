//! Every page, in both themes and languages, by the rules of axe: nothing serious, nothing critical.

use super::scene::{Scene, Venue};
use crate::need::{self, Need};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium, Axe]: no_page_has_a_serious_or_critical_barrier_in_either_theme]
}

async fn no_page_has_a_serious_or_critical_barrier_in_either_theme() {
    let rules = Need::Axe.found().expect("axe.min.js");
    let rules = std::fs::read_to_string(rules).expect("LIVEHOUSE_AXE names a file");
    let venue = Venue::open().await;
    let guest = venue.visitor("/").await;
    check(&guest.tab, &rules, "/ (empty)").await;
    let Scene { venue: _venue, host, stream } = Scene::at(venue, "Friday night jam").await;
    host.enter(&stream).await;
    host.say("Welcome in").await;

    let studio = ["broadcast", "details", "settings", "terms", "people", "held", "audit"];
    let of_channel = ["details.channel", "settings.channel", "terms.channel", "people.channel"];
    let room = format!("/s/{stream}");
    let mut pages = vec!["/".to_owned(), room.clone(), "/u/ana".into(), "/account".into(), "/docs".into()];
    pages.extend([
        format!("{room}/studio"),
        format!("/pop/{stream}"),
        format!("/embed/{stream}"),
        "/@ana".into(),
    ]);
    pages.extend(
        studio.into_iter().chain(of_channel).map(|section| format!("{room}/studio?{section}#{section}")),
    );
    for (theme, language) in [("light", "en"), ("dark", "zh-CN")] {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }, { "name": "prefers-reduced-motion", "value": "reduce" }] });
        for tab in [&host.tab, &guest.tab] {
            tab.call("Emulation.setEmulatedMedia", media.clone()).await;
            tab.value(&format!("localStorage.setItem('livehouse.lang', '{language}')")).await;
        }
        for page in &pages {
            host.go(page).await;
            check(&host.tab, &rules, &format!("{page} ({theme})")).await;
        }
        for page in ["/", &room, "/account"] {
            guest.go(page).await;
            check(&guest.tab, &rules, &format!("{page} as a guest ({theme})")).await;
        }
    }
}

async fn check(tab: &super::cdp::Tab, rules: &str, page: &str) {
    tab.until("document.querySelector('main')?.textContent.length > 10 && !document.querySelector('main .skeleton')").await;
    tab.until("![...document.querySelectorAll('main .muted')].some((e) => /^(Loading|加载中)…$/.test(e.textContent))").await;
    tab.value(rules).await;
    let run = "axe.run({resultTypes: ['violations']}).then(({violations}) => violations.filter((v) => ['serious', 'critical'].includes(v.impact)) \
        .map((v) => v.id + ': ' + v.nodes.map((n) => n.html + ' ' + n.failureSummary).join(' | ')))";
    let found = tab.value(run).await;
    assert_eq!(found, Value::Array(Vec::new()), "{page}");
}
