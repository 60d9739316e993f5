//! A whole show, from registration to replay, seen by two people in two browsers.

use super::{scene::Scene, visitor::Visitor};
use crate::need;
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_show_is_seen_by_two_from_registration_to_replay,
        an_ended_room_says_how_its_replay_is_begun,
        no_card_stands_twice_on_the_front_page,
    ]
}

async fn a_show_is_seen_by_two_from_registration_to_replay() {
    let scene = Scene::joined("Friday night jam").await;
    let Scene { host, stream, .. } = &scene;

    let guest = scene.venue.visitor("/").await;
    guest.tab.until("document.querySelector('.card-link')?.textContent === 'Friday night jam'").await;
    guest.register("bob").await;
    guest.enter(stream).await;
    chat(host, &guest).await;
    poll(&scene, &guest).await;
    moderate(host, &guest).await;
    replay(&scene, &guest).await;
    host.tab.assert_calm();
    guest.tab.assert_calm();
}

async fn chat(host: &Visitor, guest: &Visitor) {
    host.say("Welcome in").await;
    guest.sees("Welcome in").await;
    guest.say("晚上好 👋").await;
    host.sees("晚上好 👋").await;
    guest.tab.click(".reaction:nth-child(2)").await;
    host.tab
        .until("document.querySelector('.reaction:nth-child(2) .reaction-count').textContent === '1'")
        .await;
}

async fn poll(scene: &Scene, guest: &Visitor) {
    let host = &scene.host;
    host.go(&scene.room("/studio")).await;
    host.tab.write("[name=question]", "What next?").await;
    host.tab.write("[name=option0]", "Drums").await;
    host.tab.write("[name=option1]", "Drone").await;
    let form = "document.querySelector('[name=question]').form.requestSubmit()";
    host.tab.value(form).await;
    guest.tab.until("document.querySelector('.poll-question')?.textContent === 'What next?'").await;
    guest.tab.click(".poll-option:nth-child(2)").await;
    guest.tab.until("document.querySelectorAll('.poll-share')[1].textContent === '100%'").await;
    host.tab.until("document.querySelector('.tally li:nth-child(2)').textContent.includes('100%')").await;
    host.enter(&scene.stream).await;
    host.tab.click(".poll-foot .link").await;
    guest.tab.until("document.querySelector('.poll-option.won')?.textContent.includes('Drone')").await;
}

async fn moderate(host: &Visitor, guest: &Visitor) {
    guest.say("something rude").await;
    host.sees("something rude").await;
    host.choose("something rude", "Delete").await;
    guest.no_longer_sees("something rude").await;
    host.choose("晚上好 👋", "Pin").await;
    guest.tab.until("document.querySelector('.pinned')?.textContent.includes('晚上好')").await;
    guest.say("still rude").await;
    host.sees("still rude").await;
    host.choose("still rude", "Time out 10 minutes").await;
    guest.tab.until("!document.querySelector('.gate').hidden").await;
    guest.tab.until("document.querySelector('.gate').textContent.includes('until')").await;
}

async fn replay(scene: &Scene, guest: &Visitor) {
    scene.host.tab.click(".about-actions .danger").await;
    scene.host.tab.click("dialog .danger").await;
    guest.tab.until("document.querySelector('.stage-badges .badge.ended')").await;
    guest.go(&scene.room("")).await;
    guest.tab.until("document.querySelector('.scrub input')").await;
    let seek = "(() => { const r = document.querySelector('.scrub input'); r.value = r.max; r.dispatchEvent(new Event('input')); })()";
    guest.tab.value(seek).await;
    guest.sees("Welcome in").await;
    assert_eq!(guest.times("something rude").await, 0, "what was deleted is not replayed");
    let back = seek.replace("r.max", "0");
    guest.tab.value(&back).await;
    guest.no_longer_sees("Welcome in").await;
    guest.tab.click(".scrub .icon-button").await;
    guest.sees("Welcome in").await;
}

async fn an_ended_room_says_how_its_replay_is_begun() {
    let scene = Scene::joined("Over").await;
    scene.host.say("last words").await;
    scene.host.api("POST", &format!("/streams/{}/end", scene.stream), &json!({})).await;
    let guest = scene.venue.visitor(&scene.room("")).await;
    guest.tab.until("document.querySelector('.scrub input')").await;
    guest.tab.until("document.querySelector('.log-none').textContent.includes('Press play')").await;
    guest.tab.until("document.querySelector('.stage.idle')").await;
    let seen = "getComputedStyle(document.querySelector('.stage-controls')).opacity";
    assert_eq!(guest.tab.value(seen).await, json!("1"), "what begins it does not fade");
    guest.tab.assert_calm();
}

async fn no_card_stands_twice_on_the_front_page() {
    let scene = Scene::live("Only once").await;
    let bob = scene.venue.person("bob").await;
    bob.tab.with_module("core/api.js", "m.put('/users/ana/follow')").await;
    bob.go("/").await;
    let cards =
        "[...document.querySelectorAll('.card-link')].filter((c) => c.textContent === 'Only once').length";
    bob.tab.until(&format!("{cards} > 0 && !document.querySelector('main .skeleton')")).await;
    assert_eq!(bob.tab.value(cards).await, json!(1));
    bob.tab.assert_calm();
}
