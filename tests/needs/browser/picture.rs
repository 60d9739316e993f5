//! The picture of a room in real browsers: from the camera of one into another, by HLS where WebRTC has no codec, and from
//! elsewhere.

use super::{
    firefox::Firefox,
    scene::{Scene, Venue},
    visitor::Visitor,
};
use crate::need::{self, Need};
use libtest_mimic::Trial;
use serde_json::json;
use std::{fs, path::Path, process::Command};

pub fn tests() -> Vec<Trial> {
    let mut all = need::tests![[Chromium]:
        a_camera_goes_live_and_moves_in_another_browser,
        a_button_of_the_broadcast_stays_where_a_finger_is,
        a_page_whose_place_was_taken_stays_away_though_the_other_stops_at_once,
        a_page_that_is_left_takes_its_question_and_its_camera_along,
        a_stream_that_is_deleted_on_air_takes_its_host_home_and_blames_nobody,
        a_browser_without_the_codec_sees_it_by_hls,
        a_card_shows_the_picture,
        a_silent_source_leaves_its_last_picture_and_is_said_to_have_stopped,
    ];
    all.extend(need::tests![[Chromium, Firefox]: firefox_without_the_codec_sees_it_by_hls]);
    all.extend(need::tests![[Chromium, Ffmpeg]:
        a_picture_from_elsewhere_plays_and_is_tried_again_when_it_fails,
        keys_play_and_silence_the_picture_and_fill_the_screen_but_not_while_one_writes,
    ]);
    all
}

/// The picture moves: a dozen frames of it have been drawn, and nothing lies over it.
const MOVES: &str = "document.querySelector('.video')?.getVideoPlaybackQuality().totalVideoFrames > 12 \
    && !document.querySelector('.stage.no-video') && document.querySelector('.told').hidden";
const IN_REAL_TIME: &str = "document.querySelector('.delay')?.textContent === 'Real time'";
const BEHIND: &str = "/^\\d+(\\.\\d)? s behind$/.test(document.querySelector('.delay')?.textContent)";
/// A browser that can do WebRTC, but not with H.264.
const NO_H264: &str = "{ const real = RTCRtpReceiver.getCapabilities; RTCRtpReceiver.getCapabilities = (kind) => { \
    const all = real.call(RTCRtpReceiver, kind); return { ...all, codecs: all.codecs.filter((c) => c.mimeType !== 'video/H264') }; }; }";

async fn a_camera_goes_live_and_moves_in_another_browser() {
    let venue = Venue::open().await;
    let host = venue.person("ana").await;
    let stream = host.create("From the camera").await;
    let guest = venue.visitor(&format!("/s/{stream}")).await;
    guest.tab.until("document.querySelector('.waiting-room')").await;

    host.tab.click("[name=live]").await;
    host.tab.until("document.querySelector('.studio-head .badge.live') && document.querySelector('.preview-box .badge.live')").await;
    guest.tab.until(MOVES).await;
    guest.tab.until(IN_REAL_TIME).await;
    // Nothing was clicked here yet, so no browser would let it sound.
    guest
        .tab
        .until("document.querySelector('.video').muted && !document.querySelector('.sound-on').hidden")
        .await;
    guest.tab.click(".sound-on").await;
    guest
        .tab
        .until("!document.querySelector('.video').muted && document.querySelector('.sound-on').hidden")
        .await;
    host.tab.until("/^WHIP · H\\.264 \\+ Opus$/.test(document.querySelector('.health .row span:nth-child(2)')?.textContent)").await;
    host.tab.until("/\\d+×\\d+/.test(document.querySelector('.health .figure dd')?.textContent)").await;

    // Whatever would end it asks first.
    let whole = "location.pathname + location.hash";
    let address = host.tab.value(whole).await;
    for leaving in [
        "document.querySelector('.top-actions .text-button').click()",
        "history.back()",
        "document.querySelector('.avatar-button').click(), [...document.querySelectorAll('.menu-item')].at(-1).click()",
        "document.querySelector('.brand').click()",
        "document.querySelector('.top-actions .button.primary').click()",
    ] {
        host.tab.value(leaving).await;
        host.tab.until("document.querySelector('dialog[open] .danger')").await;
        host.tab.click("dialog[open] .button.quiet").await;
        host.tab.until("!document.querySelector('dialog')").await;
        assert_eq!(host.tab.value(whole).await, address, "{leaving}");
        host.tab.until("document.querySelector('.preview-box .badge.live') && document.documentElement.lang === 'en'").await;
    }

    // Another tab of the studio, and the picture goes on.
    host.tab.click(".studio-nav [href='#people']").await;
    host.tab.click(".studio-nav [href='#broadcast']").await;
    host.tab.until("document.querySelector('.preview-box .badge.live') && document.querySelector('.preview').videoWidth").await;
    let frames = "document.querySelector('.video').getVideoPlaybackQuality().totalVideoFrames";
    let seen = guest.tab.value(frames).await;
    guest.tab.until(&format!("{frames} > {seen} + 12")).await;

    host.tab.click("[name=stop]").await;
    host.tab.click("dialog .danger").await;
    guest.tab.until("/No picture yet/.test(document.querySelector('.told').textContent)").await;
    host.tab.click("[name=live]").await;
    guest.tab.until(MOVES).await;
    host.tab.assert_calm();
    guest.tab.assert_calm();
}

