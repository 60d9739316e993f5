//! What is kept of a picture that ffmpeg sends, as ffprobe reads it: after its end, and after a server was killed.

use super::{peer::encode, rtmp::address};
use crate::{
    need,
    tools::{Client, Place, Receiver, Running, Scene, User, on_one_node, until},
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
        each_part_that_was_written_is_there_after_a_kill,
        an_account_that_is_full_is_told_so_and_its_stream_goes_on,
        what_was_kept_goes_with_the_account,
        what_was_kept_is_served_in_the_time_of_the_stream,
        what_was_kept_of_a_private_stream_is_for_its_members,
        what_was_kept_is_taken_away_and_its_stream_stays,
        a_film_begins_at_its_beginning_though_its_picture_has_come_for_long,
        a_webhook_hears_of_a_recording_that_is_complete,
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
    parts_come(8, async || server.metric("livehouse_recording_bytes_total").await).await;
    assert_eq!(server.metric("livehouse_recordings_under_way").await, 1);
    host.post("end", json!({})).await.ok();
    until("it is over", async || server.metric("livehouse_recordings_under_way").await == 0).await;
    let (frames, seconds) = probe(&film(&server.place().path("data"), &host.stream));
    assert!(frames >= 8 * 6 && seconds >= 8.0 * 0.2, "{frames} pictures in {seconds} s");
    assert_eq!(server.metric("livehouse_recording_holes_total").await, 0);
}

/// Waits until so many parts, of a quarter of a second each, have been kept; the bytes of all of them.
async fn parts_come(count: usize, bytes: impl AsyncFn() -> i64) -> i64 {
    let mut last = 0;
    for part in 0..count {
        until(&format!("{part} parts and one more are kept"), async || {
            let bytes = bytes().await;
            std::mem::replace(&mut last, bytes) < bytes
        })
        .await;
    }
    last
}

