//! What bots write is marked as theirs, wherever it is read.

use super::{program, with_key};
use crate::tools::{Scene, User, id_of};
use serde_json::{Value, json};

async fn bot(owner: &User) -> crate::tools::Client {
    let wanted = json!({"name": "Jukebox", "scopes": super::SCOPES, "bot": true});
    with_key(owner, &owner.post("/users/me/keys", wanted).await.ok())
}

#[tokio::test]
async fn what_a_bot_says_is_marked_in_answers_events_lists_and_after_a_restart() {
    let scene = Scene::live().await;
    let Scene { host, bo, .. } = &scene;
    let (bot, plain) = (bot(bo).await, program(bo, &["read", "comment"]).await);
    let mut viewer = host.join().await;
    let said = bot.comment("beep").await;
    assert_eq!(said["user"]["bot"], true, "{said}");
    assert_eq!(viewer.expect_comment("beep").await["comment"]["user"]["bot"], true);
    let mut at_bot = bot.join().await;
    assert_eq!(at_bot.comment("boop").await["comment"]["user"]["bot"], true);
    let by_plain = plain.comment("hello").await;
    assert_eq!(by_plain["user"]["bot"], Value::Null, "only keys that were made so mark");
    assert_eq!(bo.comment("it is me").await["user"]["bot"], Value::Null);
    at_bot.leave().await;
    viewer.leave().await;

    let check = async |reader: &crate::tools::Client| {
        let marked = |comment: &Value| (comment["content"].clone(), comment["user"]["bot"] == true);
        let expected = [("beep", true), ("boop", true), ("hello", false), ("it is me", false)]
            .map(|(content, is_bot)| (json!(content), is_bot));
        let listed = reader.get("comments?order=asc").await.ok();
        let listed: Vec<_> = listed["items"].as_array().unwrap().iter().map(marked).collect();
        assert_eq!(listed, expected);
        let (log, _) = reader.log().await;
        let logged: Vec<_> = log
            .iter()
            .filter(|event| event["type"] == "comment.created")
            .map(|event| marked(&event["comment"]))
            .collect();
        assert_eq!(logged, expected);
        let room = reader.join().await;
        let shown: Vec<_> = room.opening["comments"].as_array().unwrap().iter().map(marked).collect();
        assert_eq!(shown, expected);
        room.leave().await;
        let resumed = reader.rejoin(0).await;
        resumed.leave().await;
        let one = reader.get(&format!("comments/{}", id_of(&said))).await.ok();
        assert_eq!(one["user"]["bot"], true);
        let export = reader.get("comments/export?format=ndjson").await;
        assert_eq!(export.text.matches("\"bot\":true").count(), 2, "{}", export.text);
    };
    check(host).await;
    let scene = scene.restart();
    check(&scene.host).await;
}

#[tokio::test]
async fn announcements_and_questions_of_bots_are_marked_too() {
    let Scene { host, bo, .. } = &Scene::live().await;
    let mut viewer = bo.join().await;
    let (hosts, bos) = (bot(host).await, bot(bo).await);
    let announced = hosts.post("announcements", json!({"content": "beep"})).await.ok();
    assert_eq!((&announced["user"]["bot"], &announced["user"]["username"]), (&json!(true), &json!("ana")));
    assert_eq!(viewer.expect("announcement.created").await["announcement"], announced);
    let asked = bos.post("questions", json!({"content": "beep?"})).await.ok();
    assert_eq!(asked["user"]["bot"], true);
    assert_eq!(viewer.expect("question.created").await["question"], asked);
    viewer.leave().await;
    let room = host.join().await;
    assert_eq!(room.opening["announcement"]["user"]["bot"], true);
    assert_eq!(room.opening["questions"][0]["user"]["bot"], true);
    room.leave().await;
    let own = host.post("announcements", json!({"content": "by hand"})).await.ok();
    assert_eq!(own["user"]["bot"], Value::Null);
}
