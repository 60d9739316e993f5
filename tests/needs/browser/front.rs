//! The front door: what it begins with, whom one follows, and what it tells those who find nothing there.

use super::{
    scene::Venue,
    visitor::{PASSWORD, Visitor},
};
use crate::need;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        an_empty_site_leads_a_guest_and_a_host_to_their_first_stream,
        where_only_some_may_host_an_empty_site_says_so,
        where_nobody_may_register_an_empty_site_asks_for_a_login_alone,
        the_front_page_has_what_is_live_then_what_comes_then_what_is_over,
        a_lone_stream_has_the_page_to_itself_and_an_invitation_below,
        whom_one_follows_stands_in_a_row_who_is_live_first,
        no_screen_scrolls_sideways_whatever_stands_there,
    ]
}

const NO_LIMITS: (&str, &str) = ("LIVEHOUSE_LIMITS", "off");
/// What is shown of a front page, as lines.
const SHELVES: &str = "[...document.querySelectorAll('.home .shelf:not([hidden])')].map((s) => \
    [s.querySelector('h2').textContent, s.matches('.featured'), [...s.querySelectorAll('.card-link')].map((c) => c.textContent)])";
const SETTLED: &str =
    "document.querySelector('main')?.textContent.length > 10 && !document.querySelector('main .skeleton')";

/// Makes a stream as somebody, and brings it to where it shall be; gives its id.
async fn stream(host: &Visitor, body: Value, acts: &[&str]) -> String {
    let made = host.api("POST", "/streams", &body).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    for act in acts {
        host.api("POST", &format!("/streams/{id}/{act}"), &json!({})).await;
    }
    id
}

/// So many hours from now, or before.
fn hours(n: i64) -> String {
    (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(n)).to_string()
}

async fn an_empty_site_leads_a_guest_and_a_host_to_their_first_stream() {
    let venue = Venue::open().await;
    let ana = venue.visitor("/").await;
    let here = "document.querySelector('.step[aria-current] h3')?.textContent";
    ana.tab.until(&format!("{here} === 'Sign up'")).await;
    ana.tab.click(".welcome .button.primary").await;
    ana.tab.write(".login [name=username]", "ana").await;
    ana.tab.write(".login [name=password]", PASSWORD).await;
    ana.tab.click(".login [type=submit]").await;
    ana.tab.until("document.querySelector('dialog [name=title]')").await;
    ana.go("/").await;
    ana.tab.until(&format!("{here} === 'Create a stream'")).await;
    assert_eq!(ana.tab.value("document.querySelectorAll('.step.done').length").await, json!(1));
    ana.tab.click(".welcome .button.primary").await;
    ana.tab.write("dialog [name=title]", "The very first").await;
    ana.tab.click("dialog [type=submit]").await;
    ana.tab.until("location.pathname.endsWith('/studio')").await;
    ana.go("/").await;
    ana.tab.until("document.querySelector('.featured .card-link')?.textContent === 'The very first'").await;
    assert_eq!(ana.tab.value("document.querySelector('.welcome')").await, Value::Null);
    ana.tab.assert_calm();
}

async fn where_only_some_may_host_an_empty_site_says_so() {
    let venue = Venue::with(&[NO_LIMITS, ("LIVEHOUSE_STREAMS_BY", "granted")]).await;
    let ana = venue.visitor("/").await;
    let buttons = "[...document.querySelectorAll('.welcome .button')].map((b) => b.textContent)";
    let said = "document.querySelector('.welcome > p')?.textContent.includes('chooses who streams here')";
    ana.tab.until(said).await;
    assert_eq!(ana.tab.value(buttons).await, json!(["Sign up", "Log in"]));
    ana.register("ana").await;
    ana.go("/").await;
    ana.tab.until(&format!("{said} && document.querySelector('.avatar-button')")).await;
    ana.tab.until(&format!("{buttons}.length === 0")).await;
    assert_eq!(ana.tab.value("document.querySelectorAll('.step').length").await, json!(0));
    // No form is filled in vain.
    ana.tab.click(".top-actions .button.primary").await;
    ana.tab.until("/has not chosen you/.test(document.querySelector('.toast')?.textContent)").await;
    assert_eq!(ana.tab.value("document.querySelector('dialog')").await, Value::Null);
    ana.tab.assert_calm();
}

async fn where_nobody_may_register_an_empty_site_asks_for_a_login_alone() {
    let venue = Venue::with(&[NO_LIMITS, ("LIVEHOUSE_REGISTRATION", "closed")]).await;
    let guest = venue.visitor("/").await;
    guest.tab.until("document.querySelector('.welcome > p')?.textContent.includes('handed out')").await;
    let buttons = "[...document.querySelectorAll('.welcome .button')].map((b) => b.textContent)";
    assert_eq!(guest.tab.value(buttons).await, json!(["Log in"]));
    guest.tab.assert_calm();
}

