//! Avatars and covers: who sends them, what is refused, how they are read, and when they are gone.

use crate::tools::{Answer, Client, Scene, TestServer};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use livehouse::config::Cap;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::io::Cursor;

const KINDS: [(&str, u32, u32); 2] = [("avatar", 256, 256), ("cover", 1500, 500)];
/// As `http/accounts/images.rs` has it.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// The header of a PNG of 60,000 by 60,000 pixels.
const BOMB: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\x0f\xb0\xe2\x15";

fn png(color: [u8; 3]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::from(RgbImage::from_pixel(300, 200, Rgb(color)));
    image.write_to(&mut bytes, ImageFormat::Png).expect("a vector takes it");
    bytes.into_inner()
}

async fn put(who: &Client, kind: &str, media_type: &str, bytes: Vec<u8>) -> Answer {
    let request = who.request(Method::PUT, &format!("/users/me/{kind}"));
    who.send(request.header("content-type", media_type).body(bytes)).await
}

/// An image as a browser gets it, by an address from a document of the API.
async fn fetch(who: &Client, url: &str) -> Response {
    let path = url.strip_prefix("/api/v1").expect("an address of the API");
    who.request(Method::GET, path).send().await.expect("an answer")
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn an_account_gives_itself_images_that_everybody_sees() {
    let server = TestServer::spawn();
    let (ana, guest) = (server.register("ana").await, server.guest());
    let before = ana.get("/users/me").await.ok();
    assert_eq!((&before["avatar_url"], &before["cover_url"]), (&Value::Null, &Value::Null));
    for (kind, width, height) in KINDS {
        let url = format!("{kind}_url");
        let me = put(&ana, kind, "image/png", png([200, 0, 0])).await.ok();
        let address = me[&url].as_str().expect("an address").to_owned();
        assert!(address.starts_with(&format!("/api/v1/users/ana/{kind}?v=")), "{address}");
        assert_eq!(ana.get("/users/me").await.ok()[&url], address.as_str());
        assert_eq!(guest.get("/users/ANA").await.ok()[&url], address.as_str());
        assert_eq!(guest.get("/channels/ana").await.ok()["user"][&url], address.as_str());
        let answer = fetch(&guest, &address).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "content-type")), (200, "image/jpeg"));
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert!(header(&answer, "content-security-policy").starts_with("default-src 'none';"));
        let bytes = answer.bytes().await.expect("the whole image");
        let image = image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).expect("a JPEG");
        assert_eq!((image.width(), image.height()), (width, height));
    }
}

#[tokio::test]
async fn a_stream_shows_the_avatar_of_its_host() {
    let Scene { server, host, .. } = &Scene::live().await;
    let guest = server.guest();
    let (stream, all) = (format!("/streams/{}", host.stream), "/streams?status=live");
    assert_eq!(guest.get(&stream).await.ok()["host"]["avatar_url"], Value::Null);
    let url = put(host, "avatar", "image/png", png([200, 0, 0])).await.ok()["avatar_url"].clone();
    assert_eq!(guest.get(&stream).await.ok()["host"]["avatar_url"], url);
    assert_eq!(guest.get(all).await.ok()["items"][0]["host"]["avatar_url"], url);
    let edited = host.patch(&stream, json!({"title": "Another"})).await.ok();
    assert_eq!(edited["host"]["avatar_url"], url);
}

#[tokio::test]
async fn an_address_with_its_version_is_good_for_ever_and_one_without_for_a_minute() {
    let server = TestServer::spawn();
    let (ana, guest) = (server.register("ana").await, server.guest());
    let first = put(&ana, "avatar", "image/png", png([200, 0, 0])).await.ok()["avatar_url"].clone();
    let again = put(&ana, "avatar", "image/png", png([200, 0, 0])).await.ok()["avatar_url"].clone();
    assert_eq!(first, again, "the same image has the same address");
    let second = put(&ana, "avatar", "image/png", png([0, 0, 200])).await.ok()["avatar_url"].clone();
    assert_ne!(first, second);
    let [first, second] = [&first, &second].map(|url| url.as_str().expect("an address"));
    let answer = fetch(&guest, second).await;
    assert_eq!(header(&answer, "cache-control"), "public, max-age=31536000, immutable");
    for other in [first, "/api/v1/users/ana/avatar"] {
        let answer = fetch(&guest, other).await;
        assert_eq!((answer.status().as_u16(), header(&answer, "cache-control")), (200, "public, max-age=60"));
    }
    let tag = header(&answer, "etag").to_owned();
    assert!(second.ends_with(&format!("?v={}", tag.trim_matches('"'))), "{tag} of {second}");
    let known =
        guest.send(guest.request(Method::GET, "/users/ana/avatar").header("if-none-match", tag)).await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    let other = guest.request(Method::GET, "/users/ana/avatar").header("if-none-match", "\"0\"");
    assert_eq!(other.send().await.expect("an answer").status().as_u16(), 200);
}

