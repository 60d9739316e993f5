//! What is done on one node holds on the other: rules, bans and paces, tried in a loop over there.

use super::{
    figures,
    house::{House, Meet},
};
use crate::{
    need,
    tools::{Client, PASSWORD, SERVE, User, Viewer, until},
};
use futures_util::future::join;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::time::Instant;

pub fn tests() -> Vec<Trial> {
    let alone = need::tests![[Postgres]:
        rules_of_one_node_hold_on_the_other,
        paces_are_kept_over_nodes,
        who_fails_to_log_in_fails_on_each_node,
    ];
    let redis = need::tests![[Postgres, Redis]:
        rules_of_one_node_hold_on_the_other_by_redis,
        paces_are_kept_over_nodes_by_redis,
        who_fails_to_log_in_in_turns_waits_wherever_they_try,
    ];
    [alone, redis].into_iter().flatten().collect()
}

async fn rules_of_one_node_hold_on_the_other() {
    rules(Meet::Alone, "alone").await;
}

async fn rules_of_one_node_hold_on_the_other_by_redis() {
    rules(Meet::Redis, "redis").await;
}

/// Something that the host does on one node, and what refuses a comment on the other from then on.
const CHANGES: [(&str, &str, &str, &str); 5] = [
    // What is done, where, with which body; and the code on the other node.
    ("PUT", "bans/bob", r#"{}"#, "banned"),
    ("DELETE", "bans/bob", "", ""),
    ("PATCH", "settings", r#"{"comments":"off"}"#, "comments_off"),
    ("PATCH", "settings", r#"{"comments":"users"}"#, ""),
    ("PUT", "terms", r#"{"terms":[{"text":"rhubarb","action":"reject"}]}"#, "term_not_allowed"),
];

async fn rules(meet: Meet, name: &str) {
    let house = House::open(2, meet).await;
    let host = house.on_air().await;
    let bob = User::register(host.guest(), "bob").await;
    let here = house.at(&host, 0);
    let mut there = house.at(&bob, 1).at(&host.stream).join().await;
    for (method, path, body, code) in CHANGES {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let method: reqwest::Method = method.parse().expect("a method");
        let request = here.request(method.clone(), path).json(&body);
        let acting = async {
            let answer = here.send(request).await;
            assert!((200..300).contains(&answer.status), "{answer:?}");
            Instant::now()
        };
        // Tried from before it is done until it is seen over there.
        let trying = async {
            loop {
                let answer = there.comment("rhubarb, rhubarb").await;
                if answer["code"].as_str().unwrap_or_default() == code {
                    return Instant::now();
                }
            }
        };
        let (done, seen) = join(acting, trying).await;
        let delay = seen.saturating_duration_since(done);
        let what = path.replace('/', "_");
        figures::say(&format!("{name}_{method}_{what}_holds_after"), delay.as_millis(), "ms");
    }
    there.leave().await;
    check_log(&host.log().await.0);
    dismissal(&house, &host, &bob).await;
    house.assert_calm();
}

/// No comment is numbered behind what forbids it.
fn check_log(log: &[Value]) {
    let mut forbidden = None;
    for event in log {
        match event["type"].as_str() {
            Some("viewer.banned") => forbidden = Some(event),
            Some("viewer.unbanned") => forbidden = None,
            Some("settings.updated") => {
                forbidden = Some(event).filter(|event| event["settings"]["comments"] == "off");
            }
            Some("comment.created") => assert!(forbidden.is_none(), "{event} is behind {forbidden:?}"),
            _ => {}
        }
    }
    assert!(log.iter().filter(|event| event["type"] == "viewer.banned").count() == 1);
}

/// Who is no moderator any more moderates nowhere.
async fn dismissal(house: &House, host: &Client, bob: &User) {
    let (here, there) = (house.at(host, 0), house.at(bob, 1).at(&host.stream));
    here.put("moderators/bob", json!({})).await.ok();
    there.put("bans/nobody", json!({})).await.refused(404, "not_found");
    here.delete("moderators/bob").await.ok();
    there.put("bans/nobody", json!({})).await.refused(403, "forbidden");
}

async fn paces_are_kept_over_nodes() {
    paces(Meet::Alone).await;
}

async fn paces_are_kept_over_nodes_by_redis() {
    paces(Meet::Redis).await;
}

/// Comments of an account in five seconds; the default of its limit.
const PACE: usize = 5;
const PACE_MS: i64 = 5_000;
const SLOW_MODE_MS: i64 = 1_000;

async fn paces(meet: Meet) {
    let house = House::open_with(2, meet, &SERVE.replace("--limits off", "")).await;
    let host = house.on_air().await;
    let bob = User::register(host.guest(), "bob").await;
    let mut everywhere =
        [house.at(&bob, 0).at(&host.stream).join().await, house.at(&bob, 1).at(&host.stream).join().await];
    // As fast as one can, on both at once.
    try_until_taken(&mut everywhere, "pace", PACE * 2).await;
    let times = times_of(&host, "pace").await;
    for window in times.windows(PACE + 1) {
        assert!(window[PACE] - window[0] >= PACE_MS, "{window:?}");
    }

    house.at(&host, 0).patch("settings", json!({"slow_mode_s": SLOW_MODE_MS / 1000})).await.ok();
    try_until_taken(&mut everywhere, "slow", PACE).await;
    let times = times_of(&host, "slow").await;
    for pair in times.windows(2) {
        assert!(pair[1] - pair[0] >= SLOW_MODE_MS, "{pair:?}");
    }
    house.at(&host, 0).patch("settings", json!({"slow_mode_s": 0, "repeat_window_s": 60})).await.ok();
    repeats(&house, &host, &mut everywhere).await;
    for viewer in everywhere {
        viewer.leave().await;
    }
    house.assert_calm();
}

/// Says new things on all sockets at once, again and again, until so many were taken.
async fn try_until_taken(sockets: &mut [Viewer; 2], word: &str, count: usize) {
    let (mut taken, mut tries) = (0, 0);
    let [one, other] = sockets;
    while taken < count {
        tries += 1;
        let (words, others) = (format!("{word} {tries}"), format!("{word} {tries} there"));
        let (here, there) = join(one.comment(&words), other.comment(&others)).await;
        taken += [here, there].iter().filter(|answer| answer["type"] == "ack").count();
    }
    figures::say(&format!("tries_for_{count}_{word}"), tries * 2, "times");
}

/// When each comment that begins with a word was made, in milliseconds.
async fn times_of(host: &Client, word: &str) -> Vec<i64> {
    let (log, _) = host.log().await;
    let is_one = |event: &&Value| {
        event["comment"]["content"].as_str().is_some_and(|content| content.starts_with(word))
    };
    let time = |event: &Value| {
        let text = event["comment"]["created_at"].as_str().expect("a time");
        text.parse::<jiff::Timestamp>().expect("a time").as_millisecond()
    };
    log.iter().filter(is_one).map(time).collect()
}

/// Of the same words on both nodes at once, one is taken.
async fn repeats(house: &House, host: &Client, [one, other]: &mut [Viewer; 2]) {
    until("the repeat window holds on both", async || {
        let repeated =
            async |node: usize| house.at(host, node).get("settings").await.ok()["repeat_window_s"] == 60;
        repeated(0).await && repeated(1).await
    })
    .await;
    for round in 0..3 {
        let words = format!("echo {round}");
        let mut taken = 0;
        while taken == 0 {
            let (here, there) = join(one.comment(&words), other.comment(&words)).await;
            taken += [here, there].iter().filter(|answer| answer["type"] == "ack").count();
        }
        for again in [one.comment(&words).await, other.comment(&words).await] {
            assert_ne!(again["type"], "ack", "{again}");
        }
    }
    assert_eq!(times_of(host, "echo").await.len(), 3);
}

/// Wrong passwords that are free; the default of its limit.
const FREE: usize = 5;

async fn who_fails_to_log_in_fails_on_each_node() {
    let house = House::open_with(2, Meet::Alone, &SERVE.replace("--limits off", "")).await;
    let host = house.on_air().await;
    for node in 0..2 {
        for _ in 0..FREE {
            house
                .guest_at(node)
                .log_in(&host.username, "not the password")
                .await
                .refused(401, "invalid_credentials");
        }
        house.guest_at(node).log_in(&host.username, PASSWORD).await.refused(429, "rate_limited");
    }
}

async fn who_fails_to_log_in_in_turns_waits_wherever_they_try() {
    let arguments = SERVE.replace("--limits off", "--trusted-proxies 127.0.0.1/32");
    let house = House::open_with(2, Meet::Redis, &arguments).await;
    let host = house.on_air().await;
    for n in 0..FREE {
        house
            .guest_at(n % 2)
            .log_in(&host.username, "not the password")
            .await
            .refused(401, "invalid_credentials");
    }
    for node in 0..2 {
        house.guest_at(node).log_in(&host.username, PASSWORD).await.refused(429, "rate_limited");
        let guest = house.guest_at(node);
        let body = json!({"username": host.username, "password": PASSWORD});
        let elsewhere =
            guest.request(reqwest::Method::POST, "/sessions").header("x-forwarded-for", "203.0.113.9");
        guest.send(elsewhere.json(&body)).await.ok();
    }
}
