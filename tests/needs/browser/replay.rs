//! The replay of what was kept: the picture of each comment's moment, also where the host had dropped out in between.

use super::{scene::Scene, visitor::Visitor};
use crate::{need, picture::peer::encode_clock};
use libtest_mimic::Trial;
use serde_json::json;

pub fn tests() -> Vec<Trial> {
    need::tests![[Chromium, Ffmpeg]:
        a_replay_shows_the_picture_of_each_comment_over_a_hole,
        one_goes_back_in_a_picture_that_is_live_and_to_now_again,
    ]
}

/// What the picture says of its own time, in seconds: whole ones as the grey of its left half, the rest as that of its right.
const CLOCK: &str = "globalThis.seen = () => { const video = document.querySelector('.video'); \
    if (!video?.videoWidth) return -1; const canvas = document.createElement('canvas'); canvas.width = 160; canvas.height = 120; \
    const pen = canvas.getContext('2d'); pen.drawImage(video, 0, 0, 160, 120); \
    const grey = (x) => (pen.getImageData(x, 60, 1, 1).data[1] / 255) * 219; \
    return Math.round(grey(40) / 4) + grey(120) / 200; };";
/// How far a comment may be from its picture, in seconds: what passes on a busy machine until a page has seen a picture and said
/// something, and much less than the host was away.
const APART_S: f64 = 2.0;
/// What the clock of the second picture begins with, in seconds.
const SECOND: u32 = 25;

/// Says something once the picture is so far; gives what the picture said at that moment.
async fn says_at(viewer: &Visitor, scene: &Scene, text: &str, second: u32) -> f64 {
    viewer.tab.until(&format!("seen() >= {second}")).await;
    let path = format!("/streams/{}/comments", scene.stream);
    let said = format!(
        "{{ const at = seen(); await m.post({}, {{ content: {} }}); return at; }}",
        json!(path),
        json!(text)
    );
    viewer.tab.with_module("core/api.js", &said).await.as_f64().expect("a number")
}

/// Goes shortly before a moment of the replay, plays, and gives what the picture says when a comment comes.
async fn shows_at(viewer: &Visitor, text: &str, before_ms: i64) -> f64 {
    let seek = format!(
        "(() => {{ const r = document.querySelector('.scrub input'); r.value = {before_ms}; r.dispatchEvent(new Event('input')); }})()"
    );
    viewer.tab.value(&seek).await;
    viewer.no_longer_sees(text).await;
    viewer.tab.click(".scrub .icon-button").await;
    let comes = format!(
        "[...document.querySelectorAll('.log .comment .text')].some((t) => t.textContent === {}) && (globalThis.shown = seen(), true)",
        json!(text)
    );
    viewer.tab.until(&comes).await;
    let shown = viewer.tab.value("shown").await.as_f64().expect("a number");
    // At its end it stands by itself.
    let stand =
        "document.querySelector('.stage.running') && document.querySelector('.scrub .icon-button').click()";
    viewer.tab.value(stand).await;
    viewer.tab.until("!document.querySelector('.stage.running')").await;
    shown
}

/// Has the picture kept, and gives the address to which it is to be sent.
async fn kept_at(scene: &Scene) -> String {
    let path = format!("/streams/{}/ingest", scene.stream);
    let ingest = scene.host.api("PATCH", &path, &json!({"record": true})).await;
    let text = |member: &str| ingest[member].as_str().expect("a text").to_owned();
    format!("{}/{}", text("rtmp_url"), text("key"))
}

