//! What hands and machines do: phones, input methods, odd dates, reloads, parts that do not load.

use super::scene::{Scene, Venue};
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_phone_of_360_pixels_scrolls_no_page_sideways_and_chats,
        an_enter_that_ends_a_composition_sends_nothing,
        a_date_too_far_away_is_refused_in_words,
        what_was_being_written_is_there_after_a_reload,
        a_part_that_does_not_load_is_told_or_reloaded,
        a_chat_that_does_not_load_leaves_the_stage_and_can_be_tried_again,
        a_button_that_is_pressed_twice_asks_once,
        a_refusal_gives_the_reason_of_the_server,
    ]
}

async fn a_phone_of_360_pixels_scrolls_no_page_sideways_and_chats() {
    let scene = Scene::live("A phone").await;
    let Scene { host: ana, stream, .. } = &scene;
    let tags = json!({ "tags": ["w".repeat(30), "m".repeat(30)] });
    ana.api("PATCH", &format!("/streams/{stream}"), &tags).await;
    let phone = json!({ "width": 360, "height": 640, "deviceScaleFactor": 2, "mobile": true });
    ana.tab.call("Emulation.setDeviceMetricsOverride", phone).await;
    ana.tab.call("Emulation.setTouchEmulationEnabled", json!({ "enabled": true })).await;
    let studio = ["", "?rules#settings.channel", "?people#people.channel", "?details#details.channel"];
    let studio = studio.map(|section| scene.room(&format!("/studio{section}")));
    let pages = ["/".to_owned(), "/u/ana".into(), "/account".into(), scene.room("")];
    for page in pages.iter().chain(&studio) {
        ana.go(page).await;
        ana.tab.until("document.querySelector('main')?.textContent.length > 20 && !document.querySelector('main .skeleton')").await;
        let wide = ana.tab.value("[document.scrollingElement.scrollWidth, innerWidth]").await;
        assert_eq!(wide, json!([360, 360]), "{page} scrolls sideways");
    }
    ana.go("/").await;
    ana.tab.until("document.querySelectorAll('.tag-bar .chip bdi').length === 2").await;
    let cut = "[...document.querySelectorAll('.tag-bar .chip')].filter((chip) => { const words = chip.querySelector('bdi'); \
        return words.scrollWidth > words.clientWidth + 1 && chip.clientWidth < chip.parentElement.clientWidth - 2; }).length";
    assert_eq!(ana.tab.value(cut).await, 0, "tags are cut that have room: the bar scrolls");
    ana.enter(stream).await;
    ana.say("from a phone").await;
    let seen = "(() => { const rows = document.querySelectorAll('.log .comment'); const r = rows[rows.length - 1].getBoundingClientRect(); \
        return r.top >= 0 && r.bottom <= innerHeight && document.elementFromPoint(r.x + 20, r.y + r.height / 2)?.closest('.comment') === rows[rows.length - 1]; })()";
    ana.tab.until(seen).await;
    let small = "[...document.querySelectorAll('input:not([type=range]):not([type=checkbox]), textarea, select')].filter((e) => parseFloat(getComputedStyle(e).fontSize) < 16).map((e) => e.name)";
    assert_eq!(ana.tab.value(small).await, json!([]), "iOS zooms into these");
    ana.tab.assert_calm();
}

async fn an_enter_that_ends_a_composition_sends_nothing() {
    let scene = Scene::joined("Input").await;
    let Scene { host: ana, .. } = &scene;
    ana.tab.write(".write", "にほんご").await;
    // As Safari sends it: the composition has ended, and the key that ended it comes as 229.
    let enter = "(() => { const box = document.querySelector('.write'); \
        box.dispatchEvent(new CompositionEvent('compositionend', { data: 'にほんご', bubbles: true })); \
        return box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true })); })()";
    assert_eq!(ana.tab.value(enter).await, json!(true), "it is left to the input method");
    assert_eq!(ana.tab.value("document.querySelector('.write').value").await, json!("にほんご"));
    ana.tab.enter().await;
    ana.sees("にほんご").await;
}

async fn a_date_too_far_away_is_refused_in_words() {
    let venue = Venue::open().await;
    let ana = venue.person("ana").await;
    ana.tab.click(".top-actions .button.primary").await;
    ana.tab.write("dialog [name=title]", "Far away").await;
    for far in ["12026-05-01T20:00", "275760-09-13T00:00", "9999-12-31T23:59"] {
        ana.tab
            .value(&format!("document.querySelector('dialog [name=scheduled_for]').value = '{far}'"))
            .await;
        ana.tab.click("dialog [type=submit]").await;
        ana.tab
            .until(
                "document.querySelector('[data-field=scheduled_for] .problem')?.textContent.includes('9999')",
            )
            .await;
    }
    ana.tab.assert_calm();
}

