//! What a host keeps from stream to stream, set in the studio of one of them: it holds in the others, and is seen there.

use super::{scene::Scene, visitor::Visitor};
use crate::need;
use libtest_mimic::Trial;
use serde_json::{Value, json};

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium]:
        a_rule_of_the_channel_holds_until_a_stream_has_its_own,
        a_ban_of_the_channel_is_typed_as_people_do_and_holds_in_other_streams,
        words_and_moderators_of_the_channel_are_kept_apart_from_those_of_a_stream,
        who_moderates_one_stream_alone_is_offered_no_channel,
        what_a_host_says_of_themselves_stands_on_their_page,
    ]
}

/// Opens a section of the studio.
async fn section(who: &Visitor, scene: &Scene, name: &str) {
    who.go(&scene.room(&format!("/studio?{name}#{name}"))).await;
    who.tab.until("document.querySelector('.studio-body form')").await;
}

/// Sends the form that has a field of this name.
async fn send(who: &Visitor, field: &str) {
    who.tab
        .value(&format!("document.querySelector('.studio-body [name=\"{field}\"]').form.requestSubmit()"))
        .await;
}

async fn saved(who: &Visitor, field: &str) {
    send(who, field).await;
    who.tab
        .until(
            "[...document.querySelectorAll('.toast')].some((toast) => toast.textContent.includes('Saved'))",
        )
        .await;
}

/// Another stream of the host, which is live.
async fn another(scene: &Scene, title: &str) -> String {
    let made = scene.host.api("POST", "/streams", &json!({ "title": title })).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    scene.host.api("POST", &format!("/streams/{id}/start"), &json!({})).await;
    id
}

async fn read(who: &Visitor, path: &str) -> Value {
    who.tab.with_module("core/api.js", &format!("m.get('{path}')")).await
}

/// Which rules the stream has of its own.
async fn own(scene: &Scene) -> Value {
    read(&scene.host, &format!("/streams/{}/settings", scene.stream)).await["own"].clone()
}

async fn a_rule_of_the_channel_holds_until_a_stream_has_its_own() {
    let scene = Scene::live("One").await;
    let (host, other) = (&scene.host, another(&scene, "Two").await);
    let guest = scene.venue.person("bob").await;
    guest.enter(&other).await;
    section(host, &scene, "settings.channel").await;
    host.tab.write("[name=slow_mode_s]", "half a minute").await;
    saved(host, "slow_mode_s").await;
    guest.tab.until("document.querySelector('.chat').textContent.includes('30 s')").await;

    section(host, &scene, "settings").await;
    let [shown, inherited] = ["value", "checked"].map(|what| {
        let name = if what == "value" { "slow_mode_s" } else { "inherit.slow_mode_s" };
        format!("document.querySelector('[name=\"{name}\"]').{what}")
    });
    assert_eq!(host.tab.value(&shown).await, json!("30 s"));
    assert_eq!(host.tab.value(&inherited).await, json!(true));
    host.tab.write("[name=slow_mode_s]", "10 sec").await;
    assert_eq!(host.tab.value(&inherited).await, json!(false), "what is written here is its own");
    saved(host, "slow_mode_s").await;
    assert_eq!(own(&scene).await, json!(["slow_mode_s"]));
    host.tab.until(&format!("{shown} === '10 s'")).await;
    host.tab.click("[name='inherit.slow_mode_s']").await;
    send(host, "slow_mode_s").await;
    host.tab.until(&format!("{shown} === '30 s'")).await;
    assert_eq!(own(&scene).await, json!([]));
    host.tab.assert_calm();
    guest.tab.assert_calm();
}

