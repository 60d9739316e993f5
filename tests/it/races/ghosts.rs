//! Who hangs up while joining is gone: whatever was half done for them is undone, at whatever moment they went.

use crate::tools::{
    Dice, PATIENCE, Raw, TestServer, User,
    raw_socket::{bearer, handshake},
};
use futures_util::{StreamExt, future::join_all, stream};
use livehouse::config::{Cap, Limits};
use std::{
    env,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Joins that end at random moments; `LIVEHOUSE_JOINS` is another number.
const JOINS: u64 = 1_000;
const AT_ONCE: usize = 64;
const STREAMS: usize = 40;
const ACCOUNTS: usize = 4;
/// What must be zero when all are gone.
const GAUGES: [&str; 4] = ["rooms", "seats", "ws_connections", "signed_in_connections"];

/// The streams of a server, and who may be on the way to them.
struct Door<'a> {
    server: &'a TestServer,
    accounts: &'a [User],
    streams: &'a [String],
}

impl Door<'_> {
    /// Joins by chance, and goes by chance.
    async fn come_and_go(&self, seed: u64) {
        let mut dice = Dice::new(seed);
        let account = match dice.below(2) {
            0 => None,
            _ => self.accounts[dice.below(ACCOUNTS as u64) as usize].token.as_deref(),
        };
        let stream = &self.streams[dice.below(STREAMS as u64) as usize];
        let socket = format!("/api/v1/streams/{stream}/ws");
        let events = format!("/api/v1/streams/{stream}/events?after=0");
        let auth = bearer(account);
        let request = match dice.below(8) {
            0 => handshake("HEAD", &socket, &auth),
            1 => handshake("GET", &(socket + "?since=0"), &auth),
            2 => format!("HEAD {events} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n{auth}\r\n"),
            3 | 4 => format!("GET {events} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n{auth}\r\n"),
            _ => handshake("GET", &socket, &auth),
        };
        let mut raw = Raw::connect(self.server).await;
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
}

async fn gauges(server: &TestServer) -> [i64; 4] {
    let metrics = reqwest::get(server.ops_url("/metrics")).await.expect("operators are answered");
    let text = metrics.text().await.expect("metrics are text");
    GAUGES.map(|name| {
        let line = format!("livehouse_{name} ");
        let value = text.lines().find_map(|found| found.strip_prefix(&line));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().expect("a number")
    })
}

async fn until_empty(server: &TestServer) -> Duration {
    let begun = Instant::now();
    loop {
        let found = gauges(server).await;
        if found == [0; 4] {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < PATIENCE, "{GAUGES:?} are {found:?}");
        sleep(Duration::from_millis(50)).await;
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
    let server = TestServer::spawn_with(|config| config.limits = Limits::default().lift());
    let accounts = join_all(["ana", "bob", "cyd", "dan"].map(|name| server.register(name))).await;
    let streams = join_all((0..STREAMS).map(|_| accounts[0].create_stream("Revolving doors"))).await;
    let door = Door { server: &server, accounts: &accounts, streams: &streams };
    let joins = env::var("LIVEHOUSE_JOINS").map_or(JOINS, |joins| joins.parse().expect("a number"));
    let (begun, resident) = (Instant::now(), resident_kb());
    stream::iter(0..joins).for_each_concurrent(AT_ONCE, |seed| door.come_and_go(seed)).await;
    let (joining, emptied) = (begun.elapsed(), until_empty(&server).await);
    for stream in &streams {
        assert_eq!(server.guest().get(&format!("/streams/{stream}")).await.ok()["viewers"], 0);
    }
    println!(
        "{joins} joins in {joining:?}, all gone {emptied:?} later; {resident} kB, then {} kB",
        resident_kb()
    );
}

#[tokio::test]
async fn two_hundred_and_fifty_seven_readers_in_a_row_are_all_let_in() {
    let server = TestServer::spawn_with(|config| config.limits.connections_per_ip = Cap::new(16));
    let stream = server.register("ana").await.go_live("In and out").await;
    let request = format!(
        "GET /api/v1/streams/{stream}/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
    );
    for round in 0..257 {
        let mut raw = Raw::connect(&server).await;
        raw.send(&request).await;
        let head = raw.head().await;
        assert!(head.starts_with("HTTP/1.1 200"), "the {round}th: {head}");
        // With nothing left unread the system says a goodbye, and no reset.
        raw.until(":\n\n\r\n").await;
    }
    until_empty_of_connections(&server).await;
}

/// The last readers are noticed at once, and not by their silence: a heartbeat is longer than this patience.
async fn until_empty_of_connections(server: &TestServer) {
    let begun = Instant::now();
    while gauges(server).await[2] > 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", gauges(server).await);
        sleep(Duration::from_millis(20)).await;
    }
}
