//! What is said of rate limits before they are reached, and how many connections an address may have.

use crate::tools::{Answer, PASSWORD, Scene, TestServer, until};
use futures_util::future::join_all;
use livehouse::config::Cap;
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What is left by the `RateLimit` field, whose policy is this.
#[track_caller]
fn left(answer: &Answer, policy: &str) -> u32 {
    assert_eq!(answer.header("ratelimit-policy"), policy, "{answer:?}");
    let name = policy.split(';').next().unwrap();
    let field = answer.header("ratelimit");
    let rest = field.strip_prefix(&format!("{name};r=")).unwrap_or_else(|| panic!("{answer:?}"));
    let (left, reset) = rest.split_once(";t=").unwrap();
    assert!(reset.parse::<u32>().unwrap() >= 1, "{field}");
    left.parse().unwrap()
}

#[tokio::test]
async fn answers_say_what_is_left_of_the_limit_that_governs_them() {
    let server = TestServer::spawn_with(|config| {
        config.on_one_node().limits.logins_per_ip = Cap::new(3);
        config.limits.registrations_per_ip = Cap::new(2);
    });
    let guest = server.guest();
    let new = guest.post("/users", json!({"username": "ana", "password": PASSWORD})).await;
    assert_eq!((new.status, left(&new, "\"registrations_per_ip\";q=2;w=3600")), (201, 1));
    for (password, status, remaining) in
        [(PASSWORD, 201, 2), ("not the password", 401, 1), (PASSWORD, 201, 0), (PASSWORD, 429, 0)]
    {
        let answer = guest.log_in("ana", password).await;
        assert_eq!((answer.status, left(&answer, "\"logins_per_ip\";q=3;w=60")), (status, remaining));
    }
    let other = guest.get("/users/ana").await;
    assert_eq!((other.header("ratelimit-policy"), other.header("ratelimit")), ("", ""));
}

#[tokio::test]
async fn whatever_checks_a_password_counts_as_a_login() {
    let server = TestServer::spawn_with(|config| config.on_one_node().limits.logins_per_ip = Cap::new(3));
    let ana = server.register("ana").await;
    let policy = "\"logins_per_ip\";q=3;w=60";
    let wrong = json!({"current_password": "not the password", "new_password": PASSWORD});
    let changed = ana.put("/users/me/password", wrong).await;
    assert_eq!((changed.status, left(&changed, policy)), (422, 2), "{changed:?}");
    let unreadable = ana.put("/users/me/password", json!({})).await;
    assert_eq!((unreadable.status, left(&unreadable, policy)), (422, 2), "{unreadable:?}");
    let delete = ana.request(Method::DELETE, "/users/me").json(&json!({"password": "not the password"}));
    let deleted = ana.send(delete).await;
    assert_eq!((deleted.status, left(&deleted, policy)), (422, 1), "{deleted:?}");
    let read = ana.get("/users/me").await;
    assert_eq!((read.header("ratelimit-policy"), read.header("ratelimit")), ("", ""));
}

#[tokio::test]
async fn comments_say_their_limit_and_when_it_is_reached() {
    let Scene { bo, .. } = &Scene::live_with(|config| config.limits.comments_per_user = Cap::new(1)).await;
    let policy = "\"comments_per_user\";q=1;w=5";
    let said = bo.post("comments", json!({"content": "one"})).await;
    assert_eq!((said.status, said.header("ratelimit-policy")), (201, policy));
    let refused = bo.post("comments", json!({"content": "two"})).await;
    assert_eq!((refused.status, left(&refused, policy)), (429, 0));
}

#[tokio::test]
async fn a_lifted_limit_says_nothing() {
    let server = TestServer::spawn();
    let answer = server.guest().log_in("ana", PASSWORD).await;
    assert_eq!((answer.header("ratelimit-policy"), answer.header("ratelimit")), ("", ""));
}

/// Asks on a connection that stays open; none where the server has shut it.
async fn answered(mut connection: TcpStream) -> Option<TcpStream> {
    let request = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    connection.write_all(request).await.ok()?;
    let mut first = [0; 12];
    connection.read_exact(&mut first).await.ok()?;
    assert_eq!(&first, b"HTTP/1.1 200");
    Some(connection)
}

/// Two for each socket it may have and 256 for requests: 258 where one socket is allowed.
#[tokio::test]
async fn an_address_has_so_many_connections_of_any_kind_and_no_more() {
    let server =
        TestServer::spawn_with(|config| config.on_one_node().limits.connections_per_ip = Cap::new(1));
    let mut connections = Vec::new();
    for _ in 0..300 {
        let connection = TcpStream::connect(("127.0.0.1", server.port)).await;
        connections.push(connection.expect("the system accepts it before the server does"));
    }
    let inside: Vec<_> = join_all(connections.into_iter().map(answered)).await;
    let inside: Vec<_> = inside.into_iter().flatten().collect();
    assert_eq!(inside.len(), 258);
    let metrics = server.metrics().await;
    assert!(metrics.contains("livehouse_limit_hits_total{limit=\"CONNECTIONS_PER_IP\"} 42"), "{metrics}");
    drop(inside);
    until("somebody is let in again", async || {
        let connection = TcpStream::connect(("127.0.0.1", server.port)).await.expect("it listens");
        answered(connection).await.is_some()
    })
    .await;
}
