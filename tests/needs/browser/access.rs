//! Every page, in both themes and languages, by the rules of axe: nothing serious, nothing critical.

use super::{
    operator,
    scene::{Scene, Venue},
    visitor::Visitor,
};
use crate::need::{self, Need};
use libtest_mimic::Trial;
use serde_json::{Value, json};

/// Each theme in each language.
const LOOKS: [(&str, &str); 4] = [("light", "en"), ("dark", "zh-CN"), ("dark", "en"), ("light", "zh-CN")];

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium, Axe]:
        no_page_has_a_serious_or_critical_barrier_on_a_phone,
        no_page_has_a_serious_or_critical_barrier_on_a_desk,
        the_front_page_and_profiles_have_no_barrier_on_any_screen_whatever_stands_there,
    ]
}

async fn no_page_has_a_serious_or_critical_barrier_on_a_phone() {
    every_page(360, 640).await;
}

async fn no_page_has_a_serious_or_critical_barrier_on_a_desk() {
    every_page(1440, 900).await;
}

/// Checks every page on a screen of that size, in both themes and languages.
async fn every_page(width: u32, height: u32) {
    let rules = rules();
    let venue = Venue::open().await;
    let root = operator::administrator(&venue).await;
    let guest = venue.visitor("/").await;
    let Scene { venue: _venue, host, stream } = Scene::at(venue, "Friday night jam").await;
    host.enter(&stream).await;
    host.say("Welcome in").await;

    let room = format!("/s/{stream}");
    let studio = ["broadcast", "details", "settings", "terms", "people", "held", "audit"];
    let of_channel = ["details.channel", "settings.channel", "terms.channel", "people.channel"];
    let sections = studio.into_iter().chain(of_channel);
    let mut hosts: Vec<_> = sections.map(|section| format!("{room}/studio?{section}#{section}")).collect();
    hosts.extend([&room, "/account", "/docs"].map(String::from));
    hosts.extend([
        format!("{room}/studio"),
        format!("/pop/{stream}"),
        format!("/embed/{stream}"),
        "/@ana".into(),
    ]);
    let guests = [
        "/".into(),
        room,
        "/account".into(),
        "/nowhere".into(),
        "/docs/book".into(),
        "/docs/protocol".into(),
    ];
    let tabs = ["people", "streams", "reports", "bans", "invitations", "settings", "audit", "graphs"];
    let roots: Vec<_> = tabs.map(|tab| format!("/admin?{tab}#{tab}")).into();
    for (theme, language) in LOOKS {
        for (visitor, pages) in [(&host, &hosts[..]), (&guest, &guests[..]), (&root, &roots[..])] {
            screen(visitor, width, height).await;
            prefer(visitor, theme, language).await;
            for page in pages {
                visitor.go(page).await;
                check(&visitor.tab, &rules, &format!("{page} ({theme}, {language}, {width} x {height})"))
                    .await;
            }
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
    for (theme, language) in LOOKS {
        for (width, height) in [(360, 640), (1440, 900)] {
            for (visitor, page) in pages {
                screen(visitor, width, height).await;
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

async fn screen(visitor: &Visitor, width: u32, height: u32) {
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 721 });
    visitor.tab.call("Emulation.setDeviceMetricsOverride", metrics).await;
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