async fn a_replay_shows_the_picture_of_each_comment_over_a_hole() {
    let scene = Scene::live("Once more").await;
    let path = |rest: &str| format!("/streams/{}{rest}", scene.stream);
    let url = kept_at(&scene).await;
    let bob = scene.venue.person("bob").await;
    bob.tab.before_all(CLOCK).await;

    let encoder = encode_clock(&url, 0);
    bob.enter(&scene.stream).await;
    let first = says_at(&bob, &scene, "first", 4).await;
    bob.tab.until("seen() >= 6").await;
    encoder.kill();
    bob.tab.until("document.querySelector('.told-words').textContent.includes('stopped')").await;
    bob.say("where are you?").await;
    let encoder = encode_clock(&url, SECOND);
    let second = says_at(&bob, &scene, "second", SECOND + 4).await;
    encoder.kill();
    scene.host.api("POST", &path("/end"), &json!({})).await;

    let ready = format!("m.get({}).then((found) => found.state === 'ready')", json!(path("/recording")));
    while bob.tab.with_module("core/api.js", &ready).await != json!(true) {}
    let get = format!("m.get({})", json!(path("/comments?order=asc")));
    let comments = bob.tab.with_module("core/api.js", &get).await;
    let offset = |text: &str| {
        let all = comments["items"].as_array().expect("comments");
        let said = all.iter().find(|comment| comment["content"] == text).expect("it was said");
        said["offset_ms"].as_i64().expect("a number")
    };
    bob.go(&scene.room("")).await;
    bob.tab.until("document.querySelectorAll('.scrub-parts span').length === 2 && seen() >= 0").await;
    for (text, said) in [("second", second), ("first", first)] {
        let shown = shows_at(&bob, text, offset(text) - 2_000).await;
        println!("{text:?} was said at {said:.2} s of the picture, and is shown at {shown:.2}");
        assert!((shown - said).abs() < APART_S, "{text:?} was said at {said}, and is shown at {shown}");
    }

    // In the hole the picture stands, and comments come.
    shows_at(&bob, "where are you?", offset("where are you?") - 1_000).await;
    assert_eq!(bob.tab.value("document.querySelector('.replay-away').hidden").await, false);
    // A comment leads to its moment.
    let click = "[...document.querySelectorAll('.log .comment')].find((c) => c.querySelector('.text').textContent === 'first').querySelector('.moment').click()";
    bob.tab.value(click).await;
    bob.no_longer_sees("where are you?").await;
    bob.tab.until(&format!("Math.abs(seen() - {first}) < {APART_S}")).await;

    scene.host.go(&scene.room("/studio")).await;
    scene
        .host
        .tab
        .until("document.querySelector('a[href*=\"/0002.mp4?v=\"][href$=\"&download=true\"]')")
        .await;
    scene.host.tab.until("document.querySelector('a[href*=\"format=vtt&time=recording&part=2\"]')").await;
    bob.tab.assert_calm();
    scene.host.tab.assert_calm();
}

async fn one_goes_back_in_a_picture_that_is_live_and_to_now_again() {
    let scene = Scene::live("Not so fast").await;
    let url = kept_at(&scene).await;
    let _encoder = encode_clock(&url, 0);
    let bob = scene.venue.person("bob").await;
    bob.tab.before_all(CLOCK).await;
    // Who comes as soon as something is kept can go back at once.
    let kept = format!("m.get('/streams/{}/playback').then((found) => Boolean(found.rewind))", scene.stream);
    while bob.tab.with_module("core/api.js", &kept).await != json!(true) {}
    bob.enter(&scene.stream).await;
    bob.tab.until("document.querySelector('.rewind') && document.querySelector('.scrub').hidden").await;
    bob.tab.until("seen() >= 16").await;
    let now = bob.tab.value("seen()").await.as_f64().expect("a number");
    bob.tab.click(".rewind .rate").await;
    bob.tab
        .until(&format!("document.querySelector('.stage.rewound') && seen() > 0 && seen() < {}", now - 5.0))
        .await;
    let then = bob.tab.value("seen()").await.as_f64().expect("a number");
    println!("ten seconds back from {now:.2} s of the picture is {then:.2}");
    // It moves, and what is said now is heard.
    bob.tab.until(&format!("seen() > {then} + 1")).await;
    scene
        .host
        .api("POST", &format!("/streams/{}/comments", scene.stream), &json!({"content": "and now"}))
        .await;
    bob.sees("and now").await;
    bob.tab.until("document.querySelector('.stage.rewound')").await;
    bob.tab.click(".scrub .rate").await;
    bob.tab.until(&format!("!document.querySelector('.stage.rewound') && seen() > {now}")).await;
    bob.tab.until("document.querySelector('.delay')?.textContent === 'Real time'").await;
    // Where the stream ends there is nothing to go back in.
    scene.host.api("POST", &format!("/streams/{}/end", scene.stream), &json!({})).await;
    bob.tab.until("!document.querySelector('.rewind')").await;
    bob.tab.assert_calm();
}