async fn a_ban_of_the_channel_is_typed_as_people_do_and_holds_in_other_streams() {
    let scene = Scene::live("One").await;
    let (host, other) = (&scene.host, another(&scene, "Two").await);
    let guest = scene.venue.person("bob").await;
    guest.enter(&other).await;
    section(host, &scene, "people.channel").await;
    let bans = ".studio-body .panel:last-child";
    host.tab.write(&format!("{bans} [name=username]"), "@bob").await;
    host.tab.write(&format!("{bans} [name=duration_s]"), "1 h 30").await;
    host.tab.write(&format!("{bans} [name=reason]"), "rude").await;
    send(host, "duration_s").await;
    host.tab.until(&format!("document.querySelector('{bans} .line')?.textContent.includes('bob')")).await;
    guest.tab.until("document.querySelector('.gate')?.textContent.includes('rude')").await;
    section(host, &scene, "people").await;
    host.tab
        .until(&format!("document.querySelector('{bans} .line .tag')?.textContent === 'All streams'"))
        .await;
    let ban = read(host, "/channels/ana/bans").await["items"][0].clone();
    let time = |name: &str| {
        let text = ban[name].as_str().expect("a time");
        text.parse::<jiff::Timestamp>().expect("a time").as_second()
    };
    assert_eq!((time("until") - time("created_at")), 5400, "{ban}");
    host.tab.click(&format!("{bans} .line button")).await;
    guest.tab.until("document.querySelector('.gate').hidden").await;
    host.tab.assert_calm();
}

async fn words_and_moderators_of_the_channel_are_kept_apart_from_those_of_a_stream() {
    let scene = Scene::live("One").await;
    let (host, other) = (&scene.host, another(&scene, "Two").await);
    let guest = scene.venue.person("bob").await;
    section(host, &scene, "terms.channel").await;
    host.tab.write("[name=mask]", "rhubarb").await;
    saved(host, "mask").await;
    section(host, &scene, "terms").await;
    assert_eq!(host.tab.value("document.querySelector('[name=mask]').value").await, json!(""));
    guest.enter(&other).await;
    guest.tab.write(".write", "a rhubarb pie").await;
    guest.tab.enter().await;
    guest.sees("a ******* pie").await;

    section(host, &scene, "people.channel").await;
    let moderators = ".studio-body .panel:nth-child(2)";
    host.tab.write(&format!("{moderators} [name=username]"), "bob").await;
    host.tab.click(&format!("{moderators} [type=submit]")).await;
    guest.tab.until("document.querySelector('a[href$=\"/studio\"]')").await;
    section(host, &scene, "people").await;
    host.tab
        .until(&format!("document.querySelector('{moderators} .line .tag')?.textContent === 'All streams'"))
        .await;
    let undo = format!("document.querySelectorAll('{moderators} .line button').length");
    assert_eq!(host.tab.value(&undo).await, json!(0), "they are dismissed in the channel");
    host.tab.assert_calm();
}

async fn who_moderates_one_stream_alone_is_offered_no_channel() {
    let scene = Scene::live("One").await;
    let bob = scene.venue.person("bob").await;
    scene.host.api("PUT", &format!("/streams/{}/moderators/bob", scene.stream), &json!({})).await;
    section(&bob, &scene, "settings").await;
    assert_eq!(bob.tab.value("document.querySelectorAll('.scopes').length").await, json!(0));
    scene.host.api("PUT", "/channels/ana/moderators/bob", &json!({})).await;
    bob.go("/").await;
    section(&bob, &scene, "settings").await;
    bob.tab.click(".scopes .tab:last-child").await;
    bob.tab.until("location.hash === '#settings.channel' && document.querySelector('.scopes .tab:last-child[aria-current]')").await;
    bob.tab
        .until("document.querySelector('[name=slow_mode_s]') && !document.querySelector('.inherit')")
        .await;
}

async fn what_a_host_says_of_themselves_stands_on_their_page() {
    let scene = Scene::live("One").await;
    let host = &scene.host;
    section(host, &scene, "details.channel").await;
    host.tab.write("[name=bio]", "Songs on Fridays").await;
    host.tab.write("[name=url0]", "http://example.com/ana").await;
    send(host, "bio").await;
    host.tab.until("document.querySelector('[data-field=links] .problem').textContent").await;
    host.tab.write("[name=url0]", "https://example.com/ana").await;
    saved(host, "bio").await;
    host.go("/u/ana").await;
    host.tab.until("document.querySelector('.profile-bio')?.textContent === 'Songs on Fridays'").await;
    let link = "(() => { const a = document.querySelector('.profile a.chip'); return [a.textContent, a.href, a.rel]; })()";
    let expected = json!(["example.com", "https://example.com/ana", "nofollow ugc noopener noreferrer"]);
    assert_eq!(host.tab.value(link).await, expected);
    host.tab.assert_calm();
}
