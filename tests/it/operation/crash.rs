//! `kill -9` under load, and the same where all that was not synced is gone: no acknowledged comment is ever missing.
//! 20 writers each post 100 comments a second. A debug build cannot keep up; how many really were acknowledged is printed.
//! With a release build, `LIVEHOUSE_TEST_BINARY=<its path> cargo test --test it crash:: -- --nocapture --test-threads 1`,
//! the load lasts ten seconds.

use crate::tools::{Acked, Client, LossyDisk, PATIENCE, Pace, Place, Running, User, Viewer, Writer, program};
use futures_util::{StreamExt, future::join_all};
use serde_json::Value;
use std::{collections::HashMap, time::Instant};
use tokio::{sync::mpsc::unbounded_channel, task::JoinHandle, time::timeout};
use tokio_tungstenite::{connect_async, tungstenite::Message};

const WRITERS: usize = 20;
/// Comments a second of each of them.
const RATE: u32 = 100;

/// After so many acknowledged comments, that is in the middle of a commit, comes the end.
fn acked_min() -> usize {
    if program::is_fast() { 20_000 } else { 2_000 }
}

/// A house with a stream, before anything is written.
struct House {
    running: Running,
    host: User,
    writers: Vec<User>,
}

/// What clients know when the server is gone.
struct Remembered {
    host: Client,
    epoch: String,
    acked: Vec<Acked>,
    /// What the host saw, from the first event on.
    seen: Vec<Value>,
    log: Vec<String>,
}

impl House {
    async fn build(place: &Place, environment: &[(&str, &str)]) -> House {
        let running = Running::start(place, environment);
        let mut host = User::register(running.guest(), "host").await;
        host.stream = host.create_stream("Before the crash").await.stream;
        let names: Vec<String> = (0..WRITERS).map(|n| format!("writer{n}")).collect();
        let writers = join_all(names.iter().map(|name| User::register(host.guest(), name))).await;
        House { running, host, writers }
    }

    async fn crash_under_load(self) -> Remembered {
        let (tell, mut told) = unbounded_channel();
        let (epoch, watching) = watch(&self.host).await;
        let join = async |user: &User| Writer::join(user, &user.username, Pace::per_second(RATE)).await;
        let writers = join_all(self.writers.iter().map(join)).await;
        let begun = Instant::now();
        writers.into_iter().for_each(|writer| drop(tokio::spawn(writer.write(usize::MAX, tell.clone()))));
        drop(tell);
        let mut acked = Vec::new();
        while acked.len() < acked_min() {
            acked.push(timeout(PATIENCE, told.recv()).await.expect("acks come").expect("writers write"));
        }
        let (reached, took_s) = (acked.len(), begun.elapsed().as_secs_f64());
        let log = self.running.kill();
        // Acks that were on their way count: they had been said.
        while let Some(ack) = told.recv().await {
            acked.push(ack);
        }
        let rate = reached as f64 / took_s;
        println!("{} comments acked in {took_s:.1} s, {rate:.0} a second", acked.len());
        let seen = watching.await.expect("the watcher ends with the server");
        Remembered { host: (*self.host).clone(), epoch, acked, seen, log }
    }
}

/// Notes every event until the server is gone.
async fn watch(client: &Client) -> (String, JoinHandle<Vec<Value>>) {
    let (mut socket, _) = connect_async(client.upgrade("")).await.expect("the room is open");
    let mut texts = async || loop {
        match timeout(PATIENCE, socket.next()).await.expect("the server speaks or is gone") {
            Some(Ok(Message::Text(text))) => {
                return Some(serde_json::from_str::<Value>(&text).expect("frames are JSON"));
            }
            Some(Ok(_)) => {}
            _ => return None,
        }
    };
    let epoch = loop {
        let frame = texts().await.expect("a snapshot");
        if frame["type"] == "snapshot" {
            assert_eq!(frame["seq"], 0, "nothing was written yet");
            break frame["epoch"].as_str().expect("a text").to_owned();
        }
    };
    let watching = tokio::spawn(async move {
        let mut seen = Vec::new();
        while let Some(Ok(message)) = timeout(PATIENCE, socket.next()).await.expect("events come") {
            let Message::Text(text) = message else { continue };
            let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
            if frame["ts"].is_string() {
                seen.push(frame);
            }
        }
        seen
    });
    (epoch, watching)
}

