//! The page of a host: what is live or next, and a schedule by the clock of whoever reads it.

use super::{scene::Venue, visitor::Visitor};
use crate::need;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_schedule_goes_by_the_clock_of_its_reader,
        a_profile_begins_with_what_is_live_or_else_with_what_is_next,
        a_calendar_of_the_schedule_can_be_taken_along,
    ]
}

const SETTLED: &str = "document.querySelector('.profile')?.textContent.length > 10 && document.querySelector('.shelf:not([hidden])')";
/// The days of a schedule with the times and titles on each.
const AGENDA: &str = "[...document.querySelectorAll('.shelf:not([hidden]) .agenda-day')].map((d) => \
    [d.querySelector('h3').textContent, [...d.querySelectorAll('.agenda-line')].map((l) => \
        [l.querySelector('time')?.textContent ?? null, l.querySelector('a').textContent, l.matches('.next')])])";
const HEADINGS: &str =
    "[...document.querySelectorAll('.profile .shelf:not([hidden]) h2')].map((h) => h.textContent)";

async fn announce(host: &Visitor, title: &str, time: Option<&str>) -> String {
    let made = host.api("POST", "/streams", &json!({ "title": title, "scheduled_for": time })).await;
    made["id"].as_str().expect("an id").to_owned()
}

async fn a_schedule_goes_by_the_clock_of_its_reader() {
    let venue = Venue::open().await;
    let ana = venue.person("ana").await;
    announce(&ana, "Second", Some("2041-05-02T02:30:00Z")).await;
    announce(&ana, "First", Some("2041-05-01T20:00:00Z")).await;
    announce(&ana, "Some day", None).await;
    let reader = venue.visitor("/").await;
    let open = ["No time set yet".into(), json!([[null, "Some day", false]])];
    let zones = [
        (
            "America/New_York",
            "Eastern Time",
            json!([["Wednesday, May 1", [["04:00 PM", "First", true], ["10:30 PM", "Second", false]]], open]),
        ),
        (
            "Asia/Shanghai",
            "China Standard Time",
            json!([["Thursday, May 2", [["04:00 AM", "First", true], ["10:30 AM", "Second", false]]], open]),
        ),
        (
            "Europe/London",
            "United Kingdom Time",
            json!([
                ["Wednesday, May 1", [["09:00 PM", "First", true]]],
                ["Thursday, May 2", [["03:30 AM", "Second", false]]],
                open
            ]),
        ),
    ];
    let named = "document.querySelector('.shelf:not([hidden]) > .hint').textContent";
    for (zone, name, expected) in &zones {
        reader.tab.call("Emulation.setTimezoneOverride", json!({ "timezoneId": zone })).await;
        reader.go("/u/ana").await;
        reader.tab.until(SETTLED).await;
        assert_eq!(&reader.tab.value(AGENDA).await, expected, "{zone}");
        assert_eq!(reader.tab.value(named).await, json!(format!("Times are in your time zone, {name}.")));
    }
    reader.tab.assert_calm();
}

async fn a_profile_begins_with_what_is_live_or_else_with_what_is_next() {
    let venue = Venue::open().await;
    let ana = venue.person("ana").await;
    let guest = venue.visitor("/u/ana").await;
    guest.tab.until("document.querySelector('.profile .empty')").await;

    let next = announce(&ana, "Next", Some("2041-05-01T20:00:00Z")).await;
    guest.go("/u/ana").await;
    guest.tab.until(SETTLED).await;
    assert_eq!(guest.tab.value(HEADINGS).await, json!(["Next"]), "what stands there big is not said twice");
    let calendar = "document.querySelector('.shelf:not([hidden]) .shelf-aside a')?.getAttribute('href')";
    assert_eq!(guest.tab.value(calendar).await, json!("/@ana/calendar.ics"));

    announce(&ana, "Later", Some("2041-06-01T20:00:00Z")).await;
    guest.go("/u/ana").await;
    guest.tab.until(SETTLED).await;
    assert_eq!(guest.tab.value(HEADINGS).await, json!(["Next", "Schedule"]));
    assert_eq!(guest.tab.value(calendar).await, json!("/@ana/calendar.ics"));

    ana.api("POST", &format!("/streams/{next}/start"), &json!({})).await;
    guest.go("/@ana").await;
    guest.tab.until("document.querySelector('.stage')").await;
    guest.go("/u/ana").await;
    guest.tab.until(SETTLED).await;
    assert_eq!(guest.tab.value(HEADINGS).await, json!(["Live now", "Schedule"]));

    ana.api("POST", &format!("/streams/{next}/end"), &json!({})).await;
    guest.go("/u/ana").await;
    guest.tab.until(SETTLED).await;
    assert_eq!(guest.tab.value(HEADINGS).await, json!(["Next", "Past streams"]));
    guest.tab.assert_calm();
}

async fn a_calendar_of_the_schedule_can_be_taken_along() {
    let venue = Venue::open().await;
    let ana = venue.person("ana").await;
    announce(&ana, "Only an idea", None).await;
    let guest = venue.visitor("/u/ana").await;
    guest.tab.until(SETTLED).await;
    let link = "document.querySelector('a[href$=\"calendar.ics\"]')";
    assert_eq!(
        guest.tab.value(&format!("{link}.checkVisibility()")).await,
        json!(false),
        "nothing has a time"
    );
    announce(&ana, "At eight", Some("2041-05-01T20:00:00Z")).await;
    guest.go("/u/ana").await;
    guest.tab.until(&format!("{link}?.checkVisibility() && {link}.download")).await;
    let calendar = guest.tab.value(&format!("fetch({link}.href).then((r) => r.text())")).await;
    let calendar = calendar.as_str().unwrap_or_default();
    assert!(calendar.contains("SUMMARY:At eight") && calendar.contains("20410501T200000Z"), "{calendar}");
    assert_eq!(guest.tab.troubles(), Vec::<String>::new());
    assert_ne!(guest.tab.value("document.querySelector('.agenda .next a')").await, Value::Null);
}