async fn a_button_of_the_broadcast_stays_where_a_finger_is() {
    let venue = Venue::open().await;
    let host = venue.person("ana").await;
    let stream = host.create("From the camera").await;
    let place = "JSON.stringify(document.querySelector('.preview-box').getBoundingClientRect())";
    host.tab.until("document.querySelector('[name=live]')").await;
    let before = host.tab.value(place).await;

    host.tab.click("[name=live]").await;
    host.tab.until("document.querySelector('.health .figure dd')").await;
    assert_eq!(host.tab.value(place).await, before, "figures of what arrives push nothing");

    let stop = host.tab.press("[name=stop]").await;
    host.api("PATCH", &format!("/streams/{stream}"), &json!({ "title": "Told anew" })).await;
    host.tab.until("/Told anew/.test(document.querySelector('.studio-head').textContent)").await;
    host.tab.release(&stop).await;
    host.tab.until("document.querySelector('dialog[open] .danger')").await;
    host.tab.assert_calm();
}

async fn a_page_whose_place_was_taken_stays_away_though_the_other_stops_at_once() {
    let (_venue, host, stream) = on_air().await;
    let second = host.beside().await;
    second.go(&format!("/s/{stream}/studio#broadcast")).await;
    second.tab.click("[name=live]").await;
    second.tab.click("dialog .danger").await;
    second.tab.until("document.querySelector('.preview-box .badge.live')").await;
    second.tab.click("[name=stop]").await;
    second.tab.click("dialog .danger").await;
    for page in [&host, &second] {
        page.tab
            .until("document.querySelector('[name=live]') && !document.querySelector('.preview-box .badge')")
            .await;
    }
    host.tab.assert_calm();
}

/// Keeps what a page is given by the browser, and has it given late, by `grant`, where `late` is set.
const GIVEN: &str = "window.given = []; window.late = false; if (navigator.mediaDevices) { \
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); \
    navigator.mediaDevices.getUserMedia = async (wanted) => { const stream = await real(wanted); \
    if (window.late) await new Promise((done) => { window.grant = done; }); \
    window.given.push(...stream.getTracks()); return stream; }; }";
const AT_HOME: &str = "location.pathname === '/' && !document.querySelector('.studio, dialog')";

async fn a_page_that_is_left_takes_its_question_and_its_camera_along() {
    let (_venue, host, stream) = on_air().await;
    let second = host.beside().await;
    second.tab.before_all(GIVEN).await;
    second.go("/").await;
    second.tab.until("document.querySelector('.avatar-button')").await;
    let to_studio = format!("void m.go('/s/{stream}/studio#broadcast')");
    let all_off = |tracks: u8| {
        format!("given.length === {tracks} && given.every((track) => track.readyState === 'ended')")
    };

    // Whether to take the other's place is asked no more.
    second.tab.with_module("core/router.js", &to_studio).await;
    second.tab.click("[name=live]").await;
    second.tab.until("document.querySelector('dialog[open] .danger')").await;
    second.tab.value("history.back()").await;
    second.tab.until(AT_HOME).await;
    second.tab.until(&all_off(2)).await;

    // The camera is given only now that nobody is there to show it.
    second.tab.value("void (window.late = true)").await;
    second.tab.with_module("core/router.js", &to_studio).await;
    second.tab.click("[name=live]").await;
    second.tab.until("window.grant").await;
    second.tab.value("history.back()").await;
    second.tab.until(AT_HOME).await;
    second.tab.value("void window.grant()").await;
    second.tab.until(&all_off(4)).await;

    host.tab.until("document.querySelector('.preview-box .badge.live')").await;
    second.tab.assert_calm();
    host.tab.assert_calm();
}

