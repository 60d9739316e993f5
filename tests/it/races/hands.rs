//! Races between two hands at one thing. Each is run `LIVEHOUSE_RACES` times: a few by default, a thousand to be sure.

use crate::tools::{Client, Story, TestServer, User, Viewer};
use futures_util::future::{join, join_all, select_all};
use livehouse::config::{Cap, Config, Limits};
use serde_json::{Value, json};
use std::collections::HashSet;

/// How often each race is run.
pub fn races() -> usize {
    std::env::var("LIVEHOUSE_RACES").map_or(5, |text| text.parse().expect("LIVEHOUSE_RACES is a number"))
}

pub fn without_limits(config: &mut Config) {
    config.limits = Limits::default().lift();
}

pub async fn users(server: &TestServer, count: usize) -> Vec<User> {
    let mut users = Vec::new();
    // No more at once than may wait for their passwords to be hashed.
    while users.len() < count {
        let names: Vec<String> = (users.len()..count).take(50).map(|n| format!("user{n}")).collect();
        users.extend(join_all(names.iter().map(|name| server.register(name))).await);
    }
    users
}

pub async fn join_each(users: &[User], stream: &str) -> Vec<Viewer> {
    join_all(users.iter().map(|user| user.join(stream))).await
}

/// Says five things at once. How each was answered, up to the goodbye if one comes.
async fn chatter(viewer: &mut Viewer) -> Vec<Value> {
    for n in 0..5 {
        let op = json!({"op": "comment", "ref": n.to_string(), "content": format!("{n}")});
        if viewer.try_say(op).await.is_err() {
            break;
        }
    }
    let mut answers = Vec::new();
    while answers.len() < 5 {
        let frame = viewer.next().await;
        match frame["type"].as_str() {
            Some("bye") => break,
            Some("ack" | "error") => answers.push(frame),
            _ => {}
        }
    }
    answers
}

fn codes(answers: &[Value]) -> HashSet<&str> {
    answers.iter().filter_map(|answer| answer["code"].as_str()).collect()
}

