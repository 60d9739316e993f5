//! What ends a publisher at a media server: its own end, however often and late it is told, and the house, which sends it away
//! there.

use super::{
    api::Api,
    double::{ALL, Kind, Publisher, hooks, is_sent, no, on_air, picture_is, yes},
};
use crate::tools::{Client, Scene, Setup, TestServer, until};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn an_end_stalls_the_picture_and_who_comes_back_shows_it_again() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    for kind in ALL {
        let (stream, publisher) = on_air(host, kind).await;
        yes(kind, publisher.publish(server).await);
        picture_is(&stream, "live").await;
        yes(kind, publisher.end(server).await);
        picture_is(&stream, "stalled").await;
        yes(kind, publisher.end(server).await);
        yes(kind, publisher.with_client(2).publish(server).await);
        picture_is(&stream, "live").await;
    }
}

#[tokio::test]
async fn a_late_end_of_an_older_one_ends_nothing() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    for kind in ALL {
        let (stream, publisher) = on_air(host, kind).await;
        let next = publisher.with_client(2);
        yes(kind, publisher.publish(server).await);
        yes(kind, publisher.end(server).await);
        until("the next one is let in", async || next.publish(server).await.is_yes(kind)).await;
        yes(kind, publisher.end(server).await);
        picture_is(&stream, "live").await;
        is_sent(&stream, true).await;
        yes(kind, next.end(server).await);
        picture_is(&stream, "stalled").await;
    }
}

/// The acts that end what a publisher may.
const ENDS: [(Method, &str); 4] = [
    (Method::DELETE, "ingest/publisher"),
    (Method::POST, "ingest/rotate"),
    (Method::POST, "end"),
    (Method::DELETE, ""),
];

async fn act(stream: &Client, (method, path): &(Method, &str)) {
    let done = stream.send(stream.request(method.clone(), path).json(&json!({}))).await;
    assert!(done.status < 300, "{path}: {done:?}");
}

/// How it is sent away, as its server's own source has it.
fn kick(Publisher { kind, stream, .. }: &Publisher) -> String {
    match kind {
        Kind::Nginx => format!("GET /control/drop/publisher?app=live&name={stream}&clientid=1"),
        Kind::Srs => "DELETE /api/v1/clients/c1".to_owned(),
        Kind::Mediamtx => "POST /v3/rtmpconns/kick/5a0f6a52-3c1e-4a0e-9d0c-000000000001".to_owned(),
        Kind::Ome => format!("DELETE /apps/app/streams/{stream}"),
    }
}

async fn with_api() -> (Scene, Api) {
    let api = Api::new().await;
    let configured = |setup: &mut Setup| {
        hooks(setup);
        api.configure(setup);
    };
    (Scene::live_with(configured).await, api)
}

#[tokio::test]
async fn whom_the_house_ends_is_sent_away_there() {
    for kind in ALL {
        let (Scene { server, host, .. }, api) = &with_api().await;
        for end in ENDS {
            let (stream, publisher) = on_air(host, kind).await;
            yes(kind, publisher.publish(server).await);
            picture_is(&stream, "live").await;
            let before = api.asked().iter().filter(|line| **line == kick(&publisher)).count();
            act(&stream, &end).await;
            until("it is sent away", async || {
                api.asked().iter().filter(|line| **line == kick(&publisher)).count() > before
            })
            .await;
        }
    }
}

/// What somebody new shows by such a server.
async fn shown_by(server: &TestServer, name: &str, kind: Kind) -> (Client, Publisher) {
    let hosting = server.register(name).await;
    let (stream, publisher) = on_air(&hosting, kind).await;
    yes(kind, publisher.publish(server).await);
    picture_is(&stream, "live").await;
    (stream, publisher)
}

#[tokio::test]
async fn with_its_host_a_publisher_goes() {
    let (Scene { server, host, bo }, api) = &with_api().await;
    server.promote(host);
    for (kind, name) in ALL.into_iter().zip(["cid", "dan", "eve", "fay"]) {
        let (stream, publisher) = shown_by(server, name, kind).await;
        host.patch(&format!("/admin/users/{name}"), json!({"disabled": true})).await.ok();
        api.is_asked(&kick(&publisher)).await;
        picture_is(&bo.at(&stream.stream), "none").await;
        no(kind, publisher.with_client(2).publish(server).await);
    }
}

