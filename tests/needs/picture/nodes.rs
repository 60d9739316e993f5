//! The picture on several nodes that share a PostgreSQL and nothing else: it comes in at one and is seen from the others, where
//! it is also ended; and it ends with its node.

use super::peer::{Peer, encode, publish, refusal, view};
use crate::{
    cluster::{
        figures,
        house::{House, Meet},
    },
    need,
    tools::{Client, User, until},
};
use libtest_mimic::Trial;
use reqwest::Method;
use serde_json::json;
use std::time::Instant;

pub fn tests() -> Vec<Trial> {
    let mut tests = need::tests![[Postgres, Aiortc, Ffmpeg]: what_comes_in_at_one_node_is_seen_from_another];
    tests.extend(
        need::tests![[Postgres, Redis, Ffmpeg]: a_host_hears_of_an_encoder_that_another_node_refused],
    );
    tests.extend(need::tests![[Postgres, Aiortc]:
        one_source_sends_over_all_nodes,
        a_takeover_that_is_refused_on_another_node_changes_nothing,
        a_session_ends_from_any_node,
        what_is_done_on_another_node_ends_the_picture,
        who_is_no_member_any_more_sees_nothing_of_another_node,
        a_node_that_cannot_be_reached_has_no_picture_for_others,
    ]);
    tests
}

/// Two nodes; a host with a stream on air, who asks the first, and a viewer who asks the second.
async fn house() -> (House, Client, Client) {
    let house = House::open(2, Meet::Alone).await;
    let host = house.on_air().await;
    let bo = User::register(house.guest(), "bob").await;
    let (here, there) = (house.at(&host, 0), house.at(&bo, 1).at(&host.stream));
    (house, here, there)
}

/// Where encoders send by RTMP to the node that is asked.
async fn rtmp(host: &Client) -> String {
    let ingest = host.get("ingest").await.ok();
    format!("{}/{}", ingest["rtmp_url"].as_str().unwrap(), ingest["key"].as_str().unwrap())
}

async fn a_host_hears_of_an_encoder_that_another_node_refused() {
    let house = House::open(2, Meet::Redis).await;
    let host = house.on_air().await;
    let [here, there] = [0, 1].map(|node| house.at(&host, node));
    let mut at_here = here.join().await;
    let _encoder = encode(&rtmp(&here).await, false);
    is(&here, "live").await;
    is(&there, "live").await;
    let _other = encode(&rtmp(&there).await, false);
    at_here.expect_where("ingest", |frame| frame["last_refusal"]["code"] == "conflict").await;
    for node in [&here, &there] {
        until("either node says why", async || {
            node.get("ingest").await.ok()["last_refusal"]["code"] == "conflict"
        })
        .await;
    }
    assert_eq!(state(&here).await, "live");
    house.assert_calm();
}

/// How the picture is on the node that is asked.
async fn state(client: &Client) -> String {
    let playback = client.get("playback").await.ok();
    playback["picture"]["state"].as_str().expect("a state").to_owned()
}

async fn is(client: &Client, wanted: &str) {
    until("the picture is so on this node", async || state(client).await == wanted).await;
}

async fn what_comes_in_at_one_node_is_seen_from_another() {
    let (mut house, here, there) = house().await;
    let mut at_there = there.join().await;
    let _encoder = encode(&rtmp(&here).await, false);
    is(&here, "live").await;
    let begun = Instant::now();
    at_there.expect_where("picture", |frame| frame["state"] == "live" && frame["whep"] == true).await;
    figures::say("picture_told_there", begun.elapsed().as_millis(), "ms");
    let begun = Instant::now();
    let mut viewer = view(&there).await;
    viewer.sees(1).await;
    figures::say("first_picture_there", begun.elapsed().as_millis(), "ms");
    viewer.hears(440.0).await;
    let begun = Instant::now();
    by_hls(&there).await;
    figures::say("first_segment_there", begun.elapsed().as_millis(), "ms");
    let host_there = house.at(&here, 1);
    until("the host is told of the encoder there", async || {
        host_there.get("ingest").await.ok()["publisher"]["protocol"] == "rtmp"
    })
    .await;
    // Who has come since then was told of no other picture.
    let mut at_there = there.join().await;
    at_there.expect_where("picture", |frame| frame["state"] == "live").await;
    let begun = Instant::now();
    house.kill(0);
    at_there.expect_where("picture", |frame| frame["state"] != "live").await;
    figures::say("told_after_kill", begun.elapsed().as_millis(), "ms");
    is(&there, "none").await;
    assert_eq!(there.get("playback").await.ok()["whep"], json!(null));
    house.assert_calm();
}

/// Fetches the playlists and a segment, all from the node that is asked.
async fn by_hls(client: &Client) {
    let playback = client.get("playback").await.ok();
    let url = playback["hls"].as_str().expect("there is HLS");
    let path = url.split_once("/api/v1").expect("an address of here").1;
    let folder = path.strip_suffix("master.m3u8").expect("a playlist");
    assert!(url.contains(&format!("127.0.0.1:{}", client.ports.any())), "{url}");
    let guest = client.guest();
    let master = guest.get(path).await;
    assert_eq!(master.header("content-type"), "application/vnd.apple.mpegurl");
    let playlist = guest.get(&format!("{folder}live.m3u8?_HLS_msn=1")).await;
    assert_eq!((playlist.status, playlist.header("cache-control")), (200, "no-store"));
    let mut lines = playlist.text.lines();
    let segment = lines.find(|line| line.ends_with(".m4s") && !line.starts_with('#')).expect("a segment");
    let segment = guest.get(&format!("{folder}{segment}")).await;
    assert_eq!((segment.status, segment.header("content-type")), (200, "video/mp4"));
}

