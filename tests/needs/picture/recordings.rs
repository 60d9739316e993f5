//! What is kept of a picture that ffmpeg sends, as ffprobe reads it: after its end, and after a server was killed.

use super::{peer::encode, rtmp::address};
use crate::{
    need,
    tools::{Client, Place, Running, Scene, User, on_one_node, until},
};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

pub fn tests() -> Vec<Trial> {
    need::tests![[Ffmpeg]:
        what_is_kept_is_what_ffprobe_reads,
        each_fragment_that_was_on_the_disk_is_there_after_a_kill,
        an_account_that_is_full_is_told_so_and_its_stream_goes_on,
        what_was_kept_goes_with_the_account,
    ]
}

/// The first film of a stream in this data directory.
fn film(data: &Path, stream: &str) -> PathBuf {
    data.join("media").join(stream).join("0001.mp4")
}

/// What ffprobe finds in a film without a complaint: the pictures, and how long they show, in seconds.
fn probe(film: &Path) -> (u32, f64) {
    let asked =
        "-v error -count_frames -show_entries stream=codec_name,nb_read_frames:format=duration -of json";
    let probed = Command::new("ffprobe").args(asked.split(' ')).arg(film).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&probed.stderr), "");
    let probed: Value = serde_json::from_slice(&probed.stdout).unwrap();
    let streams = probed["streams"].as_array().unwrap();
    let is_there = |codec: &str| streams.iter().any(|stream| stream["codec_name"] == codec);
    assert!(is_there("h264") && is_there("aac"), "{probed}");
    let pictures = streams.iter().find(|stream| stream["codec_name"] == "h264").unwrap();
    let number = |value: &Value| value.as_str().unwrap().to_owned();
    let frames = number(&pictures["nb_read_frames"]).parse().unwrap();
    (frames, number(&probed["format"]["duration"]).parse().unwrap())
}

async fn wants_it_kept(host: &Client) {
    assert_eq!(host.patch("ingest", json!({"record": true})).await.ok()["record"], true);
}

async fn what_is_kept_is_what_ffprobe_reads() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    wants_it_kept(host).await;
    let _encoder = encode(&address(host).await, false);
    until("some is kept", async || server.metric("livehouse_recording_bytes_total").await > 0).await;
    assert_eq!(server.metric("livehouse_recordings_under_way").await, 1);
    host.post("end", json!({})).await.ok();
    until("it is over", async || server.metric("livehouse_recordings_under_way").await == 0).await;
    let (frames, seconds) = probe(&film(&server.place().path("data"), &host.stream));
    assert!(frames >= 30 && seconds >= 1.8, "{frames} pictures in {seconds} s");
    assert_eq!(server.metric("livehouse_recording_holes_total").await, 0);
}

async fn each_fragment_that_was_on_the_disk_is_there_after_a_kill() {
    let place = &Place::new();
    let running = Running::start(place, &[]);
    let ana = User::register(running.guest(), "ana").await;
    let host = ana.go_live("Before the power cut").await;
    wants_it_kept(&host).await;
    let encoder = encode(&address(&host).await, false);
    let mut last = 0;
    for fragment in 0..3 {
        until(&format!("{fragment} and one more are kept"), async || {
            let bytes = running.metric("livehouse_recording_bytes_total").await;
            std::mem::replace(&mut last, bytes) < bytes
        })
        .await;
    }
    running.kill();
    drop(encoder);
    let film = film(&place.path("data"), &host.stream);
    let left = std::fs::metadata(&film).unwrap().len();
    assert!(left > last as u64, "{left} bytes of {last}, and a head");
    let again = Running::start(place, &[]);
    again.stop();
    let (frames, seconds) = probe(&film);
    assert!(frames >= 3 * 30 && seconds >= 3.0 * 1.8, "{frames} pictures in {seconds} s");
    assert!(std::fs::metadata(&film).unwrap().len() > last as u64);
    assert!(film.with_extension("idx").exists());
}

async fn an_account_that_is_full_is_told_so_and_its_stream_goes_on() {
    let Scene { server, host, .. } = &Scene::live_with(|setup| {
        on_one_node(setup);
        setup.recording_bounds.of_account = 1;
    })
    .await;
    wants_it_kept(host).await;
    let mut at_host = host.join().await;
    let _encoder = encode(&address(host).await, false);
    let is_warned = |frame: &Value| {
        frame["warnings"].as_array().is_some_and(|all| all.contains(&json!("recording_quota")))
    };
    at_host.expect_where("ingest", is_warned).await;
    assert_eq!(host.get("playback").await.ok()["picture"]["state"], "live");
    assert!(!film(&server.place().path("data"), &host.stream).exists());
}

async fn what_was_kept_goes_with_the_account() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    wants_it_kept(host).await;
    let _encoder = encode(&address(host).await, false);
    until("some is kept", async || server.metric("livehouse_recording_bytes_total").await > 0).await;
    let film = film(&server.place().path("data"), &host.stream);
    assert!(film.exists());
    host.farewell().await;
    until("it is gone", async || !film.parent().unwrap().exists()).await;
}
