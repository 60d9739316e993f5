//! One person in several tabs, and a session that is not lost by accident.

use super::{cdp::Tab, scene::Venue};
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        who_logs_in_in_one_tab_is_logged_in_in_all,
        two_tabs_without_locks_renew_one_session_together,
        a_refresh_that_fails_is_tried_again,
    ]
}

/// Plain http, on which browsers have no locks, and a slow network: renewals that may overlap do.
const NO_LOCKS: &str = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }); \
    { const real = window.fetch; window.renewals = []; const now = () => performance.timeOrigin + performance.now(); \
    window.fetch = async (url, init) => { if (!String(url).endsWith('/sessions/refresh')) return real(url, init); \
    const from = now(); await new Promise((done) => setTimeout(done, 200)); \
    try { return await real(url, init); } finally { window.renewals.push([from, now()]); } }; }";
/// What another tab stored has not come here yet.
const STORED_LATE: &str = "{ const real = Storage.prototype.getItem; \
    Storage.prototype.getItem = function (key) { return key === 'livehouse.login' ? null : real.call(this, key); }; }";
const FAILS_ONCE: &str = "{ const real = window.fetch; let failed = false; \
    window.fetch = (url, init) => { if (!String(url).endsWith('/sessions/refresh') || failed) return real(url, init); \
    failed = true; return Promise.resolve(new Response('{\"code\":\"unavailable\"}', { status: 503 })); }; }";

async fn who_logs_in_in_one_tab_is_logged_in_in_all() {
    let venue = Venue::open().await;
    let first = venue.visitor("/").await;
    let second = first.beside().await;
    second.tab.before_all(STORED_LATE).await;
    second.go("/").await;
    let second = second.tab;
    second.until("document.querySelector('.top-actions .button')").await;
    first.tab.call("Page.bringToFront", json!({})).await;
    first.register("ana").await;
    second.until("document.querySelector('.avatar-button')").await;
    let may = second.with_module("core/api.js", "(await m.get('/users/me')).username").await;
    assert_eq!(may, json!("ana"));
    first.tab.with_module("core/session.js", "m.logout()").await;
    second.until("!document.querySelector('.avatar-button')").await;
}

async fn two_tabs_without_locks_renew_one_session_together() {
    let venue = Venue::open().await;
    let first = venue.person("ana").await;
    let second = first.beside().await;
    for visitor in [&first, &second] {
        visitor.tab.before_all(NO_LOCKS).await;
        visitor.go("/").await;
        visitor.tab.until("document.querySelector('.avatar-button')").await;
        assert_eq!(visitor.tab.value("navigator.locks ?? null").await, json!(null));
    }
    for _ in 0..3 {
        let renew = "(await m.token({ force: true })) !== null";
        let (one, two) = tokio::join!(
            first.tab.with_module("core/session.js", renew),
            second.tab.with_module("core/session.js", renew)
        );
        assert_eq!((one, two), (json!(true), json!(true)));
    }
    let (one, two) = (renewals(&first.tab).await, renewals(&second.tab).await);
    assert!(!one.is_empty() || !two.is_empty());
    for (from, to) in &one {
        assert!(two.iter().all(|(start, end)| end <= from || start >= to), "at once: {one:?} {two:?}");
    }
    for visitor in [&first, &second] {
        visitor.go("/").await;
        visitor.tab.until("document.querySelector('.avatar-button')").await;
    }
}

/// When this tab renewed the session, from and to.
async fn renewals(tab: &Tab) -> Vec<(f64, f64)> {
    let found = tab.value("window.renewals").await;
    serde_json::from_value(found).expect("pairs of numbers")
}

async fn a_refresh_that_fails_is_tried_again() {
    let venue = Venue::open().await;
    let ana = venue.person("ana").await;
    ana.tab.before_all(FAILS_ONCE).await;
    ana.go("/").await;
    ana.tab.until("document.querySelector('.top-actions .button.quiet')").await;
    ana.tab.until("document.querySelector('.avatar-button')").await;
}