async fn one_source_sends_over_all_nodes() {
    let (house, here, there) = house().await;
    let host_there = house.at(&here, 1);
    let mut source = publish(&here, "whip").await;
    is(&there, "live").await;
    assert_eq!(refusal("publish", &host_there, "whip").await, (409, "conflict".to_owned()));
    let mut viewer = view(&there).await;
    viewer.sees(5).await;
    let _second = publish(&host_there, "whip?takeover=true").await;
    source.is_closed().await;
    viewer.is_closed().await;
    is(&here, "live").await;
    view(&here).await.sees(5).await;
    assert_eq!(refusal("publish", &here, "whip").await, (409, "conflict".to_owned()));
    house.assert_calm();
}

async fn a_takeover_that_is_refused_on_another_node_changes_nothing() {
    let (house, here, there) = house().await;
    let host_there = house.at(&here, 1);
    let source = publish(&here, "whip").await;
    is(&there, "live").await;
    let mut viewer = view(&there).await;
    viewer.sees(5).await;
    let unreadable = host_there.request(Method::POST, "whip?takeover=true");
    let unreadable = unreadable.header("content-type", "application/sdp").body("v=0\r\n");
    assert_eq!(host_there.send(unreadable).await.status, 422);
    // Longer than a node takes to hear that its picture is another's.
    viewer.sees(80).await;
    is(&here, "live").await;
    is(&there, "live").await;
    assert_eq!(source.leave(&here).await, 200, "it was never ended");
    house.assert_calm();
}

async fn a_session_ends_from_any_node() {
    let (house, here, there) = house().await;
    let mut source = publish(&here, "whip").await;
    is(&there, "live").await;
    let mut viewer = view(&there).await;
    viewer.sees(5).await;
    let elsewhere = house.at(&here, 1);
    assert_eq!(viewer.leave(&elsewhere).await, 404, "it is another's");
    assert_eq!(viewer.leave(&there).await, 200);
    viewer.is_closed().await;
    assert_eq!(source.leave(&elsewhere).await, 200);
    source.is_closed().await;
    is(&there, "none").await;
    assert_eq!(source.leave(&elsewhere).await, 404);
}

async fn what_is_done_on_another_node_ends_the_picture() {
    let (house, here, there) = house().await;
    let host_there = house.at(&here, 1);
    let (of_stream, of_account) = ("ingest/rotate", "/users/me/ingest/rotate");
    for (document, rotate, other) in
        [("ingest", of_stream, of_account), ("/users/me/ingest", of_account, of_stream)]
    {
        let key = here.get(document).await.ok()["key"].as_str().unwrap().to_owned();
        let mut source = publish(&here.guest().with_token(&key), "/whip").await;
        is(&there, "live").await;
        host_there.post(other, json!({})).await.ok();
        // Two seconds and more: by then the node has looked which keys have changed.
        view(&there).await.sees(80).await;
        host_there.post(rotate, json!({})).await.ok();
        source.is_closed().await;
        is(&there, "none").await;
    }
    let mut source = publish(&here, "whip").await;
    is(&there, "live").await;
    assert_eq!(host_there.delete("ingest/publisher").await.status, 204);
    source.is_closed().await;
    is(&there, "none").await;
    let (mut source, mut viewer) = seen(&here, &there).await;
    host_there.post("end", json!({})).await.ok();
    source.is_closed().await;
    viewer.is_closed().await;
    let next = User::on_air(house.guest(), "next").await;
    let (here, there) = (house.at(&next, 0), house.at(&next, 1));
    let (mut source, mut viewer) = seen(&here, &there).await;
    there.delete("").await;
    source.is_closed().await;
    viewer.is_closed().await;
    house.assert_calm();
}

/// A source at one node and a viewer who asks the other.
async fn seen(here: &Client, there: &Client) -> (Peer, Peer) {
    let source = publish(here, "whip").await;
    is(there, "live").await;
    let mut viewer = view(there).await;
    viewer.sees(5).await;
    (source, viewer)
}

async fn who_is_no_member_any_more_sees_nothing_of_another_node() {
    let (house, here, there) = house().await;
    let host_there = house.at(&here, 1);
    here.patch("", json!({"visibility": "private"})).await.ok();
    assert!(here.put("members/bob", json!({})).await.status < 300);
    let (_source, mut viewer) = seen(&here, &there).await;
    assert!(host_there.delete("members/bob").await.status < 300);
    viewer.is_closed().await;
}

async fn a_node_that_cannot_be_reached_has_no_picture_for_others() {
    let house = House::open_unreachable(2).await;
    let host = house.on_air().await;
    let (here, there) = (house.at(&host, 0), house.at(&host, 1));
    let _source = publish(&there, "whip").await;
    is(&there, "live").await;
    house.running(0).says("--node-url").await;
    assert_eq!(state(&here).await, "none");
    assert_eq!(refusal("view", &here, "whep").await, (409, "no_picture".to_owned()));
    assert_eq!(refusal("publish", &here, "whip").await, (409, "conflict".to_owned()));
}
