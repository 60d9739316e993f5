//! Settings of all streams of a host, and of one: what a stream has set itself wins, and the rest is the channel's.

use crate::tools::{Client, Scene, TestServer};
use serde_json::{Value, json};

/// What every channel begins with.
fn plain() -> Value {
    json!({"comments": "users", "slow_mode_s": 0, "min_account_age_s": 0, "repeat_window_s": 0, "links": "allow",
        "hold_all": false})
}

/// These with something changed.
fn with(base: Value, changed: &Value) -> Value {
    let mut settings = base;
    for (name, value) in changed.as_object().expect("members") {
        settings[name] = value.clone();
    }
    settings
}

async fn assert_holds(who: &Client, path: &str, expected: &Value, own: &Value) {
    let found = who.get(path).await.ok();
    assert_eq!(found, with(expected.clone(), &json!({"own": own})), "{path}");
}

#[tokio::test]
async fn each_member_is_inherited_until_a_stream_sets_it_and_after_it_gives_it_back() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let (plainly, stream) = (ana.create_stream("inherits").await, ana.create_stream("has its own").await);
    for (name, of_channel, own, other) in [
        ("comments", json!("followers"), json!("moderators"), json!("users")),
        ("slow_mode_s", json!(30), json!(60), json!(90)),
        ("min_account_age_s", json!(30), json!(60), json!(0)),
        ("repeat_window_s", json!(30), json!(0), json!(90)),
        ("links", json!("hold"), json!("reject"), json!("allow")),
        ("hold_all", json!(true), json!(false), json!(false)),
    ] {
        let set = |value: &Value| json!({name: value});
        assert_holds(&stream, "settings", &plain(), &json!([])).await;
        let changed = ana.patch("/channels/ana/settings", set(&of_channel)).await.ok();
        assert_eq!(changed, with(plain(), &json!({name: of_channel, "own": [name]})));
        assert_holds(&ana, "/channels/ana/settings", &with(plain(), &set(&of_channel)), &json!([name])).await;
        for who in [&plainly, &stream] {
            assert_holds(who, "settings", &with(plain(), &set(&of_channel)), &json!([])).await;
        }
        let changed = stream.patch("settings", set(&own)).await.ok();
        assert_eq!(changed, with(plain(), &json!({name: own, "own": [name]})));
        ana.patch("/channels/ana/settings", set(&other)).await.ok();
        assert_holds(&stream, "settings", &with(plain(), &set(&own)), &json!([name])).await;
        assert_holds(&plainly, "settings", &with(plain(), &set(&other)), &json!([])).await;
        let later = ana.create_stream("made later").await;
        assert_holds(&later, "settings", &with(plain(), &set(&other)), &json!([])).await;
        stream.patch("settings", json!({name: null})).await.ok();
        assert_holds(&stream, "settings", &with(plain(), &set(&other)), &json!([])).await;
        let back = ana.patch("/channels/ana/settings", json!({name: null})).await.ok();
        assert_eq!(back, with(plain(), &json!({"own": []})));
    }
}

#[tokio::test]
async fn what_a_stream_has_set_is_its_own_also_where_the_channel_has_the_same() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let stream = ana.create_stream("one").await;
    stream.patch("settings", json!({"slow_mode_s": 0})).await.ok();
    assert_holds(&stream, "settings", &plain(), &json!(["slow_mode_s"])).await;
    ana.patch("/channels/ana/settings", json!({"slow_mode_s": 30, "hold_all": true})).await.ok();
    assert_holds(&stream, "settings", &with(plain(), &json!({"hold_all": true})), &json!(["slow_mode_s"]))
        .await;
}

#[tokio::test]
async fn all_rooms_of_the_host_are_told_and_judge_by_it() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let second = host.go_live("two").await;
    second.patch("settings", json!({"comments": "users"})).await.ok();
    let mut viewers = [bo.join().await, bo.at(&second.stream).join().await];
    host.patch("/channels/ana/settings", json!({"comments": "off", "links": "reject"})).await.ok();
    let off = with(plain(), &json!({"comments": "off", "links": "reject"}));
    assert_eq!(viewers[0].expect("settings.updated").await["settings"], off);
    assert_eq!(
        viewers[1].expect("settings.updated").await["settings"],
        with(off, &json!({"comments": "users"}))
    );
    assert_eq!(viewers[0].comment("x").await["code"], "comments_off");
    assert_eq!(viewers[1].comment("x").await["type"], "ack");
    assert_eq!(viewers[1].comment("https://a.example/").await["code"], "links_not_allowed");
    let next = bo.at(&host.go_live("three").await.stream);
    next.post("comments", json!({"content": "x"})).await.refused(403, "comments_off");

    host.patch("", json!({"title": "still"})).await.ok();
    host.patch("/channels/ana/settings", json!({"comments": "off"})).await.ok();
    let told = host.log().await.0.iter().filter(|event| event["type"] == "settings.updated").count();
    assert_eq!(told, 1, "the same again is no news");
    for viewer in viewers {
        viewer.leave().await;
    }
}

#[tokio::test]
async fn a_stream_that_is_over_keeps_what_held_in_it() {
    let Scene { host, .. } = &Scene::live().await;
    host.post("end", json!({})).await.ok();
    host.patch("/channels/ana/settings", json!({"slow_mode_s": 30})).await.ok();
    assert_eq!(host.get("settings").await.ok()["slow_mode_s"], 0);
    assert!(host.log().await.0.iter().all(|event| event["type"] != "settings.updated"));
}

#[tokio::test]
async fn settings_of_a_channel_hold_after_a_restart() {
    let scene = Scene::live().await;
    scene.host.patch("settings", json!({"links": "hold"})).await.ok();
    scene.host.patch("/channels/ana/settings", json!({"slow_mode_s": 30})).await.ok();
    let Scene { host, .. } = &scene.restart();
    let expected = with(plain(), &json!({"slow_mode_s": 30, "links": "hold"}));
    assert_holds(host, "settings", &expected, &json!(["links"])).await;
    let viewer = host.join().await;
    assert_eq!(viewer.opening["settings"], expected);
    viewer.leave().await;
}

#[tokio::test]
async fn what_a_channel_cannot_be_set_to_is_said_with_its_name() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    for (bad, field) in [
        (json!({"slow_mode_s": 3601}), "slow_mode_s"),
        (json!({"min_account_age_s": 31_536_001}), "min_account_age_s"),
        (json!({"repeat_window_s": 86_401}), "repeat_window_s"),
        (json!({"comments": "nobody"}), "comments"),
        (json!({"hold_all": 1}), "hold_all"),
        (json!({"own": []}), "own"),
    ] {
        let refused = ana.patch("/channels/ana/settings", bad.clone()).await.refused(422, "invalid_field");
        assert_eq!(refused["errors"][0]["field"], field, "{bad}");
    }
}