async fn what_was_being_written_is_there_after_a_reload() {
    let scene = Scene::joined("Drafts").await;
    let Scene { host: ana, stream, .. } = &scene;
    ana.tab.write(".write", "half a thou").await;
    ana.enter(stream).await;
    assert_eq!(ana.tab.value("document.querySelector('.write').value").await, json!("half a thou"));
    ana.say("a whole one").await;
    ana.enter(stream).await;
    assert_eq!(ana.tab.value("document.querySelector('.write').value").await, json!(""));
}

async fn a_part_that_does_not_load_is_told_or_reloaded() {
    let venue = Venue::open().await;
    let tab = venue.visitor("/").await.tab;
    tab.until("document.querySelector('main').firstChild").await;
    tab.call("Network.enable", json!({})).await;
    tab.call("Network.setBlockedURLs", json!({ "urls": ["*/pages/account.js"] })).await;
    tab.value("void (window.mark = true)").await;
    tab.with_module("core/router.js", "{ await m.go('/account'); }").await;
    tab.until("document.querySelector('main').textContent.includes('did not load')").await;
    assert_eq!(tab.value("window.mark").await, json!(true), "the same build is not loaded again");
    // A newer build stands behind the address now.
    tab.value("{ const real = fetch; window.fetch = async (url, init) => (url === '/' ? new Response('<script src=\"/assets/newer/app.js\">') : real(url, init)); }").await;
    tab.call("Network.setBlockedURLs", json!({ "urls": ["*/pages/profile.js"] })).await;
    tab.with_module("core/router.js", "{ m.go('/u/ana'); }").await;
    tab.until("window.mark === undefined").await;
    tab.assert_calm();
}

async fn a_chat_that_does_not_load_leaves_the_stage_and_can_be_tried_again() {
    let scene = Scene::live("Half a room").await;
    let tab = scene.venue.visitor("/").await.tab;
    tab.call("Network.enable", json!({})).await;
    tab.call("Network.setBlockedURLs", json!({ "urls": ["*/room/chat.js"] })).await;
    tab.go(&scene.venue.house.url(&scene.room(""))).await;
    tab.until("document.querySelector('.chat').textContent.includes('did not load')").await;
    assert_eq!(tab.value("document.querySelectorAll('.toast').length").await, json!(0));
    tab.call("Network.setBlockedURLs", json!({ "urls": [] })).await;
    tab.click(".chat .button").await;
    tab.until("document.querySelector('.chat .log')").await;

    // Who comes again asks for nothing again.
    let links = "document.querySelectorAll('link').length";
    let first = tab.value(links).await;
    for (page, there) in [
        ("/", "document.querySelector('.card-link')"),
        (&scene.room(""), "document.querySelector('.chat .log')"),
    ] {
        tab.with_module("core/router.js", &format!("{{ await m.go({}); }}", json!(page))).await;
        tab.until(there).await;
    }
    assert_eq!(tab.value(links).await, first);
}

async fn a_button_that_is_pressed_twice_asks_once() {
    let venue = Venue::open().await;
    let ana = venue.person("ana").await;
    ana.tab
        .value("{ const b = document.querySelector('.top-actions .button.primary'); b.click(); b.click(); }")
        .await;
    ana.tab.until("document.querySelector('dialog [name=title]')").await;
    // Whatever the second press asked for would be there with the answer to a call that came after it.
    ana.tab.with_module("core/api.js", "m.get('/site')").await;
    assert_eq!(ana.tab.value("document.querySelectorAll('dialog').length").await, json!(1));
    ana.tab.assert_calm();
}

async fn a_refusal_gives_the_reason_of_the_server() {
    let venue = Venue::with(&[("LIVEHOUSE_REGISTRATION", "closed")]).await;
    let ana = venue.visitor("/").await;
    ana.tab.click(".top-actions .button.quiet").await;
    ana.tab.click(".login .tab:nth-child(2)").await;
    ana.tab.write(".login [name=username]", "ana").await;
    ana.tab.write(".login [name=password]", super::visitor::PASSWORD).await;
    ana.tab.click(".login [type=submit]").await;
    ana.tab
        .until(
            "document.querySelector('.login form > .problem').textContent.includes('Registration is closed')",
        )
        .await;
}
