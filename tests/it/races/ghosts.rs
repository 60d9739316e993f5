//! Who hangs up while joining is gone: whatever was half done for them is undone, at whatever moment they went.

use crate::tools::{
    Client, Dice, Raw, Scene, TestServer, User,
    raw_socket::{bearer, handshake},
    register_all, until, without_limits,
};
use futures_util::{StreamExt, future::join_all, stream};
use livehouse::config::Cap;
use std::{
    env,
    time::{Duration, Instant},
};
use tokio::time::{sleep, timeout};

/// Joins that end at random moments; `LIVEHOUSE_JOINS` is another number.
const JOINS: u64 = 1_000;
const AT_ONCE: usize = 64;
const STREAMS: usize = 40;
const ACCOUNTS: usize = 4;
/// What must be zero when all are gone.
const GAUGES: [&str; 4] =
    ["livehouse_rooms", "livehouse_seats", "livehouse_ws_connections", "livehouse_signed_in_connections"];

/// Joins by chance, and goes by chance.
async fn come_and_go(server: &TestServer, accounts: &[User], streams: &[Client], seed: u64) {
    let mut dice = Dice::new(seed);
    let account = match dice.below(2) {
        0 => server.guest(),
        _ => (*accounts[dice.below(ACCOUNTS as u64) as usize]).clone(),
    };
    let somebody = account.at(&streams[dice.below(STREAMS as u64) as usize].stream);
    let (socket, events) = (somebody.path("ws"), somebody.path("events?after=0"));
    let auth = bearer(somebody.token.as_deref());
    let request = match dice.below(8) {
        0 => handshake("HEAD", &socket, &auth),
        1 => handshake("GET", &(socket + "?since=0"), &auth),
        2 => format!("HEAD {events} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n{auth}\r\n"),
        3 | 4 => format!("GET {events} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n{auth}\r\n"),
        _ => handshake("GET", &socket, &auth),
    };
    let mut raw = Raw::connect(server).await;
    raw.send(request).await;
    match dice.below(6) {
        0 => raw.reset(),
        1 | 2 => {
            // The moment is what is tried.
            sleep(Duration::from_micros(dice.below(5_000))).await;
            raw.reset();
        }
        3 => {
            raw.head().await;
            raw.reset();
        }
        4 => {
            sleep(Duration::from_micros(dice.below(5_000))).await;
            drop(raw);
        }
        _ => drop(raw),
    }
}

/// Waits until all are gone.
async fn until_empty(server: &TestServer) {
    for name in GAUGES {
        until(&format!("{name} is 0"), async || server.metric(name).await == 0).await;
    }
}

/// What the process holds, in kB, where the system tells.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn joins_that_end_at_random_moments_leave_nobody_behind() {
    let server = &TestServer::spawn_with(without_limits);
    let accounts = &register_all(server, ["ana", "bob", "cyd", "dan"].map(str::to_owned)).await;
    let streams = &join_all((0..STREAMS).map(|_| accounts[0].create_stream("Revolving doors"))).await;
    let joins = env::var("LIVEHOUSE_JOINS").map_or(JOINS, |joins| joins.parse().expect("a number"));
    let (begun, resident) = (Instant::now(), resident_kb());
    let come_and_go = |seed| come_and_go(server, accounts, streams, seed);
    stream::iter(0..joins).for_each_concurrent(AT_ONCE, come_and_go).await;
    let joining = begun.elapsed();
    until_empty(server).await;
    for stream in streams {
        assert_eq!(stream.get("").await.ok()["viewers"], 0);
    }
    let (all, after) = (begun.elapsed(), resident_kb());
    println!("{joins} joins in {joining:?}, all gone after {all:?}; {resident} kB, then {after} kB");
}

#[tokio::test]
async fn two_hundred_and_fifty_seven_readers_in_a_row_are_all_let_in() {
    let Scene { server, host, .. } =
        &Scene::live_with(|config| config.limits.connections_per_ip = Cap::new(16)).await;
    let events = host.path("events");
    let request = format!("GET {events} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n");
    for round in 0..257 {
        let mut raw = Raw::connect(server).await;
        raw.send(&request).await;
        let head = raw.head().await;
        assert!(head.starts_with("HTTP/1.1 200"), "the {round}th: {head}");
        // With nothing left unread the system says a goodbye, and no reset.
        raw.until(":\n\n\r\n").await;
    }
    // The last readers are noticed at once, and not by their silence: a heartbeat is longer than this patience.
    let emptying = until("nobody is connected", async || server.metric(GAUGES[2]).await == 0);
    timeout(Duration::from_secs(20), emptying).await.expect("readers who have gone are noticed");
}
