//! A picture from RTMP, as most encoders send it: to WebRTC where it has no B-frames, to HLS always.

use super::peer::{encode, view};
use crate::{
    need,
    tools::{Came, Client, Receiver, Scene, until},
};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::{fs, process::Command};

pub fn tests() -> Vec<Trial> {
    let mut tests = need::tests![[Aiortc, Ffmpeg]: an_encoder_is_seen_and_heard_by_webrtc];
    tests.extend(need::tests![[Ffmpeg]:
        an_encoder_with_b_frames_is_seen_by_hls_and_told_why,
        segments_are_what_ffprobe_reads,
        a_key_that_is_no_more_sends_its_encoder_away,
        webhooks_hear_that_a_picture_has_come_and_is_gone,
    ]);
    tests
}

/// Where an encoder sends to the stream at hand, key and all.
pub async fn address(host: &Client) -> String {
    let ingest = host.get("ingest").await.ok();
    format!("{}/{}", ingest["rtmp_url"].as_str().expect("an address"), ingest["key"].as_str().expect("a key"))
}

/// Waits until there is HLS, and gives the path of its folder.
async fn folder(client: &Client) -> String {
    let mut url = String::new();
    until("there is HLS", async || {
        url = client.get("playback").await.ok()["hls"].as_str().unwrap_or("").to_owned();
        !url.is_empty()
    })
    .await;
    let path = url.split_once("/api/v1").expect("an address of here").1;
    path.strip_suffix("master.m3u8").expect("a playlist").to_owned()
}

async fn an_encoder_is_seen_and_heard_by_webrtc() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut at_bo = bo.join().await;
    let _encoder = encode(&address(host).await, false);
    at_bo.expect_where("picture", |frame| frame["state"] == "live").await;
    let mut viewer = view(bo).await;
    assert_eq!(viewer.sees(20).await["width"], json!(320));
    viewer.hears(440.0).await;
}

async fn an_encoder_with_b_frames_is_seen_by_hls_and_told_why() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut at_host = host.join().await;
    let _encoder = encode(&address(host).await, true);
    let is_warned =
        |frame: &Value| frame["warnings"].as_array().is_some_and(|all| all.contains(&json!("b_frames")));
    at_host.expect_where("ingest", is_warned).await;
    let frame =
        at_host.expect_where("picture", |frame| frame["hls"] == true && frame["b_frames"] == true).await;
    assert_eq!(frame["whep"], false, "{frame}");
    let playback = bo.get("playback").await.ok();
    assert_eq!((&playback["whep"], playback["hls"].is_string()), (&Value::Null, true), "{playback}");
}

async fn segments_are_what_ffprobe_reads() {
    let Scene { server, host, bo } = &Scene::live().await;
    let _encoder = encode(&address(host).await, false);
    let folder = folder(bo).await;
    let guest = &server.guest();
    let master = guest.get(&format!("{folder}master.m3u8")).await;
    assert_eq!(master.header("content-type"), "application/vnd.apple.mpegurl");
    assert!(master.text.contains("live.m3u8") && master.text.contains("CODECS="), "{}", master.text);
    let playlist = guest.get(&format!("{folder}live.m3u8?_HLS_msn=1")).await;
    assert_eq!(playlist.header("cache-control"), "no-store");
    let text = playlist.text;
    for tag in ["#EXT-X-PROGRAM-DATE-TIME:", "CAN-BLOCK-RELOAD=YES", "#EXT-X-PART-INF:", "PART-HOLD-BACK="] {
        assert!(text.contains(tag), "{tag}: {text}");
    }
    let map = text.split("#EXT-X-MAP:URI=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a map");
    let segment =
        text.lines().find(|line| line.ends_with(".m4s") && !line.starts_with('#')).expect("a segment");
    let mut video = Vec::new();
    for file in [map, segment] {
        let answer = guest.send(guest.request(reqwest::Method::GET, &format!("{folder}{file}"))).await;
        assert_eq!(answer.header("cache-control"), "public, max-age=86400, immutable", "{file}");
        assert_eq!(answer.header("content-type"), "video/mp4", "{file}");
        let url = server.url(&guest.path(&format!("{folder}{file}")));
        video.extend(reqwest::get(url).await.unwrap().bytes().await.unwrap());
    }
    let path = server.place().path("segment.mp4");
    fs::write(&path, video).unwrap();
    let asked = "-v error -show_entries stream=codec_name,width,nb_read_frames -count_frames -of json";
    let probed = Command::new("ffprobe").args(asked.split(' ')).arg(&path).output().unwrap();
    let probed: Value = serde_json::from_slice(&probed.stdout).unwrap();
    let streams = probed["streams"].as_array().unwrap();
    let find = |codec: &str| streams.iter().find(|stream| stream["codec_name"] == codec).cloned();
    let picture = find("h264").unwrap_or_else(|| panic!("{probed}"));
    assert_eq!(picture["width"], 320, "{probed}");
    assert!(picture["nb_read_frames"].as_str().unwrap().parse::<u32>().unwrap() >= 30, "{probed}");
    assert!(find("aac").is_some(), "{probed}");
    let poster = guest.get(&format!("{folder}poster.mp4")).await;
    assert_eq!((poster.status, poster.header("content-type")), (200, "video/mp4"));
}

async fn a_key_that_is_no_more_sends_its_encoder_away() {
    let Scene { server, host, bo } = &Scene::live().await;
    let mut at_host = host.join().await;
    let address = address(host).await;
    let _encoder = encode(&address, false);
    at_host.expect_where("ingest", |frame| frame["publisher"]["protocol"] == "rtmp").await;
    let folder = folder(bo).await;
    host.post("ingest/rotate", json!({})).await.ok();
    at_host.expect_where("ingest", |frame| frame["publisher"].is_null()).await;
    let _encoder = encode(&address, false);
    until("the old key is refused", async || {
        server.metrics().await.contains("livehouse_rtmp_refused_total{code=\"unknown_key\"}")
    })
    .await;
    host.post("end", json!({})).await.ok();
    server.guest().get(&format!("{folder}live.m3u8")).await.refused(404, "not_found");
}

async fn webhooks_hear_that_a_picture_has_come_and_is_gone() {
    let Scene { host, .. } = &Scene::live_with(|setup| setup.webhooks_insecure = true).await;
    let receiver = Receiver::new().await;
    let wanted =
        json!({"url": receiver.url(), "events": ["picture.live", "picture.gone"], "scope": "channel"});
    host.post("/webhooks", wanted).await.ok();
    let _encoder = encode(&address(host).await, false);
    receiver.wait_for(1).await;
    host.post("end", json!({})).await.ok();
    let came = receiver.wait_for(2).await;
    assert_eq!(came.iter().map(Came::kind).collect::<Vec<_>>(), ["picture.live", "picture.gone"]);
    for (came, state) in came.iter().zip(["live", "none"]) {
        let data = &came.json()["data"];
        assert_eq!((&data["stream_id"], &data["picture"]["state"]), (&json!(host.stream), &json!(state)));
    }
}
