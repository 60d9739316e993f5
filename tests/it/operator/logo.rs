//! The site's own logo: put up and taken down by administrators, seen by everybody.

use super::administrator;
use crate::tools::{Answer, Client, TestServer, User};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::Method;
use serde_json::Value;
use std::io::Cursor;

fn png(color: [u8; 3]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::from(RgbImage::from_pixel(300, 200, Rgb(color)));
    image.write_to(&mut bytes, ImageFormat::Png).expect("a vector takes it");
    bytes.into_inner()
}

async fn put(who: &User, media_type: &str, bytes: Vec<u8>) -> Answer {
    who.send(who.request(Method::PUT, "/admin/logo").header("content-type", media_type).body(bytes)).await
}

/// Where everybody finds it.
async fn address(guest: &Client) -> Value {
    guest.get("/site").await.ok()["logo_url"].clone()
}

#[tokio::test]
async fn a_logo_is_seen_by_all_until_it_is_taken_down() {
    let server = TestServer::spawn();
    let root = administrator(&server).await;
    let guest = server.guest();
    assert_eq!(address(&guest).await, Value::Null);
    guest.get("/site/logo").await.refused(404, "not_found");

    let settings = put(&root, "image/png", png([200, 0, 0])).await.ok();
    let first = address(&guest).await;
    assert_eq!(settings["logo_url"], first);
    let path = first.as_str().and_then(|url| url.strip_prefix("/api/v1")).expect("an address of the API");
    let answer = guest.request(Method::GET, path).send().await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()),
        (200, "image/jpeg")
    );
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let image =
        image::load_from_memory_with_format(&answer.bytes().await.unwrap(), ImageFormat::Jpeg).unwrap();
    assert_eq!((image.width(), image.height()), (256, 256));

    put(&root, "image/png", png([0, 0, 200])).await.ok();
    let second = address(&guest).await;
    assert!(second.is_string() && second != first, "{second}");
    root.patch("/admin/settings", serde_json::json!({"name": "The Barn"})).await.ok();
    assert_eq!(address(&guest).await, second, "other settings leave it as it is");
    server.on_record(&["site.logo"]).await;

    let server = server.restart();
    assert_eq!(address(&server.guest()).await, second);
    let root = server.guest().log_in("root", crate::tools::PASSWORD).await.ok();
    let root = server.guest().with_token(root["session"]["access_token"].as_str().unwrap());
    for _ in 0..2 {
        assert_eq!(root.delete("/admin/logo").await.status, 204);
        assert_eq!(address(&server.guest()).await, Value::Null);
    }
    server.guest().get("/site/logo").await.refused(404, "not_found");
    server.on_record(&["site.logo.remove"]).await;
}

#[tokio::test]
async fn what_is_no_image_changes_nothing() {
    let server = TestServer::spawn();
    let root = administrator(&server).await;
    put(&root, "image/png", png([1; 3])).await.ok();
    let before = address(&server.guest()).await;
    put(&root, "image/png", b"none".to_vec()).await.refused(422, "invalid_field");
    put(&root, "image/svg+xml", b"<svg/>".to_vec()).await.refused(415, "unsupported_media_type");
    put(&root, "image/png", vec![0; 3 * 1024 * 1024]).await.refused(413, "payload_too_large");
    assert_eq!(address(&server.guest()).await, before);
}