async fn a_stream_that_is_deleted_on_air_takes_its_host_home_and_blames_nobody() {
    let (_venue, host, stream) = on_air().await;
    host.api("DELETE", &format!("/streams/{stream}"), &json!({})).await;
    host.tab.until(AT_HOME).await;
    assert_eq!(host.tab.value("document.querySelectorAll('.toast').length").await, 0, "nothing is said");
    host.tab.assert_calm();
}

async fn a_browser_without_the_codec_sees_it_by_hls() {
    let (venue, _host, stream) = on_air().await;
    let guest = venue.visitor("/").await;
    guest.tab.before_all(NO_H264).await;
    guest.go(&format!("/s/{stream}")).await;
    guest.tab.until(MOVES).await;
    guest.tab.until(BEHIND).await;
    let real = venue.visitor(&format!("/s/{stream}")).await;
    real.tab.until(IN_REAL_TIME).await;
    real.tab.click(".delay").await;
    real.tab.click(".menu-item:nth-child(2)").await;
    real.tab.until(BEHIND).await;
    real.tab.until(MOVES).await;
    guest.tab.assert_calm();
    real.tab.assert_calm();
}

async fn a_card_shows_the_picture() {
    let (venue, _host, stream) = on_air().await;
    let guest = venue.visitor(&format!("/s/{stream}")).await;
    guest.tab.until(MOVES).await;
    guest.go("/").await;
    guest.tab.until("document.querySelector('.card-poster.has-come')?.videoWidth > 0").await;
    guest.tab.assert_calm();
}

/// Keeps the connections of a page.
const KEPT: &str = "window.peers = []; window.RTCPeerConnection = class extends RTCPeerConnection { \
    constructor(...all) { super(...all); window.peers.push(this); } };";
const SENDER: &str =
    "window.peers.at(-1).getSenders().find((s) => s.track?.kind === 'video' || s === window.silent)";

async fn a_silent_source_leaves_its_last_picture_and_is_said_to_have_stopped() {
    let venue = Venue::open().await;
    let host = venue.person("ana").await;
    host.tab.before_all(KEPT).await;
    host.go("/").await;
    host.tab.until("document.querySelector('.avatar-button')").await;
    let stream = host.create("From the camera").await;
    host.tab.click("[name=live]").await;
    let guest = venue.visitor("/").await;
    guest.tab.before_all(KEPT).await;
    guest.go(&format!("/s/{stream}")).await;
    guest.tab.until(MOVES).await;

    // Of a source that is there and sends nothing the audience hears from the room, not from its own connection.
    host.tab
        .value(&format!(
            "(async () => {{ window.silent = {SENDER}; window.camera = silent.track; \
        for (const s of peers.at(-1).getSenders()) await s.replaceTrack(null); }})()"
        ))
        .await;
    guest.tab.until("/has stopped/.test(document.querySelector('.told').textContent)").await;
    assert_eq!(
        guest.tab.value("document.querySelector('.stage').classList.contains('no-video')").await,
        false,
        "the last picture stays"
    );
    host.tab.value("window.silent.replaceTrack(window.camera)").await;
    guest.tab.until(MOVES).await;
    guest.tab.until(IN_REAL_TIME).await;
    assert_eq!(guest.tab.value("window.peers.length").await, 1, "on the same connection");
    guest.tab.assert_calm();
}

async fn firefox_without_the_codec_sees_it_by_hls() {
    let (venue, _host, stream) = on_air().await;
    let mut firefox = Firefox::start().await;
    firefox.go(&venue.house.url(&format!("/s/{stream}"))).await;
    let codecs = "RTCRtpReceiver.getCapabilities('video').codecs.map((c) => c.mimeType)";
    assert!(!firefox.value(codecs).await.as_array().unwrap().contains(&json!("video/H264")));
    firefox.until(MOVES).await;
    firefox.until(BEHIND).await;
}

/// A host whose camera is on air.
async fn on_air() -> (Venue, Visitor, String) {
    let venue = Venue::open().await;
    let host = venue.person("ana").await;
    let stream = host.create("From the camera").await;
    host.tab.click("[name=live]").await;
    host.tab.until("document.querySelector('.preview-box .badge.live')").await;
    (venue, host, stream)
}

