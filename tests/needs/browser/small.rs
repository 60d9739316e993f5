//! The room on small screens, with everything standing at once: the comments keep their share, a keyboard covers nothing.

use super::{cdp::Tab, scene::Scene};
use crate::need;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        comments_have_their_share_of_every_screen,
        what_was_read_is_a_line_and_what_was_closed_stays_away,
        a_keyboard_that_lies_over_the_page_covers_no_place_to_write,
    ]
}

/// Width and height of phones, one with its keyboard open, one on its side, of a tablet and of a desk.
const SCREENS: [(u32, u32); 6] = [(360, 640), (390, 508), (390, 844), (844, 390), (768, 1024), (1280, 700)];
/// What the comments have of the chat at least, and what stands above them at most.
const SHARES: (f64, f64) = (0.4, 1.0 / 3.0);

async fn comments_have_their_share_of_every_screen() {
    let scene = Scene::joined("A full house").await;
    let bob = scene.person("bob").await;
    fill(&scene).await;
    for language in ["en", "zh-CN"] {
        bob.tab.value(&format!("localStorage.setItem('livehouse.lang', '{language}')")).await;
        for (width, height) in SCREENS {
            bob.tab.value("localStorage.removeItem('livehouse.seen')").await;
            resize(&bob.tab, width, height).await;
            bob.enter(&scene.stream).await;
            let screen = format!("{width} x {height}, {language}");
            assert_shares(&bob.tab, &format!("{screen}, new")).await;
            bob.tab.value(ANSWER).await;
            bob.tab.until("!document.querySelector('.replying').hidden").await;
            assert_shares(&bob.tab, &format!("{screen}, answering")).await;
        }
    }
    bob.tab.assert_calm();
}

async fn what_was_read_is_a_line_and_what_was_closed_stays_away() {
    let scene = Scene::joined("Read").await;
    let bob = scene.person("bob").await;
    fill(&scene).await;
    resize(&bob.tab, 390, 844).await;
    bob.enter(&scene.stream).await;
    bob.tab
        .until(
            "document.querySelector('.announce:not(.folded) .notice-text')?.textContent.includes('at nine')",
        )
        .await;
    bob.tab.click(".write").await;
    let lines = "[...document.querySelectorAll('.notice:not([hidden])')].every((n) => n.matches('.folded') && n.offsetHeight < 40)";
    bob.tab.until(lines).await;
    bob.tab.click(".announce .notice-line").await;
    bob.tab.until("document.activeElement.matches('.announce .notice-fold')").await;
    bob.tab.enter().await;
    bob.tab.until("document.activeElement.matches('.announce.folded .notice-line')").await;
    bob.tab.enter().await;
    bob.tab.click(".announce .notice-tools button:last-child").await;
    bob.enter(&scene.stream).await;
    bob.tab.until("document.querySelectorAll('.notice:not([hidden])').length === 2").await;
    bob.tab.until(lines).await;
    bob.tab.assert_calm();
}

/// As on iOS: the window stays as high as it was, only less of it is seen.
async fn a_keyboard_that_lies_over_the_page_covers_no_place_to_write() {
    let scene = Scene::joined("Keyboard").await;
    let bob = scene.venue.person("bob").await;
    let before = "{ const seen = Object.assign(new EventTarget(), { scale: 1 }); window.keyboard = 0; \
        Object.defineProperty(seen, 'height', { get: () => innerHeight - window.keyboard }); \
        Object.defineProperty(window, 'visualViewport', { value: seen }); }";
    bob.tab.before_all(before).await;
    resize(&bob.tab, 390, 844).await;
    bob.enter(&scene.stream).await;
    let foot = "document.querySelector('.chat-foot').getBoundingClientRect().bottom";
    bob.tab.until(&format!("{foot} === 844")).await;
    bob.tab.value("void (window.keyboard = 336, visualViewport.dispatchEvent(new Event('resize')))").await;
    bob.tab.until(&format!("{foot} === 844 - 336")).await;
    assert_shares(&bob.tab, "under a keyboard").await;
    bob.tab.value("void (window.keyboard = 0, visualViewport.dispatchEvent(new Event('resize')))").await;
    bob.tab.until(&format!("{foot} === 844")).await;
}

/// An announcement, a pin, a poll, a question, slow mode, and something to read.
async fn fill(scene: &Scene) {
    let Scene { host, stream, .. } = scene;
    for n in 0..12 {
        host.say(&format!("Line {n} of what people say tonight")).await;
    }
    host.choose("Line 3 of what people say tonight", "Pin").await;
    let at = |rest: &str| format!("/streams/{stream}{rest}");
    let said =
        "We go on at nine with two more songs, and afterwards you may ask anything you like. ".repeat(3);
    host.api("POST", &at("/announcements"), &json!({ "content": said })).await;
    let poll = json!({ "question": "Which song shall come next, after the break?", "options": ["The slow one", "The fast one", "Another"], "duration_s": 600 });
    host.api("POST", &at("/polls"), &poll).await;
    host.api("POST", &at("/questions"), &json!({ "content": "How old is this guitar?" })).await;
    host.api("PATCH", &at("/settings"), &json!({ "slow_mode_s": 30 })).await;
}

async fn resize(tab: &Tab, width: u32, height: u32) {
    let phone = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true });
    tab.call("Emulation.setDeviceMetricsOverride", phone).await;
}

/// Begins an answer by the menu of the last comment.
const ANSWER: &str = "document.querySelector('.log .comment:last-child').dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true })), \
    document.querySelector('.menu-item').click()";

async fn assert_shares(tab: &Tab, screen: &str) {
    tab.until("document.querySelectorAll('.log .comment').length > 3 || !document.querySelector('.log-none').hidden")
        .await;
    let measured = "(() => { const box = (part) => document.querySelector(part).getBoundingClientRect(); \
        const [chat, log, foot] = [box('.chat'), box('.log'), box('.chat-foot')]; \
        return { log: (Math.min(log.bottom, innerHeight) - log.top) / chat.height, notices: box('.notices').height / chat.height, \
            below: Math.max(foot.bottom, chat.bottom) - innerHeight, wide: document.scrollingElement.scrollWidth - innerWidth }; })()";
    let shown = tab.value(measured).await;
    let share = |part: &str| shown[part].as_f64().expect("a number");
    assert!(share("log") >= SHARES.0, "{screen}: {shown}");
    assert!(share("notices") <= SHARES.1, "{screen}: {shown}");
    assert!(share("below") <= 0.5, "{screen}: {shown}");
    assert_eq!(shown["wide"], Value::from(0), "{screen}: {shown}");
}
