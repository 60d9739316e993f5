//! Strangers who throw what they have at the ports of pictures: nothing ends, and nobody's frames are missing.

use super::peer::{Peer, publish, view, view_with};
use crate::{
    need,
    tools::{Client, Scene},
};
use libtest_mimic::Trial;
use reqwest::Method;
use std::{
    io::{Read, Write},
    net::{TcpStream, UdpSocket},
    time::Duration,
};

pub fn tests() -> Vec<Trial> {
    need::tests![[Aiortc]:
        junk_on_the_media_port_costs_nobody_a_frame,
        absurd_offers_cost_nobody_a_frame,
        who_has_another_certificate_than_the_offer_says_is_no_failure_of_ours,
        nested_objects_of_an_encoder_without_a_key_cost_nobody_a_frame,
    ]
}

async fn seen(scene: &Scene) -> (Peer, Peer) {
    let source = publish(&scene.host, "whip").await;
    let mut viewer = view(&scene.bo).await;
    viewer.sees(5).await;
    (source, viewer)
}

/// Numbers that are the same in every run, as bytes.
fn junk(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

async fn junk_on_the_media_port_costs_nobody_a_frame() {
    let scene = Scene::live().await;
    let (_source, mut viewer) = seen(&scene).await;
    let server = viewer.server();
    let attacker = UdpSocket::bind("127.0.0.1:0").unwrap();
    attacker.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    let begins: [&[u8]; 4] = [&[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42], &[22, 254, 253], &[0x80, 96], &[]];
    for round in 0..2_000 {
        let begin = begins[round % begins.len()];
        let datagram = [begin, &junk(round as u64 + 1, 20 + round % 1_200)].concat();
        // A full buffer of this machine is no failure of the server.
        _ = attacker.send_to(&datagram, server);
    }
    let mut answer = [0; 2_000];
    assert!(attacker.recv(&mut answer).is_err(), "strangers are not answered");
    viewer.sees(20).await;
}

async fn offer(client: &Client, path: &str, sdp: Vec<u8>) -> u16 {
    let request = client.request(Method::POST, path).header("content-type", "application/sdp").body(sdp);
    client.send(request).await.status
}

async fn absurd_offers_cost_nobody_a_frame() {
    let scene = Scene::live_with(|config| {
        config.limits.media_offers_per_ip = livehouse::config::Cap::LIFTED;
    })
    .await;
    let (source, mut viewer) = seen(&scene).await;
    let real = source.answered["text"].as_str().unwrap().to_owned();
    let lines = |count: usize, line: &str| format!("v=0\r\n{}", line.repeat(count)).into_bytes();
    let absurd = [
        lines(1_500, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"),
        lines(2_000, "a=ssrc:1 cname:x\r\n"),
        lines(1, "m=audio 99999999999999 UDP/TLS/RTP/SAVPF 4294967296\r\n"),
        real.replace("v=0", "v=0\r\no=- -1 -1 IN IP4 x").into_bytes(),
        real.replace("a=mid:", "a=mid:\u{0}").into_bytes(),
        real.split("m=").next().unwrap().repeat(20).into_bytes(),
        junk(7, 60_000),
    ];
    for sdp in absurd {
        for path in ["whip?takeover=false", "whep"] {
            let status = offer(&scene.host, path, sdp.clone()).await;
            assert!([409, 422].contains(&status), "{path}: {status}");
        }
    }
    viewer.sees(20).await;
}

async fn who_has_another_certificate_than_the_offer_says_is_no_failure_of_ours() {
    let scene = Scene::live().await;
    let (_source, mut viewer) = seen(&scene).await;
    for fingerprint in ["sha-256 AA", "sha-1 AA:BB", &format!("sha-256 AA{}", ":AA".repeat(31))] {
        let mut stranger = view_with(&scene.bo, &["--fingerprint", fingerprint]).await;
        stranger.is_closed().await;
    }
    viewer.sees(20).await;
    assert_eq!(scene.server.metric("livehouse_media_peer_failures_total").await, 0);
}

/// An AMF0 command whose argument is an object in an object, and so on: 20,000 of them are 80 kB.
fn nested(levels: usize) -> Vec<u8> {
    let mut message = [&[2, 0, 7][..], b"connect", &[0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]].concat();
    (0..levels).for_each(|_| message.extend([3, 0, 1, b'a']));
    message
}

async fn nested_objects_of_an_encoder_without_a_key_cost_nobody_a_frame() {
    let scene = Scene::live().await;
    let (_source, mut viewer) = seen(&scene).await;
    let ingest = scene.host.get("ingest").await.ok();
    let url = ingest["rtmp_url"].as_str().expect("an address").to_owned();
    let address = url.trim_start_matches("rtmp://").trim_end_matches("/live").to_owned();
    for levels in [20_000, 100] {
        let mut encoder = TcpStream::connect(&address).unwrap();
        encoder.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut hello = vec![3];
        hello.extend(junk(3, 1_536));
        encoder.write_all(&hello).unwrap();
        let mut answer = vec![0; 1 + 2 * 1_536];
        encoder.read_exact(&mut answer).unwrap();
        encoder.write_all(&answer[1..1_537]).unwrap();
        let message = nested(levels);
        let length = (message.len() as u32).to_be_bytes();
        let mut chunks = vec![3, 0, 0, 0, length[1], length[2], length[3], 20, 0, 0, 0, 0];
        for (number, piece) in message.chunks(128).enumerate() {
            if number > 0 {
                chunks.push(0xc3);
            }
            chunks.extend(piece);
        }
        // It may hang up before it has read all of it.
        _ = encoder.write_all(&chunks);
        _ = encoder.read_to_end(&mut Vec::new());
    }
    viewer.sees(20).await;
    assert!(scene.server.is_ready().await);
}
