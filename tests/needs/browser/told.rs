//! What becomes of a comment is told: held, left out, deleted.

use super::scene::Scene;
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_held_comment_waits_and_meets_its_fate,
        what_was_left_out_in_a_rush_is_told_and_can_be_read,
        deleted_words_stay_nowhere_on_the_page,
        a_folded_row_names_somebody_who_is_still_there,
        who_is_banned_from_the_studio_is_listed_and_can_be_let_back,
    ]
}

const RUSH: &[(&str, &str)] =
    &[("LIVEHOUSE_LIMITS_ROOM_COMMENTS_PER_SECOND", "2"), ("LIVEHOUSE_LIMITS_COMMENTS_PER_USER", "0")];

async fn a_held_comment_waits_and_meets_its_fate() {
    let scene = Scene::live("Held").await;
    let Scene { host, stream, .. } = &scene;
    host.api("PATCH", &format!("/streams/{stream}/settings"), &json!({ "hold_all": true })).await;
    let guest = scene.venue.visitor(&scene.room("")).await;
    let bob = scene.person("bob").await;

    for text in ["please", "or not"] {
        bob.tab.write(".write", text).await;
        bob.tab.enter().await;
    }
    bob.tab.until("document.querySelectorAll('.comment.held .fate').length === 2").await;
    assert_eq!(guest.times("please").await, 0, "nobody else sees it");
    host.go(&scene.room("/studio#held")).await;
    host.tab.until("document.querySelectorAll('.held-item').length === 2").await;
    host.tab.value(&decide("please", 1)).await;
    guest.sees("please").await;
    host.tab.value(&decide("or not", 2)).await;
    bob.tab
        .until("document.querySelector('.comment.failed .fate')?.textContent.includes('did not approve')")
        .await;
    bob.tab.until("!document.querySelector('.comment.held')").await;
    assert_eq!((bob.times("please").await, guest.times("or not").await), (1, 0));
    bob.tab.assert_calm();
    host.tab.assert_calm();
}

/// Presses a button of the held comment with this text.
fn decide(text: &str, button: u8) -> String {
    format!(
        "[...document.querySelectorAll('.held-item')].find((i) => i.textContent.includes({})).querySelector('.row button:nth-child({button})').click()",
        json!(text)
    )
}

async fn what_was_left_out_in_a_rush_is_told_and_can_be_read() {
    let scene = Scene::with(RUSH, "Rush").await;
    let stream = &scene.stream;
    let guest = scene.guest().await;
    let bob = scene.venue.person("bob").await;

    let rush = format!(
        "Promise.all([...Array(40).keys()].map((n) => m.post('/streams/{stream}/comments', {{ content: `rush ${{n}}.` }})))"
    );
    bob.tab.with_module("core/api.js", &format!("{{ await {rush}; }}")).await;
    guest.tab.until("!document.querySelector('.bar.calm').hidden").await;
    guest.tab.until("/left out/.test(document.querySelector('.bar.calm').textContent)").await;
    // The bar counts what was left out so far; reading it all takes as many turns as there were gaps.
    let seen = "[...document.querySelectorAll('.comment .text')].map((t) => t.textContent).filter((t) => /^rush/.test(t))";
    guest.tab.value("window.seen = new Set()").await;
    guest
        .tab
        .until(&format!(
            "({seen}.forEach((t) => window.seen.add(t)), document.querySelector('.bar.calm:not([hidden]) .link')?.click(), window.seen.size === 40)"
        ))
        .await;
    guest.tab.assert_calm();
}

async fn deleted_words_stay_nowhere_on_the_page() {
    let scene = Scene::joined("Deleted").await;
    let host = &scene.host;
    let bob = scene.person("bob").await;

    bob.say("secret words").await;
    host.sees("secret words").await;
    host.choose("secret words", "Pin").await;
    bob.tab.until("document.querySelector('.pinned')?.textContent.includes('secret words')").await;
    host.choose("secret words", "Reply").await;
    host.say("an answer").await;
    bob.sees("an answer").await;
    bob.tab.until("document.querySelector('.quote')?.textContent.includes('secret words')").await;
    bob.choose("secret words", "Reply").await;
    host.choose("secret words", "Delete").await;
    for visitor in [host, &bob] {
        visitor.no_longer_sees("secret words").await;
        visitor.tab.until("document.querySelector('.quote').textContent.includes('deleted')").await;
        assert!(!visitor.text().await.contains("secret words"), "it stays somewhere");
        visitor.tab.assert_calm();
    }
}

async fn a_folded_row_names_somebody_who_is_still_there() {
    let scene = Scene::joined("Folded").await;
    let Scene { host, stream, .. } = &scene;
    let guest = scene.venue.visitor("/").await;
    guest.tab.value("localStorage.setItem('livehouse.prefs', '{\"fold\":true}')").await;
    guest.enter(stream).await;
    for name in ["bob", "carl"] {
        scene.person(name).await.say("wow").await;
        guest.tab.until("document.querySelector('.comment .name')").await;
    }
    guest.tab.until("document.querySelector('.times')?.textContent === '×2'").await;
    host.tab.until("document.querySelectorAll('.log .comment').length === 2").await;
    let ban = json!({ "duration_s": null, "delete_comments": true });
    host.api("PUT", &format!("/streams/{stream}/bans/bob"), &ban).await;
    guest.tab.until("document.querySelector('.comment .name')?.textContent === 'carl'").await;
    guest.tab.until("!document.querySelector('.times')").await;
    assert_eq!(guest.times("wow").await, 1);
    assert!(!guest.text().await.contains("bob"), "nobody is named who is gone");
    guest.tab.assert_calm();
}

async fn who_is_banned_from_the_studio_is_listed_and_can_be_let_back() {
    let scene = Scene::live("Banned").await;
    let tab = &scene.host.tab;
    let bob = scene.person("bob").await;
    tab.click(".studio-nav [href='#people']").await;
    let bans = "[name=duration_s]";
    tab.until(&format!("document.querySelector('{bans}')?.value === '10 min'")).await;
    tab.write("form:has([name=reason]) [name=username]", "@bob").await;
    tab.write(bans, "soon").await;
    tab.click("form:has([name=reason]) [type=submit]").await;
    tab.until("document.querySelector('[data-field=duration_s] .problem')?.textContent.includes('10 min')")
        .await;
    tab.write(bans, "1 h 30").await;
    tab.write("[name=reason]", "rest a while").await;
    tab.click("form:has([name=reason]) [type=submit]").await;
    let line = "document.querySelector('.panel:has([name=reason]) .line')";
    tab.until(&format!("/bob.*Until.*rest a while/.test({line}?.textContent)")).await;
    assert_eq!(tab.value(&format!("document.querySelector('{bans}').value")).await, "10 min", "as it was");
    bob.tab.until("!document.querySelector('.gate').hidden").await;
    tab.click(".panel:has([name=reason]) .line button").await;
    tab.until(&format!("!{line}")).await;
    bob.tab.until("document.querySelector('.gate').hidden").await;
    bob.say("thank you").await;
    tab.click(".studio-nav [href='#audit']").await;
    tab.until("/Ban lifted.*Ban or timeout/s.test(document.querySelector('.table').textContent)").await;
    tab.assert_calm();
    bob.tab.assert_calm();
}
