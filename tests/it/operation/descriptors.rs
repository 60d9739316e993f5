//! A server that is short of file descriptors.

use crate::tools::{Place, Raw, Running, until};
use tokio::net::TcpStream;

/// What a service manager gives a program, small.
const SOFT: u64 = 100;
const HARD: u64 = 300;

#[tokio::test]
async fn a_server_takes_all_descriptors_it_may_have_and_closes_what_is_too_many_with_one_word() {
    let place = Place::new();
    let server = Running::start_with_descriptors(&place, SOFT, HARD);
    assert_eq!(server.metric("process_max_fds").await, HARD as i64);

    let mut crowd = Vec::new();
    for _ in 0..HARD {
        crowd.push(TcpStream::connect(("127.0.0.1", server.port())).await.expect("the system listens"));
    }
    until("somebody is refused", async || {
        server.metric("livehouse_refused_accepts_total").await >= HARD as i64 - 250
    })
    .await;
    let open = server.metric("process_open_fds").await;
    assert!((SOFT as i64..HARD as i64).contains(&open), "{open}");
    drop(crowd);

    until("somebody is let in again", async || {
        let connection = TcpStream::connect(("127.0.0.1", server.port())).await;
        let mut raw = Raw(connection.expect("the system listens"));
        raw.send("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
        raw.read_to_the_end().await.starts_with("HTTP/1.1 200")
    })
    .await;
    let log = server.kill();
    let refusals: Vec<_> = log.iter().filter(|line| line.contains("new connections are closed")).collect();
    assert_eq!(refusals.len(), 1, "{log:#?}");
    assert!(!log.iter().any(|line| line.contains("accept") && line.contains("rror")), "{log:#?}");
}
