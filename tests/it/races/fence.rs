//! What judges a comment holds at the moment it takes its number: nothing judged by the old rules comes after the new ones.
//! Each race is run `LIVEHOUSE_RACES` times.

use crate::tools::{Client, TestServer, User, Viewer, races, register_all, without_limits};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use std::cell::Cell;

const WRITERS: usize = 8;
/// What each writer has under way, always.
const WINDOW: usize = 16;
/// After how many comments the rules change.
const CHANGE_AFTER: usize = 40;

struct Writing {
    server: TestServer,
    host: User,
    writers: Vec<User>,
}

impl Writing {
    async fn new() -> Writing {
        let server = TestServer::spawn_with(without_limits);
        let host = server.register("host").await;
        let writers = register_all(&server, (0..WRITERS).map(|n| format!("user{n}"))).await;
        Writing { server, host, writers }
    }

    /// All write as fast as they can, while something is done in the middle of it: the log, and what that gave.
    async fn log_around<T>(&self, act: impl AsyncFn(&Client) -> T) -> (Vec<Value>, T) {
        let host = self.host.go_live("Under changing rules").await;
        let mut watcher = host.join().await;
        let mut viewers = join_all(self.writers.iter().map(|writer| writer.at(&host.stream).join())).await;
        let is_over = Cell::new(false);
        let writing = join_all(viewers.iter_mut().map(|viewer| write_on(viewer, &is_over)));
        let acting = async {
            for _ in 0..CHANGE_AFTER {
                watcher.expect("comment.created").await;
            }
            let done = act(&host).await;
            is_over.set(true);
            done
        };
        let (_, done) = join(writing, acting).await;
        (host.log().await.0, done)
    }

    /// The same where the rules change by an event: the log, and at which `seq` they changed.
    async fn log_around_event(
        &self,
        change: impl AsyncFn(&Client),
        is_change: impl Fn(&Value) -> bool,
    ) -> (Vec<Value>, i64) {
        let (log, ()) = self.log_around(change).await;
        let changed_at =
            log.iter().find(|event| is_change(event)).expect("the rules have changed")["seq"].as_i64();
        (log, changed_at.expect("a number"))
    }
}

/// Writes as fast as it is answered, always with something under way, until it is over; then reads the last answers.
async fn write_on(viewer: &mut Viewer, is_over: &Cell<bool>) {
    let (mut said, mut answered) = (0, 0);
    while !is_over.get() || answered < said {
        while !is_over.get() && said < answered + WINDOW {
            viewer.say(json!({"op": "comment", "ref": said.to_string(), "content": format!("word{}", said % 30)})).await;
            said += 1;
        }
        let frame = viewer.next().await;
        answered += usize::from(matches!(frame["type"].as_str(), Some("ack" | "error" | "held")));
    }
}

fn comments_after(log: &[Value], seq: i64) -> Vec<&Value> {
    let is_one = |event: &&Value| event["type"] == "comment.created" && event["seq"].as_i64() > Some(seq);
    log.iter().filter(is_one).collect()
}

#[tokio::test]
async fn nothing_of_the_banned_is_numbered_behind_their_ban() {
    let writing = Writing::new().await;
    let banned = &writing.writers[3];
    for round in 0..races() {
        let scope = if round % 4 < 2 { "stream" } else { "channel" };
        let body = json!({"delete_comments": round.is_multiple_of(2), "scope": scope});
        let change = async |host: &Client| {
            host.put(&format!("bans/{}", banned.username), body.clone()).await.ok();
        };
        let (log, seq) = writing.log_around_event(change, |event| event["type"] == "viewer.banned").await;
        let theirs = |event: &&&Value| event["comment"]["user"]["id"] == banned.id.as_str();
        let late: Vec<_> = comments_after(&log, seq).into_iter().filter(|event| theirs(&event)).collect();
        assert!(late.is_empty(), "round {round}: {late:#?} behind {seq}");
        if round.is_multiple_of(2) {
            assert!(log.iter().all(|event| !theirs(&&event)), "round {round}: something was left");
        }
        writing.host.delete(&format!("/channels/host/bans/{}", banned.username)).await.ok();
    }
}

async fn nothing_comes_behind(settings: Value) {
    let writing = Writing::new().await;
    for round in 0..races() {
        let change = async |host: &Client| {
            host.patch("settings", settings.clone()).await.ok();
        };
        let (log, seq) = writing.log_around_event(change, |event| event["type"] == "settings.updated").await;
        let late = comments_after(&log, seq);
        assert!(late.is_empty(), "round {round}: {late:#?} behind {seq}");
    }
    drop(writing.server);
}

#[tokio::test]
async fn nothing_is_numbered_behind_the_event_that_switches_comments_off() {
    nothing_comes_behind(json!({"comments": "off"})).await;
}

#[tokio::test]
async fn nothing_is_numbered_behind_the_event_that_holds_all() {
    nothing_comes_behind(json!({"hold_all": true})).await;
}

#[tokio::test]
async fn nothing_of_a_dismissed_moderator_is_exempt_behind_their_dismissal() {
    let writing = Writing::new().await;
    let moderator = &writing.writers[0];
    for round in 0..races() {
        let change = async |host: &Client| {
            let place = format!("moderators/{}", moderator.username);
            host.put(&place, json!({})).await.ok();
            host.delete(&place).await.ok();
        };
        let (log, seq) = writing.log_around_event(change, |event| event["type"] == "moderator.removed").await;
        let as_moderator = |event: &&&Value| event["comment"]["user"]["role"] == "moderator";
        let late: Vec<_> =
            comments_after(&log, seq).into_iter().filter(|event| as_moderator(&event)).collect();
        assert!(late.is_empty(), "round {round}: {late:#?} behind {seq}");
    }
}

#[tokio::test]
async fn no_forbidden_term_is_shown_once_the_list_that_forbids_it_was_taken() {
    let writing = Writing::new().await;
    for round in 0..races() {
        let forbid = async |host: &Client| {
            let terms: Vec<Value> =
                (0..30).map(|n| json!({"text": format!("word{n}"), "action": "reject"})).collect();
            host.put("terms", json!({"terms": terms})).await.ok();
            let events = host.get("events?limit=1").await.ok();
            events["head"].as_i64().expect("a number")
        };
        let (log, head) = writing.log_around(forbid).await;
        let late = comments_after(&log, head);
        assert!(late.is_empty(), "round {round}: {late:#?} behind {head}");
    }
}