impl Remembered {
    /// Which acknowledged comments are not at the place of their ack.
    fn missing_from(&self, log: &[Value]) -> Vec<&Acked> {
        let is_there = |ack: &&Acked| {
            let event = usize::try_from(ack.seq - 1).ok().and_then(|place| log.get(place));
            event.is_some_and(|event| {
                event["comment"]["client_id"] == ack.client_id.as_str()
                    && event["comment"]["id"] == ack.comment_id.as_str()
            })
        };
        self.acked.iter().filter(|ack| !is_there(ack)).collect()
    }

    async fn check(&self, running: &Running) {
        assert!(self.log.iter().all(|line| !line.contains("panicked")), "{:#?}", self.log);
        let host = self.host.at_port(running.port());
        assert!(host.is_signed_in().await, "the key of the tokens is still there");

        let (log, head) = host.log().await;
        assert_numbered_without_holes(&log, head);
        assert_eq!(self.missing_from(&log), Vec::<&Acked>::new(), "acknowledged comments are missing");
        assert_each_once(&log);
        self.check_resume(&host, &log).await;
    }

    /// Who comes back gets exactly what they did not see, and then what is said next; so does who has seen only half.
    async fn check_resume(&self, host: &Client, log: &[Value]) {
        let last = self.seen.len();
        assert_eq!(ids(&self.seen), ids(&log[..last]), "what was seen is what is stored");
        println!("{} in the log, {last} seen before the crash", log.len());
        self.resume(host, log, last / 2).await;
        let mut viewer = self.resume(host, log, last).await;
        assert_eq!(viewer.comment("after the crash").await["seq"], log.len() + 1);
        assert_eq!(viewer.expect_comment("after the crash").await["seq"], log.len() + 1);
    }

    async fn resume(&self, host: &Client, log: &[Value], since: usize) -> Viewer {
        let query = format!("?since={since}&epoch={}", self.epoch);
        let mut viewer = host.join_with(&query).await;
        assert_eq!(viewer.opening["type"], "resumed", "{}", viewer.opening);
        assert_eq!(viewer.opening["from"], since + 1);
        assert_eq!(viewer.opening["to"], log.len());
        for missed in &log[since..] {
            assert_eq!(viewer.next_event().await, *missed, "exactly the rest");
        }
        viewer
    }
}

fn assert_numbered_without_holes(log: &[Value], head: i64) {
    let seqs: Vec<i64> = log.iter().map(|event| event["seq"].as_i64().expect("a number")).collect();
    assert_eq!(seqs, (1..=head).collect::<Vec<_>>());
}

fn assert_each_once(log: &[Value]) {
    let mut places: HashMap<&str, &Value> = HashMap::new();
    for event in log {
        let client_id = event["comment"]["client_id"].as_str().expect("only comments were written");
        let before = places.insert(client_id, &event["seq"]);
        assert_eq!(before, None, "{client_id} is there twice, again at {}", event["seq"]);
    }
}

fn ids(events: &[Value]) -> Vec<(&Value, &Value)> {
    events.iter().map(|event| (&event["seq"], &event["comment"]["id"])).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_has_every_acked_comment_once_and_goes_on() {
    let place = Place::new();
    let remembered = House::build(&place, &[]).await.crash_under_load().await;
    remembered.check(&Running::start(&place, &[])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acked_comment_is_lost_with_what_was_not_synced() {
    let place = Place::new();
    let disk = LossyDisk::under(&place);
    let remembered = House::build(&place, &disk.environment()).await.crash_under_load().await;
    println!("{} unsynced changes are forgotten", disk.forget());
    remembered.check(&Running::start(&place, &[])).await;
}

/// The proof that the test before can fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_lies_about_syncing_loses_acked_comments() {
    let place = Place::new();
    let disk = LossyDisk::under(&place);
    let house = House::build(&place, &disk.environment()).await;
    disk.begin_to_lie();
    let remembered = house.crash_under_load().await;
    assert!(disk.forget() > 0, "nothing was synced");

    let running = Running::start(&place, &[]);
    let (log, head) = remembered.host.at_port(running.port()).log().await;
    assert_numbered_without_holes(&log, head);
    let missing = remembered.missing_from(&log).len();
    println!("{missing} of {} acked comments are lost", remembered.acked.len());
    assert!(missing > 0, "a lying disk loses nothing: the test cannot fail");
}
