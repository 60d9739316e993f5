//! What is counted over nodes: votes, reactions and who is there.

use super::{
    figures,
    house::{House, Meet},
};
use crate::{
    need,
    tools::{Client, Dice, User, Viewer, id_of, until},
};
use futures_util::future::join_all;
use libtest_mimic::Trial;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

pub fn tests() -> Vec<Trial> {
    let alone = need::tests![[Postgres]: votes_and_reactions_of_all_nodes_are_counted_once];
    let redis = need::tests![[Postgres, Redis]:
        votes_and_reactions_of_all_nodes_are_counted_once_by_redis,
        all_nodes_know_who_is_there,
    ];
    [alone, redis].into_iter().flatten().collect()
}

const VOTERS: usize = 20;
/// How often each claps, five at a time.
const CLAPS: usize = 20;

async fn votes_and_reactions_of_all_nodes_are_counted_once() {
    votes_and_reactions(Meet::Alone, "alone").await;
}

async fn votes_and_reactions_of_all_nodes_are_counted_once_by_redis() {
    votes_and_reactions(Meet::Redis, "redis").await;
}

async fn votes_and_reactions(meet: Meet, name: &str) {
    let house = House::open(2, meet).await;
    let host = house.on_air().await;
    let body = json!({"question": "which?", "options": ["a", "b"], "duration_s": 600});
    let poll = host.post("polls", body).await.ok();
    let names = (0..VOTERS).map(|n| format!("voter{n}"));
    let voters = join_all(names.map(async |name| User::register(host.guest(), &name).await)).await;
    let sockets = voters.iter().enumerate().map(|(n, voter)| house.at(voter, n % 2).at(&host.stream).join());
    let mut sockets = join_all(sockets).await;
    let mut watchers = [house.at(&host, 0).join().await, house.at(&host, 1).join().await];

    join_all(sockets.iter_mut().enumerate().map(|(n, socket)| vote_and_clap(socket, id_of(&poll), n))).await;
    let done = Instant::now();
    let (votes, claps) = (json!([VOTERS / 2, VOTERS / 2]), json!(VOTERS * CLAPS * 5));
    for watcher in &mut watchers {
        sees_it_grow(watcher, &votes, &claps).await;
    }
    figures::say(&format!("{name}_totals_exact_after"), done.elapsed().as_millis(), "ms");
    assert_eq!(host.post(&format!("polls/{}/close", id_of(&poll)), json!({})).await.ok()["tally"], votes);
    for socket in sockets.into_iter().chain(watchers) {
        socket.leave().await;
    }
    house.assert_calm();
}

/// Votes for one thing, then for another, and claps in between.
async fn vote_and_clap(socket: &mut Viewer, poll: &str, n: usize) {
    for option in [(n + 1) % 2, n % 2] {
        let vote = json!({"op": "vote", "poll_id": poll, "option": option});
        assert_eq!(socket.ask(vote).await["type"], "ack");
        for _ in 0..CLAPS / 2 {
            let clap = json!({"op": "react", "kind": "clap", "count": 5});
            assert_eq!(socket.ask(clap).await["type"], "ack");
        }
    }
}

/// Reads pulses until both are there; claps never become fewer.
async fn sees_it_grow(watcher: &mut Viewer, votes: &Value, claps: &Value) {
    let (mut before, mut has_votes, mut has_claps) = (0, false, false);
    while !(has_votes && has_claps) {
        let pulse = watcher.expect("pulse").await;
        if let Some(count) = pulse["reactions"]["clap"].as_u64() {
            assert!(count >= before, "{pulse} after {before}");
            before = count;
            has_claps = pulse["reactions"]["clap"] == *claps;
        }
        if pulse["tally"].is_array() {
            has_votes = pulse["tally"] == *votes;
        }
    }
}

const NODES: usize = 3;
const ACCOUNTS: usize = 6;
const STEPS: usize = 60;
const GUESTS_MAX: usize = 50;

/// Who is in the room, at which node.
#[derive(Default)]
struct Crowd {
    accounts: BTreeMap<(usize, usize), Viewer>,
    guests: Vec<Viewer>,
}

impl Crowd {
    fn accounts(&self) -> BTreeSet<usize> {
        self.accounts.keys().map(|(account, _)| *account).collect()
    }

    /// Somebody comes or goes, somewhere.
    async fn step(&mut self, house: &House, stream: &Client, users: &[User], dice: &mut Dice) {
        let node = dice.below(NODES as u64) as usize;
        match dice.below(4) {
            0 if !self.guests.is_empty() => {
                let place = dice.below(self.guests.len() as u64) as usize;
                self.guests.swap_remove(place).leave().await;
            }
            0 | 1 if self.guests.len() < GUESTS_MAX => {
                self.guests.push(house.at(&stream.guest(), node).join().await);
            }
            _ => {
                let account = dice.below(ACCOUNTS as u64) as usize;
                match self.accounts.remove(&(account, node)) {
                    Some(viewer) => viewer.leave().await,
                    None => {
                        let client = house.at(&users[account], node).at(&stream.stream);
                        self.accounts.insert((account, node), client.join().await);
                    }
                }
            }
        }
    }
}

async fn all_nodes_know_who_is_there() {
    let house = House::open(NODES, Meet::Redis).await;
    let host = house.on_air().await;
    let names = (0..ACCOUNTS).map(|n| format!("user{n}"));
    let users = join_all(names.map(async |name| User::register(host.guest(), &name).await)).await;
    let (mut crowd, mut dice) = (Crowd::default(), Dice::new(1));
    for step in 0..STEPS {
        crowd.step(&house, &host, &users, &mut dice).await;
        if step % 10 == 9 {
            everybody_agrees(&house, &host, &users, &crowd).await;
        }
    }
    for viewer in crowd.accounts.into_values().chain(crowd.guests) {
        viewer.leave().await;
    }
    everybody_agrees(&house, &host, &users, &Crowd::default()).await;
    house.assert_calm();
}

/// All nodes count the same, and name the same.
async fn everybody_agrees(house: &House, host: &Client, users: &[User], crowd: &Crowd) {
    let done = Instant::now();
    let accounts = crowd.accounts();
    let ids: BTreeSet<&str> = accounts.iter().map(|account| users[*account].id.as_str()).collect();
    let viewers = accounts.len() + crowd.guests.len();
    for node in 0..NODES {
        let client = house.at(host, node);
        until(&format!("node {node} counts {viewers}"), async || {
            client.get("").await.ok()["viewers"] == viewers
        })
        .await;
        until(&format!("node {node} names {ids:?}"), async || {
            let (named, guests) = who_is_there(&client).await;
            guests == crowd.guests.len() && named.iter().map(String::as_str).collect::<BTreeSet<_>>() == ids
        })
        .await;
    }
    figures::say("viewers_agree_after", done.elapsed().as_millis(), "ms");
}

/// The accounts by the pages of a list, and how many guests.
async fn who_is_there(client: &Client) -> (Vec<String>, usize) {
    let (mut named, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("viewers?limit=2{cursor}")).await.ok();
        let items = page["items"].as_array().expect("a list");
        named.extend(items.iter().map(|item| id_of(item).to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (named, page["guests"].as_u64().expect("a number") as usize),
        }
    }
}