const SITE: &str = "https://cdn.example";
const TRIES_AGAIN: &str = "/Trying again/.test(document.querySelector('.told').textContent)";

async fn a_picture_from_elsewhere_plays_and_is_tried_again_when_it_fails() {
    let scene = Scene::live("From elsewhere").await;
    let guest = scene.venue.visitor("/").await;
    guest.tab.stand_in_for(SITE).await;
    let files = encoded();

    // By a link from another page, whose policy does not know where this room's picture is.
    plays_from(&scene, "live.m3u8").await;
    guest.tab.click(".card-link").await;
    guest.tab.until(TRIES_AGAIN).await;
    put(&guest, &files, &["live0.ts", "live1.ts", "live.m3u8"]);
    guest.tab.until(MOVES).await;
    guest.tab.until("document.querySelector('.video').src.startsWith('blob:')").await;

    plays_from(&scene, "show.mp4").await;
    guest.tab.until(TRIES_AGAIN).await;
    put(&guest, &files, &["show.mp4"]);
    guest.tab.until(MOVES).await;
    guest.tab.until("document.querySelector('.video').src.endsWith('/show.mp4')").await;
    guest.tab.assert_calm();
}

async fn keys_play_and_silence_the_picture_and_fill_the_screen_but_not_while_one_writes() {
    let scene = Scene::live("Keys").await;
    let files = encoded();
    let bob = scene.venue.person("bob").await;
    bob.tab.stand_in_for(SITE).await;
    put(&bob, &files, &["show.mp4"]);
    plays_from(&scene, "show.mp4").await;
    bob.enter(&scene.stream).await;
    bob.tab.until(MOVES).await;
    bob.tab.value("void (document.querySelector('.video').loop = true)").await;

    let says = async |key: &str, becomes: &str| {
        press(&bob, key).await;
        bob.tab.until(becomes).await;
    };
    says("k", "document.querySelector('.video').paused").await;
    says(" ", "!document.querySelector('.video').paused").await;
    bob.tab.value("void (document.querySelector('.video').muted = false)").await;
    says("m", "document.querySelector('.video').muted").await;
    says("m", "!document.querySelector('.video').muted").await;
    says("f", "document.fullscreenElement?.classList.contains('stage')").await;
    says("f", "!document.fullscreenElement").await;

    bob.tab.write(".write", "").await;
    for key in ["k", "m", "f"] {
        press(&bob, key).await;
    }
    bob.tab.until("document.querySelector('.write').value === 'kmf'").await;
    let untouched = "!document.querySelector('.video').paused && !document.querySelector('.video').muted && !document.fullscreenElement";
    assert_eq!(bob.tab.value(untouched).await, true);
    bob.tab.assert_calm();
}

/// A key of the keyboard, where the focus is.
async fn press(visitor: &Visitor, key: &str) {
    for kind in ["keyDown", "keyUp"] {
        let text = if kind == "keyDown" { key } else { "" };
        visitor.tab.call("Input.dispatchKeyEvent", json!({ "type": kind, "key": key, "text": text })).await;
    }
}

/// The host says where the picture is.
async fn plays_from(scene: &Scene, file: &str) {
    let url = json!({ "playback_url": format!("{SITE}/{file}") });
    scene.host.api("PATCH", &format!("/streams/{}", scene.stream), &url).await;
}

fn put(guest: &Visitor, from: &Folder, files: &[&str]) {
    for file in files {
        guest.tab.put_elsewhere(&format!("{SITE}/{file}"), fs::read(from.0.join(file)).unwrap());
    }
}

/// A folder of its own, gone with the test.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// Four seconds of a picture, as HLS of two segments and as a file.
fn encoded() -> Folder {
    let folder = Folder(std::env::temp_dir().join(format!("livehouse-picture-{}", uuid::Uuid::now_v7())));
    fs::create_dir(&folder.0).unwrap();
    ffmpeg(&folder.0, "-f hls -hls_time 2 -hls_playlist_type vod live.m3u8");
    ffmpeg(&folder.0, "-movflags +faststart show.mp4");
    folder
}

fn ffmpeg(folder: &Path, output: &str) {
    let picture = "-v error -f lavfi -i testsrc=size=160x90:rate=10 -t 4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 20";
    let mut command = Command::new(Need::Ffmpeg.found().expect("an ffmpeg"));
    command.args(picture.split(' ')).args(output.split(' ')).current_dir(folder);
    assert!(command.status().expect("it starts").success());
}
