//! Races between two hands at one thing. Each is run `LIVEHOUSE_RACES` times: a few by default, a thousand to be sure.

use crate::tools::{
    Client, Scene, Story, TestServer, User, Viewer, races, register_all, until, without_limits,
};
use futures_util::future::{join, join_all, select_all};
use livehouse::config::Cap;
use serde_json::{Value, json};
use std::collections::HashSet;

async fn users(server: &TestServer, count: usize) -> Vec<User> {
    register_all(server, (0..count).map(|n| format!("user{n}"))).await
}

/// Each with the host's stream at hand.
fn all_at(users: &[User], host: &Client) -> Vec<Client> {
    users.iter().map(|user| user.at(&host.stream)).collect()
}

async fn join_each(users: &[Client]) -> Vec<Viewer> {
    join_all(users.iter().map(Client::join)).await
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
        let users = all_at(&users, &users[0].create_stream("Gone in a moment").await);
        let mut viewers = join_each(&users).await;
        let chatting = join_all(viewers.iter_mut().map(async |viewer| {
            let answers = chatter(viewer).await;
            assert!(codes(&answers).is_subset(&HashSet::from(["not_found", "overloaded"])), "{answers:?}");
            if answers.len() == 5 {
                viewer.expect_close().await.says(4404);
            }
        }));
        let (_, gone) = join(chatting, users[0].delete("")).await;
        gone.ok();
        users[0].get("").await.refused(404, "not_found");
        users[0].post("comments", json!({"content": "too late"})).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn ending_a_stream_while_all_are_writing_leaves_no_comment_behind_the_end() {
    let server = TestServer::spawn_with(without_limits);
    let users = users(&server, 4).await;
    for _ in 0..races() {
        let users = all_at(&users, &users[0].go_live("Over in a moment").await);
        let mut viewers = join_each(&users).await;
        let chatting = join_all(viewers.iter_mut().map(chatter));
        let (answers, ended) = join(chatting, users[0].post("end", json!({}))).await;
        ended.ok();

        let answers: Vec<Value> = answers.into_iter().flatten().collect();
        assert!(codes(&answers).is_subset(&HashSet::from(["stream_ended"])), "{answers:?}");
        let (log, head) = users[0].log().await;
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
    let Scene { host, bo, .. } = &Scene::scheduled_with(without_limits).await;
    let kept_open = host.join().await;
    for round in 0..races() {
        let ban = host.put("bans/bob", json!({"reason": "so it goes"}));
        let (banned, mut viewer) = join(ban, bo.join()).await;
        banned.ok();
        assert_eq!(viewer.comment("let me in").await["code"], "banned", "round {round}");
        let you = match &viewer.welcome["you"] {
            you if you["ban"].is_null() => viewer.expect("you").await,
            you => you.clone(),
        };
        assert_eq!((&you["can"], &you["ban"]["reason"]), (&json!([]), &json!("so it goes")));
        viewer.leave().await;

        let (forgiven, mut viewer) = join(host.delete("bans/bob"), bo.join()).await;
        forgiven.ok();
        assert_eq!(viewer.comment("thank you").await["type"], "ack", "round {round}");
        viewer.leave().await;
    }
    kept_open.leave().await;
}

#[tokio::test]
async fn an_account_that_joins_twice_at_once_counts_once_and_hears_everything_twice() {
    let Scene { host, bo, .. } =
        &Scene::scheduled_with(|config| without_limits(config.on_one_node_without_redis())).await;
    for _ in 0..races() {
        let guest = bo.at(&host.create_stream("Two tabs").await.stream);
        let (mut one, mut other) = join(guest.join(), guest.join()).await;
        let counted = guest.get("").await.ok();
        assert_eq!((&counted["viewers"], &counted["peak_viewers"]), (&json!(1), &json!(1)));
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
        assert_eq!(guest.get("").await.ok()["viewers"], 1);
    }
}

#[tokio::test]
async fn requests_and_sockets_that_write_at_once_share_one_row_of_numbers() {
    let server = TestServer::spawn_with(without_limits);
    let users = users(&server, 4).await;
    for _ in 0..races() {
        let users = all_at(&users, &users[0].create_stream("Many hands").await);
        let host = &users[0];
        let mut watcher = host.guest().join().await;
        let mut story = Story::begin(&watcher);
        let mut viewers = join_each(&users).await;
        let requests = async {
            for n in 0..5 {
                host.post("announcements", json!({"content": format!("Announcement {n}")})).await.ok();
                host.patch("", json!({"title": format!("Title {n}")})).await.ok();
            }
        };
        let by_request = async {
            let comments = (0..10).map(async |n| users[1].comment(&format!("{n}")).await);
            join_all(comments).await;
        };
        let (answers, _) = join(join_all(viewers.iter_mut().map(chatter)), join(requests, by_request)).await;
        assert!(answers.iter().flatten().all(|answer| answer["type"] == "ack"), "{answers:#?}");

        let (log, head) = host.log().await;
        assert_eq!((log.len(), head), (40, 40));
        story.read_to(&mut watcher, head).await;
        story.compare(&log);
    }
}

#[tokio::test]
async fn settings_changed_by_two_hands_at_once_keep_both_changes() {
    let Scene { host, bo, .. } = &Scene::scheduled_with(without_limits).await;
    host.put("moderators/bob", json!({})).await.ok();
    let mut viewer = bo.join().await;
    for round in 1..=races() {
        let links = if round % 2 == 1 { "hold" } else { "allow" };
        let slow = host.patch("settings", json!({"slow_mode_s": round}));
        let (slow, linked) = join(slow, bo.patch("settings", json!({"links": links}))).await;
        for answer in [slow, linked] {
            answer.ok();
        }
        let settings = host.get("settings").await.ok();
        assert_eq!((&settings["slow_mode_s"], &settings["links"]), (&json!(round), &json!(links)));
        let (_, last) = (viewer.expect("settings.updated").await, viewer.expect("settings.updated").await);
        assert_eq!(last["settings"], held(settings), "the room has what is stored");
    }
    viewer.leave().await;
}

/// What holds, without who has set it.
fn held(mut settings: Value) -> Value {
    settings.as_object_mut().expect("settings").remove("own").expect("which are its own");
    settings
}

#[tokio::test]
async fn a_ban_and_its_end_at_once_leave_the_room_and_the_list_of_one_mind() {
    let Scene { server, host, bo } = &Scene::scheduled_with(without_limits).await;
    let moderator = server.register("mia").await;
    host.put("moderators/mia", json!({})).await.ok();
    let mut viewer = bo.join().await;
    for round in 0..races() {
        let ban = host.put("bans/bob", json!({"duration_s": 60 + round, "scope": "stream"}));
        let (banned, freed) = join(ban, moderator.delete("bans/bob")).await;
        for answer in [banned, freed] {
            answer.ok();
        }
        let bans = host.get("bans").await.ok();
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
    let server = TestServer::spawn_with(|config| {
        config.on_one_node().limits.connections_per_user = Cap::new(LIMIT as u32)
    });
    let users = users(&server, races()).await;
    let users = all_at(&users, &users[0].create_stream("Full house").await);
    for user in &users {
        let mut at_the_limit = all_at_once(user, LIMIT).await;
        all_answer(&mut at_the_limit).await;
        join_all(at_the_limit.into_iter().map(Viewer::leave)).await;
    }
    for user in &users {
        let mut one_past = all_at_once(user, LIMIT + 1).await;
        let closing = one_past.iter_mut().map(|viewer| Box::pin(viewer.expect_close()));
        let (goodbye, which, _) = select_all(closing).await;
        goodbye.says(4409);
        one_past.remove(which);
        all_answer(&mut one_past).await;
        join_all(one_past.into_iter().map(Viewer::leave)).await;
    }
}

async fn all_at_once(client: &Client, count: usize) -> Vec<Viewer> {
    join_all((0..count).map(|_| client.join())).await
}

async fn all_answer(viewers: &mut [Viewer]) {
    for viewer in viewers {
        viewer.is_heard().await;
    }
}

#[tokio::test]
async fn an_address_never_has_more_connections_than_it_may() {
    let Scene { server, .. } =
        &Scene::scheduled_with(|config| config.on_one_node().limits.connections_per_ip = Cap::new(5)).await;
    let guest = server.guest();
    for _ in 0..races() {
        let mut inside = Vec::new();
        let tries = join_all((0..8).map(|_| Viewer::try_open(guest.upgrade("")))).await;
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
        until("places are given back", async || server.metric("livehouse_ws_connections").await == 0).await;
    }
}