async fn each_part_that_was_written_is_there_after_a_kill() {
    let place = &Place::new();
    let running = Running::start(place, &[]);
    let ana = User::register(running.guest(), "ana").await;
    let host = ana.go_live("Before the power cut").await;
    wants_it_kept(&host).await;
    let encoder = encode(&address(&host).await, false);
    // Of the first segment alone, which is of two seconds.
    let last = parts_come(5, async || running.metric("livehouse_recording_bytes_total").await).await;
    running.kill();
    drop(encoder);
    let film = film(&place.path("data"), &host.stream);
    let left = std::fs::metadata(&film).unwrap().len();
    assert!(left > last as u64, "{left} bytes of {last}, and a head");
    let again = Running::start(place, &[]);
    again.stop();
    let (frames, seconds) = probe(&film);
    assert!(frames >= 5 * 6 && seconds >= 5.0 * 0.2, "{frames} pictures in {seconds} s");
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

/// Waits until this is true of the recording, and gives it.
async fn recording(client: &Client, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    let mut found = Value::Null;
    until(what, async || {
        found = client.get("recording").await.ok();
        is_it(&found)
    })
    .await;
    found
}

fn runs(recording: &Value) -> usize {
    recording["runs"].as_array().expect("runs").len()
}

/// The path below the interface of an address that was given.
fn path_of(url: &Value) -> String {
    url.as_str().and_then(|url| url.split_once("/api/v1")).expect("an address of here").1.to_owned()
}

async fn what_was_kept_is_served_in_the_time_of_the_stream() {
    let Scene { server, host, bo } = &Scene::live().await;
    let nothing = bo.get("recording").await.ok();
    assert_eq!(nothing, json!({"state": "none", "url": null, "duration_ms": 0, "runs": []}));
    wants_it_kept(host).await;
    let encoder = encode(&address(host).await, false);
    recording(bo, "it is being kept", |found| found["state"] == "recording").await;
    // The host drops out, and comes back: at another node, where there are several.
    encoder.kill();
    let address = address(host).await;
    let mut encoder = encode(&address, false);
    until("the host is back", async || {
        // Another node hears a moment later that the first one is gone; encoders try again.
        if encoder.has_ended() {
            encoder = encode(&address, false);
        }
        runs(&bo.get("recording").await.ok()) == 2
    })
    .await;
    let under_way = recording(bo, "there are two runs", |found| runs(found) == 2).await;
    assert_eq!(under_way["runs"][0]["url"], Value::Null);
    grows(bo, &path_of(&under_way["url"])).await;
    host.post("end", json!({})).await.ok();
    let ready = recording(bo, "it is ready", |found| found["state"] == "ready").await;
    let number = |run: usize, member: &str| ready["runs"][run][member].as_i64().expect("a number");
    assert_eq!((runs(&ready), number(0, "media_ms")), (2, 0), "{ready}");
    assert_eq!(number(1, "media_ms"), number(0, "duration_ms"), "{ready}");
    assert!(number(1, "offset_ms") >= number(0, "offset_ms") + number(0, "duration_ms"), "{ready}");
    assert_eq!(number(1, "media_ms") + number(1, "duration_ms"), ready["duration_ms"].as_i64().unwrap());
    assert_eq!(path_of(&bo.get("playback").await.ok()["recording"]), path_of(&ready["url"]));
    is_played(&server.guest(), &ready).await;
    is_fetched_in_pieces(&server.guest(), &ready["runs"][1]).await;
    host.delete("").await;
    until("it is gone", async || !server.place().path("data").join("media").join(&host.stream).exists())
        .await;
    server.guest().get(&path_of(&ready["url"])).await.refused(404, "not_found");
}

/// Who sees it live can go back in it.
async fn grows(bo: &Client, path: &str) {
    assert_eq!(bo.get("playback").await.ok()["rewind"].as_str().map(|url| url.ends_with(path)), Some(true));
    let read = async || {
        let playlist = bo.get(path).await;
        assert_eq!(playlist.header("cache-control"), "public, max-age=1");
        m3u8_rs::parse_media_playlist_res(playlist.text.as_bytes()).expect("a playlist")
    };
    let folder = path.rsplit_once('/').expect("a folder").0;
    let piece_of = async |segment: &m3u8_rs::MediaSegment, tag: &str| {
        let range = segment.byte_range.as_ref().expect("a range");
        let from = range.offset.expect("an offset");
        let request = bo.request(reqwest::Method::GET, &format!("{folder}/{}", segment.uri));
        let request = request.header("range", format!("bytes={from}-{}", from + range.length - 1));
        // Of what grows nobody has all.
        let request = request.header("if-none-match", "*");
        let piece = bo.send(if tag.is_empty() { request } else { request.header("if-range", tag) }).await;
        assert_eq!(
            (piece.status, piece.header("content-length"), piece.header("cache-control")),
            (206, range.length.to_string().as_str(), "no-store")
        );
        piece.header("etag").to_owned()
    };
    let begun = read().await;
    assert!(!begun.end_list && !begun.segments.is_empty());
    let of_last = async |playlist: &m3u8_rs::MediaPlaylist, tag: &str| {
        piece_of(playlist.segments.last().expect("a segment"), tag).await
    };
    // The one of the first run has ended.
    let of_second = async || read().await.segments.last().is_some_and(|last| last.uri.contains("0002.mp4"));
    until("something comes of the second run", of_second).await;
    let first = read().await;
    let tag = of_last(&first, "").await;
    until("more of it comes", async || read().await.segments.len() > first.segments.len()).await;
    // All that is told is there, though the table says it late, and it is the film of which one has a piece.
    of_last(&read().await, &tag).await;
}

/// All of it is there for a player, by its playlist.
async fn is_played(guest: &Client, ready: &Value) {
    let playlist = guest.get(&path_of(&ready["url"])).await;
    assert_eq!(playlist.header("content-type"), "application/vnd.apple.mpegurl");
    assert_eq!(playlist.text.matches("#EXT-X-DISCONTINUITY\n").count(), 1, "{}", playlist.text);
    let parsed = m3u8_rs::parse_media_playlist_res(playlist.text.as_bytes()).expect("a playlist");
    let seconds: f64 = parsed.segments.iter().map(|segment| f64::from(segment.duration)).sum();
    let told = ready["duration_ms"].as_f64().unwrap() / 1000.0;
    assert!(parsed.end_list && (seconds - told).abs() < 0.1, "{seconds} of {told}");
    let url = format!("http://127.0.0.1:{}{}", guest.ports.any(), guest.path(&path_of(&ready["url"])));
    assert!(probe(Path::new(&url)).0 >= 2 * 30);
}

async fn is_fetched_in_pieces(guest: &Client, run: &Value) {
    let (path, bytes) = (path_of(&run["url"]), run["bytes"].as_u64().unwrap());
    let get = |range: &str| guest.send(guest.request(reqwest::Method::GET, &path).header("range", range));
    let piece = get("bytes=4-7").await;
    assert_eq!((piece.status, piece.text.as_str()), (206, "ftyp"));
    assert_eq!(piece.header("content-range"), format!("bytes 4-7/{bytes}"));
    assert_eq!(get("Bytes=4-7").await.status, 206, "units are in any case");
    assert_eq!(get(&format!("bytes={bytes}-")).await.status, 416);
    is_not_fetched_twice(guest, &path, piece.header("etag")).await;
    let head = guest.send(guest.request(reqwest::Method::HEAD, &path)).await;
    assert_eq!((head.status, head.header("content-length")), (200, bytes.to_string().as_str()));
    let download = guest.get(&format!("{path}&download=true")).await;
    assert_eq!((download.status, download.header("content-length")), (200, bytes.to_string().as_str()));
    assert!(download.header("content-disposition").starts_with("attachment"), "{download:?}");
    assert_eq!(download.header("accept-ranges"), "bytes");
}

/// Who has a film already is told so; a piece of it is another thing.
async fn is_not_fetched_twice(guest: &Client, path: &str, tag: &str) {
    let ask = |method: reqwest::Method, with: &[(&str, &str)]| {
        let request = guest.request(method, path);
        guest.send(with.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
    };
    for known in [tag, &format!("W/{tag}"), &format!("\"other\", {tag}"), "*"] {
        for method in [reqwest::Method::GET, reqwest::Method::HEAD] {
            let same = ask(method, &[("if-none-match", known), ("range", "bytes=4-7")]).await;
            assert_eq!((same.status, same.header("etag"), same.text.as_str()), (304, tag, ""), "{known}");
            assert_eq!(same.header("cache-control"), "public, max-age=3600");
        }
    }
    let other = ask(reqwest::Method::HEAD, &[("if-none-match", "\"other\"")]).await;
    assert_eq!((other.status, other.header("etag")), (200, tag));
    let of = |tag| ask(reqwest::Method::GET, &[("if-range", tag), ("range", "bytes=4-7")]);
    assert_eq!((of(tag).await.status, of("\"other\"").await.status), (206, 200));
}

async fn what_was_kept_of_a_private_stream_is_for_its_members() {
    let Scene { server, host, bo } = &Scene::live().await;
    host.patch("", json!({"visibility": "private"})).await.ok();
    wants_it_kept(host).await;
    let _encoder = encode(&address(host).await, false);
    recording(host, "it is being kept", |found| found["state"] == "recording").await;
    host.post("end", json!({})).await.ok();
    let ready = recording(host, "it is ready", |found| found["state"] == "ready").await;
    let (path, guest) = (path_of(&ready["url"]), &server.guest());
    // A ticket is its owner's right, in whoever's hands.
    let playlist = guest.get(&path).await;
    assert_eq!((playlist.status, playlist.header("cache-control")), (200, "private, no-store"));
    for nobody in [guest, &**bo] {
        nobody.get("recording").await.refused(404, "not_found");
        nobody.get("recording/open/index.m3u8").await.refused(404, "not_found");
        nobody.get("recording/open/0001.mp4").await.refused(404, "not_found");
    }
    host.delete("/sessions/current").await;
    until("the ticket ends with its session", async || guest.get(&path).await.status == 404).await;
}

async fn what_was_kept_is_taken_away_and_its_stream_stays() {
    let Scene { server, host, bo } = &Scene::live().await;
    wants_it_kept(host).await;
    host.delete("recording").await.refused(404, "not_found");
    let _encoder = encode(&address(host).await, false);
    recording(host, "it is being kept", |found| found["state"] == "recording").await;
    host.delete("recording").await.refused(409, "conflict");
    host.post("comments", json!({"content": "seen & heard"})).await.ok();
    let by_now = bo.get("comments/export?format=vtt&time=recording&part=1").await;
    assert!(by_now.text.contains(": seen &amp; heard\n"), "while it is under way: {}", by_now.text);
    host.post("end", json!({})).await.ok();
    let ready = recording(bo, "it is ready", |found| found["state"] == "ready").await;
    is_exported_in_its_time(bo).await;
    bo.delete("recording").await.refused(403, "forbidden");
    assert_eq!(host.delete("recording").await.status, 204);
    assert_eq!(bo.get("recording").await.ok()["state"], "none");
    server.guest().get(&path_of(&ready["url"])).await.refused(404, "not_found");
    until("its files are gone", async || !film(&server.place().path("data"), &host.stream).exists()).await;
    host.delete("recording").await.refused(404, "not_found");
    assert_eq!(bo.get("").await.ok()["status"], "ended");
    bo.get("comments/export?time=recording").await.refused(422, "invalid_field");
}

/// One comment in a recording of one part.
async fn is_exported_in_its_time(bo: &Client) {
    let subtitles = bo.get("comments/export?format=vtt&time=recording&part=1").await;
    assert_eq!(subtitles.header("content-type"), "text/vtt; charset=utf-8");
    assert!(subtitles.text.starts_with("WEBVTT\n\n"), "{}", subtitles.text);
    assert!(subtitles.text.contains(": seen &amp; heard\n"), "{}", subtitles.text);
    let at = |line: &str| serde_json::from_str::<Value>(line).unwrap()["offset_ms"].as_i64().unwrap();
    let (of_stream, of_recording) =
        (bo.get("comments/export").await, bo.get("comments/export?time=recording").await);
    let offset_ms = bo.get("recording").await.ok()["runs"][0]["offset_ms"].as_i64().unwrap();
    assert_eq!(at(&of_recording.text), at(&of_stream.text) - offset_ms);
    for wrong in ["time=recording&part=2", "time=recording&part=0", "part=1", "time=sundial"] {
        bo.get(&format!("comments/export?{wrong}")).await.refused(422, "invalid_field");
    }
}

async fn a_film_begins_at_its_beginning_though_its_picture_has_come_for_long() {
    let Scene { server, host, bo } = &Scene::live().await;
    let _encoder = encode(&address(host).await, false);
    let hls = async || bo.get("playback").await.ok()["hls"].clone();
    until("there is HLS", async || hls().await.is_string()).await;
    let live = path_of(&hls().await).replace("master.m3u8", "live.m3u8");
    let segments = async || {
        let text = server.guest().get(&live).await.text;
        m3u8_rs::parse_media_playlist_res(text.as_bytes()).map_or(0, |playlist| playlist.segments.len())
    };
    until("four seconds have come", async || segments().await >= 2).await;
    wants_it_kept(host).await;
    recording(bo, "it is being kept", |found| found["state"] == "recording").await;
    until("some is kept", async || server.metric("livehouse_recording_bytes_total").await > 0).await;
    host.post("end", json!({})).await.ok();
    let ready = recording(bo, "it is ready", |found| found["state"] == "ready").await;
    let url = format!(
        "http://127.0.0.1:{}/api/v1{}",
        server.guest().ports.any(),
        path_of(&ready["runs"][0]["url"])
    );
    let asked = "-v error -show_entries format=start_time,duration -of json";
    let probed = Command::new("ffprobe").args(asked.split(' ')).arg(url).output().unwrap();
    let format = serde_json::from_slice::<Value>(&probed.stdout).unwrap()["format"].clone();
    let seconds = |member: &str| format[member].as_str().unwrap().parse::<f64>().unwrap();
    assert!(seconds("start_time") < 0.2, "{format}");
    let told = ready["duration_ms"].as_f64().unwrap() / 1000.0;
    assert!((seconds("duration") - told).abs() < 0.5, "{format} of {told} s");
}

async fn a_webhook_hears_of_a_recording_that_is_complete() {
    let Scene { server, host, .. } = &Scene::live_with(|setup| setup.webhooks_insecure = true).await;
    let receiver = Receiver::new().await;
    let wanted = json!({"url": receiver.url(), "events": ["recording.ready"], "scope": "channel"});
    host.post("/webhooks", wanted).await.ok();
    wants_it_kept(host).await;
    let encoder = encode(&address(host).await, false);
    until("some is kept", async || server.metric("livehouse_recording_bytes_total").await > 0).await;
    // A run that is over is no recording that is complete.
    host.delete("ingest/publisher").await;
    drop(encoder);
    until("the run is over", async || server.metric("livehouse_recordings_under_way").await == 0).await;
    let _encoder = encode(&address(host).await, false);
    recording(host, "it goes on", |found| runs(found) == 2).await;
    host.post("end", json!({})).await.ok();
    let came = receiver.wait_for(1).await;
    let (kind, data) = (came[0].kind(), &came[0].json()["data"]);
    assert_eq!((kind.as_str(), &data["stream_id"]), ("recording.ready", &json!(host.stream)));
    let ready = host.get("recording").await.ok();
    assert_eq!((&ready["state"], &data["recording"]["runs"]), (&json!("ready"), &json!(2)));
    assert_eq!(data["recording"]["duration_ms"], ready["duration_ms"]);
}