#[tokio::test]
async fn what_cannot_become_an_image_is_refused_with_its_code() {
    let server = TestServer::spawn_with(|config| config.limits.images_per_user = Cap::LIFTED);
    let ana = server.register("ana").await;
    for (kind, ..) in KINDS {
        put(&server.guest(), kind, "image/png", png([0; 3])).await.refused(401, "unauthenticated");
        for media_type in ["image/gif", "image/svg+xml", "application/json", "text/html"] {
            let refused = put(&ana, kind, media_type, png([0; 3])).await;
            assert_eq!(refused.header("accept"), "image/jpeg, image/png, image/webp");
            refused.refused(415, "unsupported_media_type");
        }
        let mut largest = png([0; 3]);
        largest.resize(MOST_BYTES, 0);
        assert_eq!(put(&ana, kind, "image/png", largest.clone()).await.status, 200);
        ana.delete(&format!("/users/me/{kind}")).await.ok();
        largest.push(0);
        put(&ana, kind, "image/png", largest).await.refused(413, "payload_too_large");
        for (bytes, why) in
            [(BOMB.to_vec(), "out_of_range"), (b"<svg/>".to_vec(), "malformed"), (Vec::new(), "malformed")]
        {
            let refused = put(&ana, kind, "image/png", bytes).await;
            assert_eq!(refused.body["errors"][0]["code"], why, "{refused:?}");
            refused.refused(422, "invalid_field");
        }
        let me = ana.get("/users/me").await.ok();
        assert_eq!(me[format!("{kind}_url")], Value::Null, "nothing was kept");
        server.guest().get(&format!("/users/ana/{kind}")).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn an_image_is_taken_away_as_often_as_one_likes() {
    let server = TestServer::spawn();
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    for (kind, ..) in KINDS {
        put(&ana, kind, "image/png", png([9; 3])).await.ok();
        put(&bo, kind, "image/png", png([9; 3])).await.ok();
        server.guest().delete(&format!("/users/me/{kind}")).await.refused(401, "unauthenticated");
        for _ in 0..2 {
            assert_eq!(ana.delete(&format!("/users/me/{kind}")).await.status, 204);
        }
        ana.get(&format!("/users/ana/{kind}")).await.refused(404, "not_found");
        assert_eq!(ana.get("/users/me").await.ok()[format!("{kind}_url")], Value::Null);
        assert_eq!(fetch(&ana, &format!("/api/v1/users/bob/{kind}")).await.status().as_u16(), 200);
    }
}

#[tokio::test]
async fn an_operator_takes_images_away_on_record_and_nobody_else_may() {
    let server = TestServer::spawn();
    let (ana, bo, op) =
        (server.register("ana").await, server.register("bob").await, server.register("opal").await);
    server.promote(&op);
    for (kind, ..) in KINDS {
        let path = format!("/users/ANA/{kind}");
        put(&ana, kind, "image/png", png([9; 3])).await.ok();
        server.guest().delete(&path).await.refused(401, "unauthenticated");
        bo.delete(&path).await.refused(403, "forbidden");
        assert_eq!(fetch(&bo, &format!("/api/v1/users/ana/{kind}")).await.status().as_u16(), 200);
        for _ in 0..2 {
            assert_eq!(op.delete(&path).await.status, 204);
        }
        bo.get(&path).await.refused(404, "not_found");
        assert_eq!(bo.get("/users/ana").await.ok()[format!("{kind}_url")], Value::Null);
        let (who, whose) = (format!("actor={}", op.id), format!("target={}", ana.id));
        server.on_record(&["  ok       ", &format!("{kind}.remove"), &who, &whose]).await;
        put(&ana, kind, "image/png", png([8; 3])).await.ok();
        assert_eq!(ana.delete(&path).await.status, 204, "one's own");
        op.delete(&format!("/users/nobody/{kind}")).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn the_images_of_an_account_go_with_it() {
    let server = TestServer::spawn();
    let (ana, guest) = (server.register("ana").await, server.guest());
    for (kind, ..) in KINDS {
        put(&ana, kind, "image/png", png([9; 3])).await.ok();
    }
    let farewell =
        ana.request(Method::DELETE, "/users/me").json(&json!({"password": crate::tools::PASSWORD}));
    assert_eq!(ana.send(farewell).await.status, 204);
    for (kind, ..) in KINDS {
        guest.get(&format!("/users/ana/{kind}")).await.refused(404, "not_found");
        put(&ana, kind, "image/png", png([9; 3])).await.refused(401, "unauthenticated");
    }
}

#[tokio::test]
async fn an_account_sends_so_many_a_minute_and_no_more_whatever_becomes_of_them() {
    let server = TestServer::spawn_with(|config| {
        config.on_one_node().limits.images_per_user = Cap::new(3);
    });
    let (ana, bo) = (server.register("ana").await, server.register("bob").await);
    put(&ana, "avatar", "image/png", png([9; 3])).await.ok();
    put(&ana, "cover", "image/png", b"none".to_vec()).await.refused(422, "invalid_field");
    put(&ana, "cover", "text/html", b"none".to_vec()).await.refused(415, "unsupported_media_type");
    let refused = put(&ana, "avatar", "image/png", png([9; 3])).await;
    assert!(refused.header("ratelimit").starts_with("\"images_per_user\";r=0;t="), "{refused:?}");
    refused.refused(429, "rate_limited");
    assert_eq!(server.metric("livehouse_limit_hits_total{limit=\"IMAGES_PER_USER\"}").await, 1);
    put(&bo, "avatar", "image/png", png([9; 3])).await.ok();
    assert_eq!(ana.delete("/users/me/avatar").await.status, 204, "that is no image");
}
