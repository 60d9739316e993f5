//! Who somebody is, and what the reader does about them: cards, ignoring, the shield, the chat in a window of its own.

use super::{scene::Scene, visitor::Visitor};
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_card_shows_what_somebody_said_and_moderators_act_from_it,
        who_is_ignored_is_not_seen_until_let_back,
        the_shield_quiets_a_room_and_gives_it_back,
        the_chat_stands_in_a_window_of_its_own,
        the_theatre_has_the_whole_window,
    ]
}

async fn a_card_shows_what_somebody_said_and_moderators_act_from_it() {
    let scene = Scene::joined("Cards").await;
    let host = &scene.host;
    let bob = scene.person("bob").await;
    for text in ["kind words", "rude words"] {
        bob.say(text).await;
        host.sees(text).await;
    }
    scene.person("carl").await.say("words of another").await;
    host.sees("words of another").await;
    open_card(host, "bob").await;
    let said = "[...document.querySelectorAll('.card-of .comment .text')].map((t) => t.textContent)";
    host.tab.until(&format!("{said}.join() === 'rude words,kind words'")).await;
    host.tab.click(".card-of .comment .row-act").await;
    bob.no_longer_sees("rude words").await;
    host.tab.until(&format!("{said}.join() === 'kind words'")).await;
    host.tab.write(".card-of [name=duration_s]", "2 h").await;
    host.tab.enter().await;
    bob.tab.until("document.querySelector('.gate').textContent.includes('until')").await;
    press(host, "Lift ban").await;
    bob.tab.until("document.querySelector('.gate').hidden").await;
    press(host, "Make a moderator").await;
    bob.tab.until("document.querySelector('.about-actions [href$=studio]')").await;
    press(host, "Mention").await;
    host.tab.until("document.querySelector('.write').value === '@bob '").await;
    host.tab.assert_calm();
    bob.tab.assert_calm();
}

async fn who_is_ignored_is_not_seen_until_let_back() {
    let scene = Scene::joined("Ignored").await;
    let host = &scene.host;
    let [bob, carl] = [scene.person("bob").await, scene.person("carl").await];
    bob.say("loud").await;
    carl.sees("loud").await;
    carl.choose("loud", "Reply").await;
    carl.say("an answer").await;
    open_card(&carl, "bob").await;
    press(&carl, "Ignore").await;
    carl.no_longer_sees("loud").await;
    carl.tab.until("document.querySelector('.quote').textContent.includes('you ignore')").await;
    bob.say("louder").await;
    host.say("said after it").await;
    carl.sees("said after it").await;
    assert_eq!(carl.times("louder").await, 0);
    carl.enter(&scene.stream).await;
    carl.sees("said after it").await;
    assert_eq!(carl.times("loud").await + carl.times("louder").await, 0);
    carl.tab.click(".chat-tools > :last-child").await;
    carl.tab.click(".settings-popup .switch .link").await;
    carl.enter(&scene.stream).await;
    carl.sees("louder").await;
    carl.tab.assert_calm();
}

async fn the_shield_quiets_a_room_and_gives_it_back() {
    let scene = Scene::joined("Shield").await;
    let Scene { host, stream, .. } = &scene;
    let settings = format!("/streams/{stream}/settings");
    let bob = scene.person("bob").await;
    host.api("PATCH", &settings, &json!({ "slow_mode_s": 5 })).await;
    bob.tab.until("document.querySelector('.wait').textContent.includes('5 seconds')").await;
    let shield = ".chat-tools button:first-child";
    host.tab.click(shield).await;
    bob.tab.until("document.querySelector('.wait').textContent.includes('30 seconds')").await;
    bob.tab.write(".write", "I follow nobody").await;
    bob.tab.enter().await;
    bob.tab.until("document.querySelector('.comment.failed')?.textContent.includes('followers')").await;
    host.enter(stream).await;
    host.tab
        .until(&format!("document.querySelector('{shield}').getAttribute('aria-pressed') === 'true'"))
        .await;
    host.tab.click(shield).await;
    bob.tab.until("document.querySelector('.wait').textContent.includes('5 seconds')").await;
    bob.tab.until("document.querySelector('.chat-tools button:first-child').hidden").await;
    host.tab.assert_calm();
}

async fn the_chat_stands_in_a_window_of_its_own() {
    let scene = Scene::joined("Window").await;
    let host = &scene.host;
    host.say("said in the room").await;
    let window = host.beside().await;
    window.go(&format!("/pop/{}", scene.stream)).await;
    window.sees("said in the room").await;
    window.tab.until("getComputedStyle(document.querySelector('.top')).display === 'none'").await;
    window.say("said in the window").await;
    // A tab behind another draws nothing.
    host.tab.call("Page.bringToFront", json!({})).await;
    host.sees("said in the window").await;
    host.tab.value("window.open = (...all) => { window.opened = all; }, 0").await;
    host.tab.click(".chat-tools > :last-child").await;
    host.tab.click(".settings-popup .menu-item").await;
    let opened = host.tab.value("window.opened[0]").await;
    assert_eq!(opened, json!(format!("/pop/{}", scene.stream)));
    window.tab.assert_calm();
}

async fn the_theatre_has_the_whole_window() {
    let scene = Scene::joined("Theatre").await;
    let host = &scene.host;
    host.tab.click(".theatre-button").await;
    let stage = "(() => { const r = document.querySelector('.stage').getBoundingClientRect(); return r.top === 0 && r.left === 0 && r.height === innerHeight; })()";
    host.tab.until(stage).await;
    host.enter(&scene.stream).await;
    host.tab.until(stage).await;
    host.tab
        .value("document.dispatchEvent(new KeyboardEvent('keydown', { key: 't', bubbles: true })), 0")
        .await;
    host.tab.until("document.querySelector('.top').getClientRects().length").await;
    host.tab.assert_calm();
}

async fn open_card(visitor: &Visitor, name: &str) {
    let name = format!(
        "[...document.querySelectorAll('.log .comment .name')].find((n) => n.textContent === '{name}')"
    );
    visitor.tab.until(&name).await;
    visitor.tab.value(&format!("{name}.click(), {name}.click()")).await;
    visitor.tab.until("document.querySelectorAll('.card-of').length === 1").await;
}

/// Presses a button of the open card by its words.
async fn press(visitor: &Visitor, words: &str) {
    let button =
        format!("[...document.querySelectorAll('.card-of button')].find((b) => b.textContent === '{words}')");
    visitor.tab.until(&button).await;
    visitor.tab.value(&format!("{button}.click()")).await;
}
