//! What was stored is told, whether the caller waits for the answer or hangs up at any moment.
//! Each kind of act is tried `LIVEHOUSE_RACES` times.

use crate::tools::{Client, Scene, User, Viewer, races, until, without_limits};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{sleep, timeout},
};

/// Sends a request and resets the connection after so many microseconds, without a look at the answer.
async fn hang_up(caller: &Client, method: &str, path: &str, body: &Value, after: Duration) {
    let body = body.to_string();
    let request = format!(
        "{method} {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        caller.path(path),
        caller.token.as_deref().expect("somebody signed in"),
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", caller.ports.any())).await.expect("the server listens");
    stream.write_all(request.as_bytes()).await.expect("it takes the request");
    sleep(after).await; // what is tried here is the moment itself
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).expect("a socket");
}

/// Moments at which to hang up, spread over the time that an act takes.
fn moments() -> impl Iterator<Item = Duration> {
    (0..races() as u64 * 4).map(|n| Duration::from_micros(500 + n * 977 % 8_000))
}

/// How soon what was read is carried out; what was reset before it was read never is.
const SOON: Duration = Duration::from_millis(250);

/// Has a request carried out by callers who hang up, one after the other until the tables show that one got through.
async fn carried_out(
    caller: &Client,
    (method, path, body): (&str, &str, &Value),
    mut after: Duration,
    mut is_done: impl AsyncFnMut() -> bool,
) {
    loop {
        hang_up(caller, method, path, body, after).await;
        if timeout(SOON, until("it is done", &mut is_done)).await.is_ok() {
            return;
        }
        after += Duration::from_millis(1);
    }
}

#[tokio::test]
async fn the_sockets_of_a_deleted_stream_close_though_the_caller_hung_up() {
    let Scene { bo, .. } = &Scene::live().await;
    for after in moments() {
        let host = bo.create_stream("Gone in a moment").await;
        let mut viewer = host.guest().join().await;
        let is_gone = async || host.get("").await.status == 404;
        carried_out(&host, ("DELETE", "", &json!({})), after, is_gone).await;
        viewer.expect_close().await.says(4404);
    }
}

#[tokio::test]
async fn the_author_of_a_rejected_comment_is_told_though_the_moderator_hung_up() {
    let Scene { host, bo, .. } =
        &Scene::live_with(|config| without_limits(config.on_one_node_without_redis())).await;
    host.patch("settings", json!({"hold_all": true})).await.ok();
    let mut viewer = bo.join().await;
    for after in moments() {
        let held = viewer.comment("may I?").await;
        assert_eq!(held["state"], "held", "{held}");
        let id = held["comment_id"].as_str().expect("an id");
        let path = format!("held/{id}/reject");
        let is_rejected = async || host.get("held").await.ok()["items"] == json!([]);
        carried_out(host, ("POST", &path, &json!({})), after, is_rejected).await;
        viewer.expect_where("held", |frame| frame["state"] == "rejected" && frame["comment_id"] == id).await;
    }
}

#[tokio::test]
async fn a_new_name_reaches_the_room_though_its_owner_hung_up() {
    let Scene { host, .. } = &Scene::live_with(without_limits).await;
    let viewer = host.join().await;
    for (n, after) in moments().enumerate() {
        let name = format!("Name {n}");
        let is_renamed = async || host.get("/users/me").await.ok()["display_name"] == name.as_str();
        carried_out(host, ("PATCH", "/users/me", &json!({"display_name": name})), after, is_renamed).await;
        until("the room knows the name", async || {
            let newcomer = host.join().await;
            let is_known = newcomer.opening["stream"]["host"]["display_name"] == name.as_str();
            newcomer.leave().await;
            is_known
        })
        .await;
    }
    viewer.leave().await;
}

#[tokio::test]
async fn the_sockets_of_an_ended_session_close_though_the_caller_hung_up() {
    let Scene { host, .. } = &Scene::live().await;
    for after in moments() {
        let session = host.log_in_again().await;
        let mut viewer = session.join().await;
        let is_over = async || !session.is_signed_in().await;
        carried_out(&session, ("DELETE", "/sessions/current", &json!({})), after, is_over).await;
        viewer.expect_close().await.says(4401);
    }
}

