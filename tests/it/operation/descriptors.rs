//! A server that is short of file descriptors.

use crate::tools::{PATIENCE, Place, Raw, Running};
use std::time::{Duration, Instant};
use tokio::{net::TcpStream, time::sleep};

/// What a service manager gives a program, small.
const SOFT: u64 = 100;
const HARD: u64 = 300;

async fn metric(port: u16, name: &str) -> u64 {
    let url = format!("http://127.0.0.1:{port}/metrics");
    let text = reqwest::get(url).await.expect("operators are answered").text().await.expect("text");
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().expect("a number")
}

#[tokio::test]
async fn a_server_takes_all_descriptors_it_may_have_and_closes_what_is_too_many_with_one_word() {
    let place = Place::new();
    let server = Running::start_with_descriptors(&place, SOFT, HARD);
    let ops = server.ops_port();
    assert_eq!(metric(ops, "process_max_fds").await, HARD);

    let mut crowd = Vec::new();
    for _ in 0..HARD {
        crowd.push(TcpStream::connect(("127.0.0.1", server.port())).await.expect("the system listens"));
    }
    let begun = Instant::now();
    while metric(ops, "livehouse_refused_accepts_total").await < HARD - 250 {
        assert!(begun.elapsed() < PATIENCE, "nobody was refused");
        sleep(Duration::from_millis(20)).await;
    }
    let open = metric(ops, "process_open_fds").await;
    assert!((SOFT..HARD).contains(&open), "{open}");
    drop(crowd);

    let begun = Instant::now();
    loop {
        let mut raw =
            Raw(TcpStream::connect(("127.0.0.1", server.port())).await.expect("the system listens"));
        raw.send("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        if raw.read_to_the_end().await.starts_with("HTTP/1.1 200") {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "nobody is let in again");
    }
    let log = server.kill();
    let refusals: Vec<_> = log.iter().filter(|line| line.contains("new connections are closed")).collect();
    assert_eq!(refusals.len(), 1, "{log:#?}");
    assert!(!log.iter().any(|line| line.contains("accept") && line.contains("rror")), "{log:#?}");
}
