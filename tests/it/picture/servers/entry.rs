//! Who is let in at a media server, and who is not.

use super::double::{
    ALL, Kind, Publisher, hooks, hooks_on_one_node, is_sent, key_of, no, on_air, picture_is, refusal_is, yes,
};
use crate::{
    picture::sdp,
    tools::{Scene, Setup, until},
};
use livehouse::config::Cap;
use serde_json::{Value, json};

#[tokio::test]
async fn who_has_the_key_is_let_in_and_the_house_has_a_picture() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    for kind in ALL {
        let (stream, publisher) = on_air(host, kind).await;
        yes(kind, publisher.publish(server).await);
        picture_is(&stream, "live").await;
        let ingest = is_sent(&stream, true).await;
        let via = ["nginx", "srs", "mediamtx", "ome"][kind as usize];
        assert_eq!(
            (&ingest["publisher"]["via"], &ingest["publisher"]["protocol"]),
            (&json!(via), &json!("rtmp"))
        );
        let agent = &ingest["publisher"]["agent"];
        assert!(agent.is_null() == (kind == Kind::Srs), "SRS does not tell it: {agent}");
        assert_eq!((&ingest["warnings"], &ingest["last_refusal"]), (&json!([]), &Value::Null));
        let playback = stream.get("playback").await.ok();
        assert_eq!((&playback["whep"], &playback["hls"]), (&Value::Null, &Value::Null), "it is not here");
        assert_eq!(stream.get("").await.ok()["playback_url"], Value::Null, "nobody has said where it is");
        yes(kind, publisher.publish(server).await);
    }
}

#[tokio::test]
async fn the_key_of_an_account_opens_its_streams_and_no_others() {
    let Scene { server, host, bo } = &Scene::live_with(hooks).await;
    let key = host.get("/users/me/ingest").await.ok()["key"].as_str().expect("a key").to_owned();
    for kind in ALL {
        let (stream, publisher) = on_air(host, kind).await;
        yes(kind, publisher.with_key(&key).publish(server).await);
        picture_is(&stream, "live").await;
        let (bobs, publisher) = on_air(bo, kind).await;
        no(kind, publisher.with_key(&key).publish(server).await);
        refusal_is(&bobs, "unknown_key").await;
    }
}

#[tokio::test]
async fn who_has_another_key_or_none_is_refused_and_the_host_reads_why() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    let other = host.go_live("other").await;
    let of_other = key_of(&other).await;
    for (kind, from) in ALL.into_iter().zip(["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]) {
        let (stream, publisher) = on_air(host, kind).await;
        let publisher = publisher.from(from);
        for wrong in ["lh_aaaaaaaaaaaaaaaaaaaaaaaaaa", "x", &of_other] {
            no(kind, publisher.with_key(wrong).publish(server).await);
        }
        let detail = refusal_is(&stream, "unknown_key").await;
        assert!(!detail.contains(&of_other), "{detail}");
        no(kind, publisher.with_key("").publish(server).await);
        picture_is(&stream, "none").await;
    }
}

#[tokio::test]
async fn what_is_no_stream_or_over_takes_nobody() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    for kind in ALL {
        let (stream, publisher) = on_air(host, kind).await;
        stream.post("end", json!({})).await.ok();
        no(kind, publisher.publish(server).await);
        refusal_is(&stream, "stream_ended").await;
        let unknown =
            Publisher { stream: "01990000-0000-7000-8000-000000000001".to_owned(), ..publisher.clone() };
        no(kind, unknown.publish(server).await);
        stream.delete("").await;
        no(kind, publisher.publish(server).await);
        let nameless = Publisher { stream: "mine".to_owned(), ..publisher };
        let told = nameless.publish(server).await;
        assert_eq!(told.status, 422, "{kind:?}: {told:?}");
    }
}

#[tokio::test]
async fn a_second_one_is_refused_wherever_the_first_sends() {
    let Scene { server, host, .. } = &Scene::live_with(hooks).await;
    for kind in ALL {
        let (stream, publisher) = on_air(host, kind).await;
        yes(kind, publisher.publish(server).await);
        no(kind, publisher.with_client(2).publish(server).await);
        let detail = refusal_is(&stream, "conflict").await;
        assert!(detail.starts_with("another encoder is sending"), "{detail}");
        sdp::publish(&stream, "whip").await.refused(409, "conflict");
        picture_is(&stream, "live").await;

        let (stream, publisher) = on_air(host, kind).await;
        sdp::session(&sdp::publish(&stream, "whip").await);
        no(kind, publisher.publish(server).await);
        refusal_is(&stream, "conflict").await;
    }
}

