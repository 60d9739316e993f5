//! `livehouse demo`, run as anybody runs it: a busy site, of which nothing is left.

use crate::tools::{Client, Place, Ports, until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

/// Ends with its test.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_demonstration_is_busy_and_leaves_nothing() {
    let place = Place::new();
    std::fs::create_dir(place.path("tmp")).expect("a directory");
    let mut command = place.command("demo --listen 127.0.0.1:0 --viewers 6");
    command.env("TMPDIR", place.path("tmp")).stdout(Stdio::piped());
    let mut demo = Demo(command.spawn().expect("it starts"));
    let mut told = BufReader::new(demo.0.stdout.take().expect("it is piped")).lines();
    let mut next = || told.next().expect("a line").expect("text");
    let (address, _, password) = (next(), next(), next());
    let port = address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let password = password.rsplit(' ').next().expect("a word").to_owned();
    let guest = Client::new(reqwest::Client::new(), Ports::one(port));

    let live =
        async || guest.get("/streams?status=live").await.ok()["items"].as_array().expect("a list").clone();
    assert_eq!(live().await.len(), 3);
    assert_eq!(guest.get("/streams?status=scheduled").await.ok()["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(guest.get("/streams?status=ended").await.ok()["items"].as_array().map(Vec::len), Some(2));
    let sum = |streams: &[Value], member: &str| -> u64 {
        streams.iter().map(|stream| stream[member].as_u64().expect("a number")).sum()
    };
    until("all watch and some talk", async || {
        let streams = live().await;
        sum(&streams, "viewers") >= 5 && sum(&streams, "comment_count") > 3
    })
    .await;
    let login = json!({"username": "olga", "password": password});
    let session = guest.post("/sessions", login).await.ok();
    let token = session["session"]["access_token"].as_str().expect("a token");
    guest.with_token(token).get("/admin/settings").await.ok();

    kill_process(Pid::from_child(&demo.0), Signal::INT).expect("it can be told to stop");
    assert!(demo.0.wait().expect("it ends").success());
    let left: Vec<_> = std::fs::read_dir(place.path("tmp")).expect("a directory").collect();
    assert!(left.is_empty(), "{left:?}");
}
