//! Every page, in both themes and languages, by the rules of axe: nothing serious, nothing critical.

use super::{
    scene::{Scene, Venue},
    visitor::Visitor,
};
use crate::need::{self, Need};
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium, Axe]:
        no_page_has_a_serious_or_critical_barrier_in_either_theme,
        the_front_page_and_profiles_have_no_barrier_on_any_screen_whatever_stands_there,
    ]
}

async fn no_page_has_a_serious_or_critical_barrier_in_either_theme() {
    let rules = rules();
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
        for visitor in [&host, &guest] {
            prefer(visitor, theme, language).await;
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

async fn the_front_page_and_profiles_have_no_barrier_on_any_screen_whatever_stands_there() {
    let rules = rules();
    let venue = Venue::open().await;
    let (guest, ana) = (venue.visitor("/").await, venue.person("ana").await);
    everywhere(&rules, &[(&guest, "/"), (&ana, "/"), (&ana, "/u/ana")], "nothing").await;
    ana.go_live("Friday night jam").await;
    everywhere(&rules, &[(&guest, "/"), (&ana, "/")], "one stream").await;
    let bob = venue.person("bob").await;
    for (title, time) in [
        ("First", Some("2041-05-01T20:00:00Z")),
        ("Second", Some("2041-05-02T20:00:00Z")),
        ("Some day", None),
    ] {
        for host in [&ana, &bob] {
            host.api(
                "POST",
                "/streams",
                &json!({ "title": title, "scheduled_for": time, "tags": ["music"] }),
            )
            .await;
        }
    }
    bob.go_live("Over").await;
    bob.tab.click(".studio-head .danger").await;
    bob.tab.click("dialog .danger").await;
    bob.tab.until("document.querySelector('.studio-head .badge.ended')").await;
    bob.api("PUT", "/users/ana/follow", &json!({})).await;
    everywhere(&rules, &[(&bob, "/"), (&bob, "/u/ana"), (&guest, "/u/bob")], "all").await;
}

/// Checks pages as these visitors see them, on a phone and a desk, in both themes and languages.
async fn everywhere(rules: &str, pages: &[(&Visitor, &str)], state: &str) {
    for (theme, language) in [("light", "en"), ("dark", "zh-CN"), ("dark", "en"), ("light", "zh-CN")] {
        for (width, height) in [(360, 640), (1440, 900)] {
            for (visitor, page) in pages {
                let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 721 });
                visitor.tab.call("Emulation.setDeviceMetricsOverride", screen).await;
                prefer(visitor, theme, language).await;
                visitor.go(page).await;
                let place = format!("{page} with {state} ({theme}, {language}, {width} x {height})");
                check(&visitor.tab, rules, &place).await;
            }
        }
    }
}

fn rules() -> String {
    let rules = Need::Axe.found().expect("axe.min.js");
    std::fs::read_to_string(rules).expect("LIVEHOUSE_AXE names a file")
}

async fn prefer(visitor: &Visitor, theme: &str, language: &str) {
    let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }, { "name": "prefers-reduced-motion", "value": "reduce" }] });
    visitor.tab.call("Emulation.setEmulatedMedia", media).await;
    visitor.tab.value(&format!("localStorage.setItem('livehouse.lang', '{language}')")).await;
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