#[tokio::test]
async fn a_stream_whose_host_wants_it_starts_with_the_picture() {
    let Scene { server, host, .. } = &Scene::scheduled_with(hooks).await;
    for kind in ALL {
        let stream = host.create_stream("soon").await;
        let publisher = Publisher::new(kind, &stream.stream, &key_of(&stream).await);
        stream.patch("ingest", json!({"auto_start": true})).await.ok();
        yes(kind, publisher.publish(server).await);
        until("it has started", async || stream.get("").await.ok()["status"] == "live").await;
    }
}

#[tokio::test]
async fn where_it_can_be_seen_is_said_to_everybody() {
    let template = |setup: &mut Setup| {
        hooks(setup);
        setup.media_playback_template =
            Some("https://media.example/{name}/index.m3u8?of={id}".parse().unwrap());
    };
    let Scene { server, host, bo } = &Scene::live_with(template).await;
    let (id, key) = (&host.stream, &key_of(host).await);
    let mut viewer = bo.join().await;
    let publisher = Publisher::new(Kind::Mediamtx, &format!("live/{id}"), key);
    yes(Kind::Mediamtx, publisher.publish(server).await);
    let updated = viewer.expect("stream.updated").await;
    let url = format!("https://media.example/live/{id}/index.m3u8?of={id}");
    assert_eq!(updated["stream"]["playback_url"], url);
    picture_is(bo, "live").await;
    assert_eq!(bo.get("").await.ok()["playback_url"], url);
    let (_, before) = bo.log().await;
    yes(Kind::Mediamtx, publisher.end(server).await);
    yes(Kind::Mediamtx, publisher.with_client(2).publish(server).await);
    assert_eq!(bo.log().await.1, before, "it is said once");
}

#[tokio::test]
async fn wrong_keys_are_counted_by_where_they_come_from_and_never_stand_against_a_right_one() {
    let Scene { server, host, .. } = &Scene::live_with(hooks_on_one_node).await;
    let wrong = "lh_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let hits = async || server.metric("livehouse_limit_hits_total{limit=\"WRONG_INGEST_KEYS_PER_IP\"}").await;
    for (kind, from, other) in [
        (Kind::Nginx, "198.51.100.1", "198.51.100.2"),
        (Kind::Srs, "198.51.101.1", "198.51.101.2"),
        (Kind::Mediamtx, "198.51.102.1", "198.51.102.2"),
        (Kind::Ome, "198.51.103.1", "198.51.103.2"),
    ] {
        let (_, publisher) = on_air(host, kind).await;
        let publisher = publisher.from(from);
        for _ in 0..11 {
            no(kind, publisher.with_key(wrong).publish(server).await);
        }
        let many = publisher.with_key(wrong).publish(server).await;
        assert!(many.body.contains("too many wrong keys") || many.status == 429, "{kind:?}: {many:?}");
        let elsewhere = publisher.with_key(wrong).from(other).publish(server).await;
        assert!(!elsewhere.body.contains("too many") && elsewhere.status != 429, "{kind:?}: {elsewhere:?}");
        yes(kind, publisher.publish(server).await);
    }
    assert_eq!(hits().await, 2 * 4);
}

#[tokio::test]
async fn one_publisher_too_many_is_refused_and_counted() {
    let one = |setup: &mut Setup| {
        hooks_on_one_node(setup);
        setup.limits.publishers = Cap::new(1);
    };
    let Scene { server, host, .. } = &Scene::live_with(one).await;
    let (_, first) = on_air(host, Kind::Srs).await;
    yes(Kind::Srs, first.publish(server).await);
    let (stream, second) = on_air(host, Kind::Srs).await;
    let told = second.publish(server).await;
    assert_eq!((told.status, told.body.as_str()), (503, "1"));
    refusal_is(&stream, "overloaded").await;
    assert_eq!(server.metric("livehouse_limit_hits_total{limit=\"PUBLISHERS\"}").await, 1);
    assert_eq!(server.metric("livehouse_media_publishers_total{protocol=\"rtmp\"}").await, 1);
    assert_eq!(server.metric("livehouse_media_refused_total{code=\"overloaded\"}").await, 1);
    yes(Kind::Srs, first.end(server).await);
    picture_is(&stream, "none").await;
    until("there is room", async || second.publish(server).await.is_yes(Kind::Srs)).await;
}