#[tokio::test]
async fn with_a_ban_of_its_host_a_publisher_goes_and_may_come_back() {
    let (Scene { server, host, bo }, api) = &with_api().await;
    server.promote(host);
    for (kind, name) in ALL.into_iter().zip(["cid", "dan", "eve", "fay"]) {
        let (stream, publisher) = shown_by(server, name, kind).await;
        host.put(&format!("/admin/bans/{name}"), json!({})).await.ok();
        api.is_asked(&kick(&publisher)).await;
        picture_is(&bo.at(&stream.stream), "none").await;
        let next = publisher.with_client(2);
        no(kind, next.publish(server).await);
        host.delete(&format!("/admin/bans/{name}")).await.ok();
        until("the next one is let in", async || next.publish(server).await.is_yes(kind)).await;
        picture_is(&stream, "live").await;
    }
}

#[tokio::test]
async fn a_new_key_of_the_stream_leaves_who_came_by_that_of_the_account() {
    let (Scene { server, host, .. }, api) = &with_api().await;
    let account_key =
        async || host.get("/users/me/ingest").await.ok()["key"].as_str().expect("a key").to_owned();
    for kind in ALL {
        let (stream, publisher) = on_air(host, kind).await;
        let publisher = publisher.with_key(&account_key().await);
        yes(kind, publisher.publish(server).await);
        picture_is(&stream, "live").await;
        let kicks = async || api.asked().iter().filter(|line| **line == kick(&publisher)).count();
        let before = kicks().await;
        stream.post("ingest/rotate", json!({})).await.ok();
        stream.get("ingest").await.ok();
        assert_eq!(kicks().await, before);
        host.post("/users/me/ingest/rotate", json!({})).await.ok();
        until("it is sent away", async || kicks().await > before).await;
        picture_is(&stream, "none").await;
    }
}

#[tokio::test]
async fn without_an_api_the_picture_ends_in_this_house() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    for kind in ALL {
        let (stream, publisher) = on_air(host, kind).await;
        yes(kind, publisher.publish(server).await);
        picture_is(&stream, "live").await;
        stream.delete("ingest/publisher").await;
        picture_is(&stream, "none").await;
        is_sent(&stream, false).await;
    }
}

#[tokio::test]
async fn who_went_by_itself_is_not_sent_away() {
    let (Scene { server, host, .. }, api) = &with_api().await;
    for kind in ALL {
        let (stream, publisher) = on_air(host, kind).await;
        yes(kind, publisher.publish(server).await);
        yes(kind, publisher.end(server).await);
        picture_is(&stream, "stalled").await;
        stream.post("end", json!({})).await.ok();
        picture_is(&stream, "none").await;
        assert!(!api.asked().contains(&kick(&publisher)), "{kind:?}: {:?}", api.asked());
    }
}

/// Where its server has it, as a part of the path that is asked for.
fn place(Publisher { kind, stream, .. }: &Publisher) -> String {
    match kind {
        Kind::Srs => "clients/c1".to_owned(),
        Kind::Mediamtx => "/get/5a0f6a52-3c1e-4a0e-9d0c-000000000001".to_owned(),
        _ => format!("streams/{stream}"),
    }
}

#[tokio::test]
async fn who_is_gone_without_a_word_makes_room_for_the_next() {
    let (Scene { server, host, .. }, api) = &with_api().await;
    // nginx does not say who is there.
    for kind in [Kind::Srs, Kind::Mediamtx, Kind::Ome] {
        let (stream, publisher) = on_air(host, kind).await;
        yes(kind, publisher.publish(server).await);
        let next = publisher.with_client(2);
        if kind != Kind::Ome {
            no(kind, next.publish(server).await);
        }
        api.forgets(&place(&publisher));
        until("the next one is let in", async || next.publish(server).await.is_yes(kind)).await;
        picture_is(&stream, "live").await;
    }
}

#[tokio::test]
async fn who_is_gone_without_a_word_is_missed() {
    let (Scene { server, host, .. }, api) = &with_api().await;
    let mut all = Vec::new();
    for kind in [Kind::Srs, Kind::Mediamtx, Kind::Ome] {
        let (stream, publisher) = on_air(host, kind).await;
        yes(kind, publisher.publish(server).await);
        picture_is(&stream, "live").await;
        all.push((stream, publisher));
    }
    for (stream, publisher) in &all {
        api.forgets(&place(publisher));
        picture_is(stream, "stalled").await;
        assert!(!api.asked().contains(&kick(publisher)), "it is gone already");
    }
}
