//! HTTP as nobody should speak it, over a bare socket: smuggled requests, slow ones, mutilated ones.

use crate::tools::{Raw, TestServer};
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn a_request_of_two_meanings_has_none() {
    let server = TestServer::spawn();
    let smuggled = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    for (what, head) in [
        ("length and chunks", "Content-Length: 4\r\nTransfer-Encoding: chunked"),
        ("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 4"),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 4"),
        ("a list of lengths", "Content-Length: 0, 4"),
        ("a signed length", "Content-Length: +4"),
        ("chunked, identity", "Transfer-Encoding: chunked, identity"),
        ("identity, chunked", "Transfer-Encoding: identity, chunked"),
        ("an unknown coding", "Transfer-Encoding: xchunked"),
        ("a folded line", "X-A: b\r\n c: d"),
        ("a space before the colon", "Content-Length : 4"),
        ("length and chunks, with bare newlines", "Content-Length: 4\nTransfer-Encoding: chunked"),
        ("two lengths, with bare newlines", "Content-Length: 0\nContent-Length: 4"),
        ("a bare newline in a name", "X-\nA: b"),
        ("a bare newline before the colon", "X-A\n: b"),
        ("a bare return", "X-A: b\rTransfer-Encoding: chunked"),
        ("a bare newline at the end of a line", "X-A: b\nX-C: d"),
        ("a bare newline before the end", "X-A: b\r\n\n"),
    ] {
        let request = format!("POST /api/v1/users HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\n{smuggled}");
        let answer = Raw::ask(&server, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{what}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{what}: {answer}");
    }
}

#[tokio::test]
async fn lines_end_with_a_return_and_a_newline_in_heads_and_as_they_like_in_bodies() {
    let server = TestServer::spawn();
    let bare = "GET /health/live HTTP/1.1\nHost: x\nConnection: close\n\n";
    let answer = Raw::ask(&server, bare.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let body = "{\n\"username\": \"nobody\",\n\n\"password\": \"wrong\"\n}\n";
    let post = format!(
        "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let last = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = Raw::ask(&server, format!("{post}{post}{last}").as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 401").count(), 2, "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
    let answer = Raw::ask(&server, format!("{post}{bare}").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn a_head_or_a_body_that_does_not_come_is_not_waited_for() {
    let server = TestServer::spawn();
    let head = "POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    let without_body = async {
        let answer = Raw::ask(&server, head.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("\"request_timeout\""), "{answer}");
    };
    let without_end = async {
        let answer = Raw::ask(&server, b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    };
    tokio::join!(without_body, without_end);
}

#[tokio::test]
async fn an_announced_flood_is_refused_before_it_comes() {
    let server = TestServer::spawn();
    for kind in ["application/json", "multipart/form-data; boundary=x"] {
        let head = format!(
            "POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 1000000000\r\n\r\n"
        );
        let mut raw = Raw::connect(&server).await;
        raw.send(head).await;
        let mut first = [0; 12];
        raw.0.read_exact(&mut first).await.expect("an answer");
        let expected = if kind == "application/json" { "HTTP/1.1 413" } else { "HTTP/1.1 415" };
        assert_eq!(String::from_utf8_lossy(&first), expected, "{kind}");
    }
}

#[tokio::test]
async fn nonsense_is_answered_or_closed_and_the_server_lives_on() {
    let server = TestServer::spawn();
    let long = format!("GET /health/live HTTP/1.1\r\nX-Long: {}\r\n\r\n", "a".repeat(200_000));
    let many = format!("GET /health/live HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(200));
    let nonsense: [&[u8]; 8] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n\r\n\r\n\0\0\0\0\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /api/v1/users/%00%0d%0a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ];
    for bytes in nonsense {
        let answer = Raw::ask(&server, bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    server.guest().get("//health/live").await.ok();
}

#[tokio::test]
async fn no_path_of_a_client_reaches_a_file() {
    let server = TestServer::spawn();
    // A dev build may read the page from its directory: nothing next to that is reached either.
    for path in [
        "/../../../../../../etc/passwd",
        "/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/....//....//....//etc/passwd",
        "/..\\..\\..\\etc\\passwd",
        "/etc/passwd",
        "//etc/passwd",
        "/assets/x/../../../../../../../etc/passwd",
        "/assets/x//etc/passwd",
        "/assets/x/..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/assets/x/../site.rs",
        "/assets/x/..%2fsite.rs",
        "/assets/x/%2e%2e/mod.rs",
        "/assets/x/index.html%00.js",
        "/api/v1/users/..%2f..%2fetc%2fpasswd",
        "file:///etc/passwd",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = Raw::ask(&server, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
        assert!(!answer.contains("root:") && !answer.contains("fn "), "{path}: {answer}");
    }
}
