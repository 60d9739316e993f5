//! What the page costs: bytes on a cold cache, time to the first picture of a room, work a frame in a flood of comments.

use super::{
    cdp::{Browser, Tab},
    scene::Scene,
};
use crate::need;
use futures_util::{SinkExt, StreamExt};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

pub fn tests() -> Vec<Trial> {
    let mut tests = need::tests![[Chromium]: a_first_room_weighs_less_than_160_kilobytes];
    let measurements = need::tests![[Chromium]: a_flood_is_drawn_within_its_budget];
    tests.extend(
        measurements.into_iter().map(|trial| trial.with_kind("a measurement").with_ignored_flag(true)),
    );
    tests
}

const PAGE_BYTES: f64 = 160_000.0;
const COMMENT_NODES: u64 = 300;
const FRAME_MS: f64 = 6.0;
const PER_SECOND: u64 = 300;

/// What a browser without a cache loads for its first room: the script of the picture apart, which only some need.
async fn a_first_room_weighs_less_than_160_kilobytes() {
    let scene = Scene::live("Weighed").await;
    let guest = scene.guest().await;
    let loaded = "performance.getEntries().filter((e) => e.encodedBodySize && !e.name.includes('/api/')).map((e) => [e.name, e.encodedBodySize])";
    let entries = guest.tab.value(loaded).await;
    let sizes: HashMap<String, f64> = serde_json::from_value(entries)
        .map(|all: Vec<_>| all.into_iter().collect())
        .expect("names with sizes");
    let whole: f64 = sizes.values().sum();
    println!("a first room: {whole} bytes in {} files", sizes.len());
    assert!(sizes.len() > 20 && whole < PAGE_BYTES, "{whole} bytes: {sizes:?}");
}

/// Two minutes, and only in a release build: `cargo test --release --test needs browser::load -- --ignored`.
async fn a_flood_is_drawn_within_its_budget() {
    let scene = Scene::live("Flood").await;
    let Scene { host, stream, .. } = &scene;
    let token = host.tab.value(TOKEN).await.as_str().expect("logged in").to_owned();
    host.tab.go("about:blank").await;

    let first = scene.venue.visitor(&scene.room("")).await.tab;
    first.until("document.querySelector('.stage-badges .viewers')").await;
    println!("first contentful paint: {} ms", paint(&first).await);
    let flood = tokio::spawn(flood(scene.venue.house.url(&format!("/api/v1/streams/{stream}/ws")), token));
    first.until("document.querySelectorAll('.comment').length > 190").await;
    let before = heap(&first).await;
    let (per_frame, nodes) = watch(&scene.venue.browser, &first).await;
    let after = heap(&first).await;
    flood.abort();
    let median = per_frame[per_frame.len() / 2];
    println!(
        "{} frames, median {median:.2} ms, p90 {:.2} ms",
        per_frame.len(),
        per_frame[per_frame.len() * 9 / 10]
    );
    println!("at most {nodes} comment nodes; heap {before:.1} MB before, {after:.1} MB after");
    assert!(nodes <= COMMENT_NODES && median < FRAME_MS && after < before * 1.5 + 2.0);
}

const TOKEN: &str = "import(document.querySelector('script[type=module]').src.replace('app.js', 'core/session.js')).then((s) => s.token({}))";

async fn paint(tab: &Tab) -> Value {
    tab.value("performance.getEntriesByName('first-contentful-paint')[0].startTime").await
}

async fn heap(tab: &Tab) -> f64 {
    tab.call("HeapProfiler.collectGarbage", json!({})).await;
    let metrics = tab.call("Performance.getMetrics", json!({})).await;
    let all = metrics["metrics"].as_array().expect("a list");
    let used = all.iter().find(|m| m["name"] == "JSHeapUsedSize").expect("it is measured");
    used["value"].as_f64().expect("a number") / 1e6
}

/// A minute of it: milliseconds of scripting and layout of each frame, sorted, and the most comment nodes seen.
async fn watch(browser: &Browser, tab: &Tab) -> (Vec<f64>, u64) {
    browser.start_trace().await;
    let watch = "new Promise((done) => { let most = 0; const end = performance.now() + 60000; const look = () => { \
        most = Math.max(most, document.querySelectorAll('.comment, .flying').length); \
        performance.now() > end ? done(most) : setTimeout(look, 250); }; look(); })";
    let nodes = tab.value(watch).await.as_u64().expect("a number");
    (work_per_frame(&browser.stop_trace().await), nodes)
}

const WORK: [&str; 6] =
    ["FunctionCall", "TimerFire", "FireAnimationFrame", "Layout", "UpdateLayoutTree", "EventDispatch"];

/// Sums what does not lie within something else, by the frame in which it ended up on the screen.
fn work_per_frame(trace: &[Value]) -> Vec<f64> {
    let thread = |e: &Value| (e["pid"].as_u64(), e["tid"].as_u64());
    let mut busiest: HashMap<_, u32> = HashMap::new();
    for event in trace.iter().filter(|e| e["name"] == "FireAnimationFrame") {
        *busiest.entry(thread(event)).or_default() += 1;
    }
    let main = busiest.into_iter().max_by_key(|(_, n)| *n).expect("frames were drawn").0;
    let mut events: Vec<&Value> = trace.iter().filter(|e| thread(e) == main && e["ts"].is_u64()).collect();
    events.sort_by_key(|e| e["ts"].as_u64());
    let (mut frames, mut now, mut end) = (Vec::new(), 0.0, 0);
    for event in events {
        let at = event["ts"].as_u64().expect("checked");
        if event["name"] == "Commit" {
            frames.push(now);
            now = 0.0;
        } else if at >= end && WORK.iter().any(|name| event["name"] == *name) {
            let lasted = event["dur"].as_u64().unwrap_or(0);
            end = at + lasted;
            now += lasted as f64 / 1000.0;
        }
    }
    frames.sort_by(f64::total_cmp);
    frames
}

/// Three hundred different comments a second, over one socket.
async fn flood(url: String, token: String) {
    let mut request = url.replace("http", "ws").into_client_request().expect("an address");
    let bearer = format!("Bearer {token}").parse().expect("a header");
    request.headers_mut().insert("authorization", bearer);
    let (socket, _) = connect_async(request).await.expect("the room opens");
    let (mut sink, mut stream) = socket.split();
    tokio::spawn(async move { while let Some(Ok(_)) = stream.next().await {} });
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / PER_SECOND));
    for n in 0_u64.. {
        tick.tick().await;
        let style =
            if n.is_multiple_of(5) { json!({ "mode": "top", "color": "#ffd54a" }) } else { Value::Null };
        let op = json!({ "op": "comment", "ref": n.to_string(), "content": format!("comment number {n} of a flood 弹幕"), "style": style });
        if sink.send(Message::text(op.to_string())).await.is_err() {
            return;
        }
    }
}