/// Acts that stand in the log, and what undoes each, so that they can be done again.
fn acts(n: usize) -> [(&'static str, &'static str, Value); 12] {
    [
        ("PATCH", "", json!({"title": format!("Title {n}")})),
        ("PATCH", "settings", json!({"slow_mode_s": 0, "repeat_window_s": n % 3600})),
        ("PUT", "moderators/bob", json!({})),
        ("DELETE", "moderators/bob", json!({})),
        ("PUT", "bans/bob", json!({"duration_s": 3600 + n, "delete_comments": n.is_multiple_of(2)})),
        ("DELETE", "bans/bob", json!({})),
        ("POST", "announcements", json!({"content": format!("Announcement {n}")})),
        ("POST", "comments", json!({"content": format!("Comment {n}")})),
        ("POST", "questions", json!({"content": format!("Question {n}?")})),
        ("POST", "polls", json!({"question": "which?", "options": ["a", "b"], "duration_s": 1})),
        ("DELETE", "pin", json!({})),
        ("PUT", "terms", json!({"terms": [{"text": format!("term{n}"), "action": "hold"}]})),
    ]
}

/// Listens until the room has told all up to there.
async fn hear(watcher: &mut Viewer, story: &mut Vec<Value>, head: i64) {
    while story.last().and_then(|event| event["seq"].as_i64()).unwrap_or(0) < head {
        story.push(watcher.next_event().await);
    }
}

/// What the tables say and what the room shows to who comes in now.
async fn compare(host: &User, watcher: &mut Viewer, story: &mut Vec<Value>) {
    let newcomer = host.join().await;
    hear(watcher, story, newcomer.opening["seq"].as_i64().expect("a number")).await;
    let stored = host.get("").await.ok();
    assert_eq!(newcomer.opening["stream"]["title"], stored["title"]);
    assert_eq!(newcomer.opening["stream"]["comment_count"], stored["comment_count"]);
    let mut settings = host.get("settings").await.ok();
    settings.as_object_mut().expect("settings").remove("own").expect("which are its own");
    assert_eq!(newcomer.opening["settings"], settings);
    newcomer.leave().await;
}

#[tokio::test]
async fn the_log_and_the_room_agree_whenever_callers_hang_up() {
    let Scene { host, .. } = &Scene::live_with(without_limits).await;
    let mut watcher = host.join().await;
    let first = watcher.opening["seq"].as_i64().expect("a number");
    let mut story: Vec<Value> = Vec::new();
    for (n, after) in moments().enumerate() {
        for (method, rest, body) in acts(n) {
            hang_up(host, method, rest, &body, after).await;
        }
        // A call that is answered comes behind those that began before it, or they never began.
        host.post("announcements", json!({"content": "answered"})).await.ok();
    }
    // Some may still be under way: the last word is a comparison once nothing changes any more.
    let mut before = -1;
    until("nothing more is stored", async || {
        let head = host.log().await.1;
        let is_still = head == before;
        before = head;
        sleep(Duration::from_millis(300)).await; // as long as any of them takes
        is_still
    })
    .await;
    compare(host, &mut watcher, &mut story).await;
    // A poll may have ended since.
    let (log, head) = host.log().await;
    hear(&mut watcher, &mut story, head).await;
    let seqs: Vec<i64> = story.iter().filter_map(|event| event["seq"].as_i64()).collect();
    assert_eq!(seqs, (first + 1..=head).collect::<Vec<_>>(), "each event once, in order, and all of them");
    assert!(seqs.len() > moments().count(), "of those who hung up nobody got through");
    for (told, stored) in story.iter().zip(log.iter().skip(first as usize)) {
        let is_buried = stored["type"].as_str().is_some_and(|kind| kind.ends_with("tombstone"));
        assert!(is_buried || told["type"] == stored["type"], "{told} is not {stored}");
    }
}