async fn the_front_page_has_what_is_live_then_what_comes_then_what_is_over() {
    let venue = Venue::open().await;
    let ana = venue.person("ana").await;
    let live = stream(&ana, json!({ "title": "On air" }), &["start"]).await;
    stream(&ana, json!({ "title": "In a week", "scheduled_for": hours(168) }), &[]).await;
    stream(&ana, json!({ "title": "Some day" }), &[]).await;
    stream(&ana, json!({ "title": "Tonight", "scheduled_for": hours(3) }), &[]).await;
    let early = stream(&ana, json!({ "title": "Ended last" }), &["start"]).await;
    stream(&ana, json!({ "title": "Ended first" }), &["start", "end"]).await;
    ana.api("POST", &format!("/streams/{early}/comments"), &json!({ "content": "encore" })).await;
    ana.api("POST", &format!("/streams/{early}/end"), &json!({})).await;

    let guest = venue.visitor("/").await;
    guest.tab.until(SETTLED).await;
    let next = json!(["Coming up", false, ["Tonight", "In a week", "Some day"]]);
    let over = json!(["Recently ended", false, ["Ended last", "Ended first"]]);
    assert_eq!(guest.tab.value(SHELVES).await, json!([["Live now", true, ["On air"]], next, over]));
    let replays = "[...document.querySelectorAll('.card-replay')].map((r) => r.closest('.card').querySelector('h3').textContent)";
    assert_eq!(
        guest.tab.value(replays).await,
        json!(["Ended last"]),
        "where there is something to see again"
    );
    assert_eq!(guest.tab.value("document.querySelector('.invitation, .welcome')").await, Value::Null);

    ana.api("DELETE", &format!("/streams/{live}"), &json!({})).await;
    guest.go("/").await;
    guest.tab.until(SETTLED).await;
    let next = json!(["Coming up", true, ["Tonight", "In a week", "Some day"]]);
    assert_eq!(guest.tab.value(SHELVES).await, json!([next, over]), "the page begins with what is next");
    guest.tab.assert_calm();
}

async fn a_lone_stream_has_the_page_to_itself_and_an_invitation_below() {
    let venue = Venue::open().await;
    let ana = venue.person("ana").await;
    stream(&ana, json!({ "title": "Alone", "description": "What it is about" }), &["start"]).await;
    let guest = venue.visitor("/").await;
    guest.tab.until("document.querySelector('.invitation .button.primary')").await;
    let share = "(() => { const box = (part) => document.querySelector(part).getBoundingClientRect(); \
        return [box('.card-cover').width / box('.grid').width, box('.card-about').height]; })()";
    let shown = guest.tab.value(share).await;
    assert!(
        shown[0].as_f64() > Some(0.5) && shown[1].as_f64() > Some(10.0),
        "big, with what it is about: {shown}"
    );
    let phone = json!({ "width": 360, "height": 640, "deviceScaleFactor": 1, "mobile": true });
    guest.tab.call("Emulation.setDeviceMetricsOverride", phone).await;
    guest.tab.until("document.querySelector('.card-cover').getBoundingClientRect().width > 320").await;
    guest.tab.assert_calm();
}

async fn whom_one_follows_stands_in_a_row_who_is_live_first() {
    let venue = Venue::open().await;
    let (ana, dee, bob) = (venue.person("ana").await, venue.person("dee").await, venue.person("bob").await);
    let live = stream(&ana, json!({ "title": "On air" }), &["start"]).await;
    stream(&dee, json!({ "title": "Not followed" }), &["start"]).await;
    venue.person("cem").await;
    bob.api("PUT", "/users/ana/follow", &json!({})).await;
    bob.api("PUT", "/users/cem/follow", &json!({})).await;
    bob.go("/").await;
    let row = "[...document.querySelectorAll('.people-row:not([hidden]) .person')].map((p) => \
        [p.querySelector('.person-name').textContent, p.getAttribute('href'), p.querySelector('.badge')?.textContent ?? null])";
    bob.tab.until(&format!("{row}.length === 2")).await;
    let expected = json!([["ana", format!("/s/{live}"), "LIVE"], ["cem", "/u/cem", null]]);
    assert_eq!(bob.tab.value(row).await, expected);
    let guest = venue.visitor("/").await;
    guest.tab.until(SETTLED).await;
    assert_eq!(guest.tab.value(row).await, json!([]));
    bob.tab.assert_calm();
}

async fn no_screen_scrolls_sideways_whatever_stands_there() {
    let venue = Venue::open().await;
    let bob = venue.person("bob").await;
    for n in 0..3 {
        let host = venue.person(&format!("host{n}-with-a-name-of-many-words")).await;
        let body = json!({ "title": "W".repeat(60), "tags": ["w".repeat(30), "m".repeat(30)], "scheduled_for": hours(n + 1) });
        stream(&host, body, [&["start"][..], &[], &["start", "end"]][n as usize]).await;
        bob.api("PUT", &format!("/users/host{n}-with-a-name-of-many-words/follow"), &json!({})).await;
    }
    for language in ["en", "zh-CN"] {
        bob.tab.value(&format!("localStorage.setItem('livehouse.lang', '{language}')")).await;
        for (width, height) in [(360, 640), (390, 844), (768, 1024), (1280, 800), (1920, 1080)] {
            let screen =
                json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 721 });
            bob.tab.call("Emulation.setDeviceMetricsOverride", screen).await;
            for page in
                ["/", "/?q=w", "/u/host0-with-a-name-of-many-words", "/u/host1-with-a-name-of-many-words"]
            {
                bob.go(page).await;
                bob.tab.until(&format!("{SETTLED} && document.querySelector('.card')")).await;
                let wide = bob.tab.value("document.scrollingElement.scrollWidth - innerWidth").await;
                assert_eq!(wide, json!(0), "{page} at {width} x {height}, {language}");
            }
        }
    }
}
