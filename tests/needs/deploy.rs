//! What `deploy/` has, run as it is: a house of two nodes behind HAProxy, of which one goes. It knows no server from inside.

use crate::{
    need,
    tools::{Client, Place, Ports, Signal, User, until},
};
use libtest_mimic::Trial;
use rustix::process::{Pid, kill_process, test_kill_process};
use serde_json::json;
use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

pub fn tests() -> Vec<Trial> {
    need::tests![[Postgres, Redis, Haproxy]:
        a_node_that_stops_leaves_no_call_unanswered,
        a_killed_node_leaves_no_reader_unanswered,
    ]
}

async fn a_node_that_stops_leaves_no_call_unanswered() {
    let house = House::up();
    let host = User::on_air(house.guest(), "host").await;
    let (mut there, mut here) =
        (host.at_port(house.port + 10).join().await, host.at_port(house.port + 20).join().await);
    house.signal("a", Signal::TERM);
    let mut said = 0;
    until("the stopped node is gone, and each call is answered", async || {
        said += 1;
        host.post("comments", json!({"content": format!("comment {said}")})).await.ok();
        host.join().await.leave().await;
        !house.runs("a")
    })
    .await;
    there.expect_close().await.says(1012);
    for comment in 1..=said {
        here.expect_comment(&format!("comment {comment}")).await;
    }
    house.down();
}

async fn a_killed_node_leaves_no_reader_unanswered() {
    let house = House::up();
    let host = User::on_air(house.guest(), "host").await;
    house.signal("b", Signal::KILL);
    for _ in 0..100 {
        host.get("").await.ok();
        host.join().await.leave().await;
    }
    house.down();
}

/// Everything that `up.sh` starts.
struct House {
    place: Place,
    script: Child,
    port: u16,
}

impl House {
    /// Back when the balancer answers.
    fn up() -> House {
        let place = Place::new();
        let port = free_ports();
        let mut script = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/up.sh"))
            .arg(place.path("house"))
            .arg(place.command("").get_program())
            .arg(port.to_string())
            .env("LIVEHOUSE_LIMITS", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the script starts");
        let mut told = String::new();
        let read = BufReader::new(script.stdout.as_mut().expect("it is piped")).read_line(&mut told);
        assert!(read.is_ok() && told.contains(&format!(":{port} is ready")), "{told}");
        House { place, script, port }
    }

    fn guest(&self) -> Client {
        Client::new(reqwest::Client::new(), Ports::one(self.port))
    }

    fn pid(&self, name: &str) -> Option<Pid> {
        let text = fs::read_to_string(self.place.path(&format!("house/{name}.pid"))).ok()?;
        Pid::from_raw(text.trim().parse().expect("a number"))
    }

    fn signal(&self, name: &str, signal: Signal) {
        kill_process(self.pid(name).expect("it was started"), signal).expect("it runs");
    }

    /// Whether it runs, and has not ended with nobody asking how.
    fn runs(&self, name: &str) -> bool {
        let Some(pid) = self.pid(name) else { return false };
        let status = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        !status.is_empty() && !status.contains(") Z ")
    }

    /// All of it ends with the script.
    fn down(mut self) {
        let pids: Vec<Pid> =
            ["postgres", "redis", "a", "b", "haproxy"].iter().filter_map(|name| self.pid(name)).collect();
        assert_eq!(pids.len(), 5);
        kill_process(Pid::from_child(&self.script), Signal::TERM).expect("it runs");
        assert_eq!(self.script.wait().expect("it ends").code(), Some(143));
        assert!(pids.iter().all(|pid| test_kill_process(*pid).is_err()), "something is left");
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // A test that has failed; what it has started goes all the same.
        if let Ok(None) = self.script.try_wait() {
            _ = kill_process(Pid::from_child(&self.script), Signal::TERM);
            _ = self.script.wait();
        }
    }
}

/// The first of the ports that `up.sh` counts on, all of them free.
fn free_ports() -> u16 {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut ports =
        std::iter::from_fn(|| Some(20_000 + (uuid::Uuid::now_v7().as_u64_pair().1 % 10_000) as u16));
    let all_free = |port: &u16| [0, 1, 2, 10, 11, 12, 20, 21, 22].iter().all(|more| is_free(port + more));
    ports.find(all_free).expect("an endless search ends with a find")
}