#[tokio::test]
async fn deleting_a_stream_while_all_are_writing_closes_every_socket_and_harms_nobody() {
    let server = TestServer::spawn_with(without_limits);
    let users = users(&server, 4).await;
    for _ in 0..races() {
        let stream = users[0].create_stream("Gone in a moment").await;
        let mut viewers = join_each(&users, &stream).await;
        let chatting = join_all(viewers.iter_mut().map(async |viewer| {
            let answers = chatter(viewer).await;
            assert!(codes(&answers).is_subset(&HashSet::from(["not_found", "overloaded"])), "{answers:?}");
            if answers.len() == 5 {
                assert_eq!(viewer.expect_close().await.1, 4404);
            }
        }));
        let path = format!("/streams/{stream}");
        let (_, gone) = join(chatting, users[0].delete(&path)).await;
        gone.ok();
        users[0].get(&path).await.refused(404, "not_found");
        let comment = json!({"content": "too late"});
        users[0].post(&format!("{path}/comments"), comment).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn ending_a_stream_while_all_are_writing_leaves_no_comment_behind_the_end() {
    let server = TestServer::spawn_with(without_limits);
    let users = users(&server, 4).await;
    for _ in 0..races() {
        let stream = users[0].go_live("Over in a moment").await;
        let mut viewers = join_each(&users, &stream).await;
        let end = format!("/streams/{stream}/end");
        let chatting = join_all(viewers.iter_mut().map(chatter));
        let (answers, ended) = join(chatting, users[0].post(&end, json!({}))).await;
        ended.ok();

        let answers: Vec<Value> = answers.into_iter().flatten().collect();
        assert!(codes(&answers).is_subset(&HashSet::from(["stream_ended"])), "{answers:?}");
        let (log, head) = users[0].log_of(&stream).await;
        assert_eq!(log.last().expect("it has ended")["type"], "stream.ended", "{log:#?}");
        let acked = answers.iter().filter_map(|answer| answer["seq"].as_i64()).collect::<HashSet<_>>();
        // Started, ended, and what was acknowledged between.
        assert_eq!(acked.len() as i64, head - 2);
        for mut viewer in viewers {
            assert_eq!(viewer.comment("too late").await["code"], "stream_ended");
        }
    }
}

#[tokio::test]
async fn who_is_banned_while_joining_is_banned_inside() {
    let server = TestServer::spawn_with(without_limits);
    let (host, guest) = (server.register("host").await, server.register("visitor").await);
    let stream = host.create_stream("At the door").await;
    let kept_open = host.join(&stream).await;
    let path = format!("/streams/{stream}/bans/visitor");
    for round in 0..races() {
        let ban = host.put(&path, json!({"reason": "so it goes"}));
        let (banned, mut viewer) = join(ban, guest.join(&stream)).await;
        banned.ok();
        assert_eq!(viewer.comment("let me in").await["code"], "banned", "round {round}");
        let you = match &viewer.welcome["you"] {
            you if you["ban"].is_null() => viewer.expect("you").await,
            you => you.clone(),
        };
        assert_eq!((&you["can"], &you["ban"]["reason"]), (&json!([]), &json!("so it goes")));
        viewer.leave().await;

        let (forgiven, mut viewer) = join(host.delete(&path), guest.join(&stream)).await;
        forgiven.ok();
        assert_eq!(viewer.comment("thank you").await["type"], "ack", "round {round}");
        viewer.leave().await;
    }
    kept_open.leave().await;
}

#[tokio::test]
async fn an_account_that_joins_twice_at_once_counts_once_and_hears_everything_twice() {
    let server = TestServer::spawn_with(without_limits);
    let (host, guest) = (server.register("host").await, server.register("visitor").await);
    for _ in 0..races() {
        let stream = host.create_stream("Two tabs").await;
        let (one, other) = join(guest.join(&stream), guest.join(&stream)).await;
        let counted = host.get(&format!("/streams/{stream}")).await.ok();
        assert_eq!((&counted["viewers"], &counted["peak_viewers"]), (&json!(1), &json!(1)));
        let (mut one, mut other) = (one, other);
        let (first, second) = join(one.comment("from one"), other.comment("from the other")).await;
        assert_eq!((first["type"].clone(), second["type"].clone()), (json!("ack"), json!("ack")));
        for viewer in [&mut one, &mut other] {
            assert_eq!(
                (viewer.next_event().await["seq"].clone(), viewer.next_event().await["seq"].clone()),
                (json!(1), json!(2))
            );
        }
        one.leave().await;
        assert_eq!(other.comment("still here").await["type"], "ack");
        assert_eq!(host.get(&format!("/streams/{stream}")).await.ok()["viewers"], 1);
    }
}

#[tokio::test]
async fn requests_and_sockets_that_write_at_once_share_one_row_of_numbers() {
    let server = TestServer::spawn_with(without_limits);
    let users = users(&server, 4).await;
    let host = &users[0];
    for _ in 0..races() {
        let stream = host.create_stream("Many hands").await;
        let mut watcher = server.guest().join(&stream).await;
        let mut story = Story::begin(&watcher);
        let mut viewers = join_each(&users, &stream).await;
        let requests = async {
            for n in 0..5 {
                let body = json!({"content": format!("Announcement {n}")});
                host.post(&format!("/streams/{stream}/announcements"), body).await.ok();
                host.patch(&format!("/streams/{stream}"), json!({"title": format!("Title {n}")})).await.ok();
            }
        };
        let by_request = async {
            let comments = (0..10).map(async |n| users[1].comment(&stream, &format!("{n}")).await);
            join_all(comments).await;
        };
        let (answers, _) = join(join_all(viewers.iter_mut().map(chatter)), join(requests, by_request)).await;
        assert!(answers.iter().flatten().all(|answer| answer["type"] == "ack"), "{answers:#?}");

        let (log, head) = host.log_of(&stream).await;
        assert_eq!((log.len(), head), (40, 40));
        story.read_to(&mut watcher, head).await;
        story.compare(&log);
    }
}

#[tokio::test]
async fn settings_changed_by_two_hands_at_once_keep_both_changes() {
    let server = TestServer::spawn_with(without_limits);
    let users = users(&server, 2).await;
    let stream = users[0].create_stream("Four hands").await;
    users[0].put(&format!("/streams/{stream}/moderators/user1"), json!({})).await.ok();
    let mut viewer = users[1].join(&stream).await;
    let path = format!("/streams/{stream}/settings");
    for round in 1..=races() {
        let links = if round % 2 == 1 { "hold" } else { "allow" };
        let slow = users[0].patch(&path, json!({"slow_mode_s": round}));
        let (slow, linked) = join(slow, users[1].patch(&path, json!({"links": links}))).await;
        for answer in [slow, linked] {
            answer.ok();
        }
        let settings = users[0].get(&path).await.ok();
        assert_eq!((&settings["slow_mode_s"], &settings["links"]), (&json!(round), &json!(links)));
        let (_, last) = (viewer.expect("settings.updated").await, viewer.expect("settings.updated").await);
        assert_eq!(last["settings"], settings, "the room has what is stored");
    }
    viewer.leave().await;
}

#[tokio::test]
async fn a_ban_and_its_end_at_once_leave_the_room_and_the_list_of_one_mind() {
    let server = TestServer::spawn_with(without_limits);
    let users = users(&server, 3).await;
    let stream = users[0].create_stream("Two minds").await;
    users[0].put(&format!("/streams/{stream}/moderators/user1"), json!({})).await.ok();
    let mut viewer = users[2].join(&stream).await;
    let path = format!("/streams/{stream}/bans/user2");
    for round in 0..races() {
        let ban = users[0].put(&path, json!({"duration_s": 60 + round}));
        let (banned, freed) = join(ban, users[1].delete(&path)).await;
        for answer in [banned, freed] {
            answer.ok();
        }
        let bans = users[0].get(&format!("/streams/{stream}/bans")).await.ok();
        let is_banned = bans["items"] != json!([]);
        let answer = viewer.comment("and I?").await;
        assert_eq!(answer["code"] == "banned", is_banned, "round {round}: {answer}");
    }
    viewer.leave().await;
}

#[tokio::test]
async fn of_ten_registrations_of_one_name_and_its_look_alikes_one_succeeds() {
    let server = TestServer::spawn();
    for round in 0..races() {
        let names = (0..10).map(|n| look_alike(&format!("paolo{round}"), n));
        let registrations = names.map(|name| {
            let body = json!({"username": name, "password": "a stage of one's own"});
            let guest = server.guest();
            async move { guest.post("/users", body).await }
        });
        let mut answers = join_all(registrations).await;
        answers.sort_by_key(|answer| answer.status);
        let mut answers = answers.into_iter();
        assert_eq!(answers.next().expect("ten").status, 201);
        answers.for_each(|answer| drop(answer.refused(409, "username_taken")));
    }
}

/// The same name to a reader: letters from Cyrillic, capitals, a full-width letter, in turns.
fn look_alike(name: &str, n: usize) -> String {
    let letter = |(place, letter): (usize, char)| match (n >> place & 1, letter) {
        (1, 'a') => 'а',
        (1, 'o') => 'о',
        (1, 'p') => 'ｐ',
        (1, letter) => letter.to_ascii_uppercase(),
        (_, letter) => letter,
    };
    name.chars().enumerate().map(letter).collect()
}

#[tokio::test]
async fn fifty_refreshes_of_one_token_have_one_successor() {
    let server = TestServer::spawn();
    let mut user = server.register("ana").await;
    for _ in 0..races() {
        let refreshes = (0..50).map(|_| {
            let guest = server.guest();
            let body = json!({"refresh_token": user.refresh_token});
            async move { guest.post("/sessions/refresh", body).await.ok() }
        });
        let sessions = join_all(refreshes).await;
        let token =
            |session: &Value| session["session"]["refresh_token"].as_str().expect("a token").to_owned();
        let successors: HashSet<String> = sessions.iter().map(token).collect();
        assert_eq!(successors.len(), 1);
        user.refresh_token = successors.into_iter().next().expect("one");
        let renewed = sessions[0]["session"]["access_token"].as_str().expect("a token");
        assert!(user.with_token(renewed).is_signed_in().await);
    }
}

#[tokio::test]
async fn connections_of_an_account_at_the_limit_all_stay_and_one_more_costs_one() {
    const LIMIT: usize = 4;
    let server = TestServer::spawn_with(|config| config.limits.connections_per_user = Cap::new(LIMIT as u32));
    let users = users(&server, races()).await;
    let stream = users[0].create_stream("Full house").await;
    for user in &users {
        let mut at_the_limit = all_at_once(user, &stream, LIMIT).await;
        all_answer(&mut at_the_limit).await;
        join_all(at_the_limit.into_iter().map(Viewer::leave)).await;
    }
    for user in &users {
        let mut one_past = all_at_once(user, &stream, LIMIT + 1).await;
        let closing = one_past.iter_mut().map(|viewer| Box::pin(viewer.expect_close()));
        let ((bye, code), which, _) = select_all(closing).await;
        assert_eq!((&bye["code"], code), (&json!(4409), 4409));
        one_past.remove(which);
        all_answer(&mut one_past).await;
        join_all(one_past.into_iter().map(Viewer::leave)).await;
    }
}

async fn all_at_once(client: &Client, stream: &str, count: usize) -> Vec<Viewer> {
    join_all((0..count).map(|_| client.join(stream))).await
}

async fn all_answer(viewers: &mut [Viewer]) {
    for viewer in viewers {
        assert_eq!(viewer.ask(json!({"op": "ping"})).await["type"], "pong");
    }
}

#[tokio::test]
async fn an_address_never_has_more_connections_than_it_may() {
    let server = TestServer::spawn_with(|config| config.limits.connections_per_ip = Cap::new(5));
    let host = server.register("host").await;
    let stream = host.create_stream("Narrow door").await;
    for _ in 0..races() {
        let mut inside = Vec::new();
        let tries = join_all((0..8).map(|_| Viewer::try_join(server.port, &stream))).await;
        let mut refused = 0;
        for one in tries {
            match one {
                Ok(viewer) => inside.push(viewer),
                Err(status) => {
                    assert_eq!(status, 429);
                    refused += 1;
                }
            }
        }
        assert_eq!((inside.len(), refused), (5, 3));
        join_all(inside.into_iter().map(Viewer::leave)).await;
        until_empty(&server).await;
    }
}

/// Waits until the server knows that all have left.
async fn until_empty(server: &TestServer) {
    let is_empty = async || {
        let metrics = reqwest::get(server.ops_url("/metrics")).await.expect("operators are answered");
        let text = metrics.text().await.expect("text");
        text.lines().any(|line| line.starts_with("livehouse_ws_connections") && line.ends_with(" 0"))
    };
    let waiting = async {
        while !is_empty().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::tools::PATIENCE, waiting).await.expect("places are given back");
}
