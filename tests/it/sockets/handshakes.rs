//! What opens a socket, and what does not: RFC 6455, 4.2.1, by tokens.

use crate::tools::{
    Raw, Scene, TestServer,
    raw_socket::{bearer, handshake},
    viewer::refusal,
};
use tokio_tungstenite::tungstenite::{client::IntoClientRequest, http::HeaderValue};

/// The head of the answer to a request.
async fn answer(server: &TestServer, request: &str) -> String {
    let mut raw = Raw::connect(server).await;
    raw.send(request).await;
    raw.head().await.to_ascii_lowercase()
}

#[tokio::test]
async fn what_is_no_handshake_opens_no_socket() {
    let Scene { server, host, .. } = &Scene::live().await;
    let path = host.path("ws");
    let good = handshake("GET", &path, "");
    assert!(answer(server, &good).await.starts_with("http/1.1 101"));
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    for (what, with, status) in [
        ("Upgrade: websocket", "Upgrade: websocket, foo", 426),
        ("Upgrade: websocket", "Upgrade: mywebsocket", 426),
        ("Upgrade: websocket", "Upgrade: websocket/13", 426),
        ("Upgrade: websocket", "X: y", 426),
        ("Version: 13", "Version: 8", 426),
        ("Version: 13", "Version: 14", 426),
        ("Sec-WebSocket-Version: 13", "X: y", 400),
        ("Connection: Upgrade", "Connection: keep-alive", 400),
        (key, "Sec-WebSocket-Key: ", 400),
        (key, "Sec-WebSocket-Key: c2hvcnQ=", 400),
        (key, "X: y", 400),
        (key, &format!("{key}\r\nTransfer-Encoding: chunked"), 400),
        (key, &format!("{key}\r\nContent-Length: 3"), 400),
        ("HTTP/1.1", "HTTP/1.0", 400),
        ("Host: 127.0.0.1\r\n", "", 400),
    ] {
        let request = good.replace(what, with);
        assert_ne!(request, good, "{what}");
        let answer = answer(server, &request).await;
        assert!(answer.split(' ').nth(1) == Some(status.to_string().as_str()), "{with}: {answer}");
        if status == 426 {
            assert!(answer.contains("\r\nupgrade: websocket\r\n"), "{with}: {answer}");
            assert!(answer.contains("\r\nsec-websocket-version: 13\r\n"), "{with}: {answer}");
        }
    }
    let head = answer(server, &handshake("HEAD", &path, "")).await;
    assert!(head.starts_with("http/1.1 405") && head.contains("allow: get"), "{head}");
    let problem = server.guest().get("ws").await;
    problem.refused(426, "upgrade_required");
}

#[tokio::test]
async fn what_comes_with_the_request_is_read_and_nothing_after_a_refusal() {
    let Scene { server, host, .. } = &Scene::live().await;
    let ping = [0x89, 0x80, 1, 2, 3, 4];
    let mut raw = Raw::connect(server).await;
    raw.send([handshake("GET", &host.path("ws"), "").as_bytes(), &ping].concat()).await;
    assert!(raw.head().await.starts_with("HTTP/1.1 101"));
    while raw.frame().await.opcode != 10 {}

    let refused = handshake("GET", "/nowhere", "");
    let answers = Raw::ask(server, refused.repeat(2)).await.to_ascii_lowercase();
    assert_eq!(answers.matches("http/1.1 404").count(), 1, "{answers}");
    assert!(answers.contains("\r\nconnection: close\r\n"), "{answers}");
}

#[tokio::test]
async fn every_token_that_is_shown_must_be_good_and_of_one_session() {
    let Scene { server, host, bo } = &Scene::live().await;
    let [mine, others] = [host, bo].map(|user| user.token.clone().expect("a token"));
    let path = host.path("ws");
    let status = async |header: Option<&str>, hidden: &str| {
        let more = format!("{}Sec-WebSocket-Protocol: livehouse.v1, bearer.{hidden}\r\n", bearer(header));
        let answer = answer(server, &handshake("GET", &path, &more)).await;
        answer.split(' ').nth(1).expect("a status").to_owned()
    };
    assert_eq!(status(None, &mine).await, "101");
    assert_eq!(status(Some(&mine), &mine).await, "101");
    assert_eq!(status(Some(&mine), "x").await, "401");
    assert_eq!(status(Some("x"), &mine).await, "401");
    assert_eq!(status(Some(&mine), &others).await, "401");
    assert_eq!(status(None, &format!("{mine}, bearer.x")).await, "401");
    let mut request =
        format!("ws://127.0.0.1:{}{path}", server.ports().any()).into_client_request().expect("a url");
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("bearer.x"));
    assert_eq!(refusal(request).await, 401);
}

#[tokio::test]
async fn our_protocol_is_echoed_from_whichever_line_it_stands_on() {
    let Scene { server, host, .. } = &Scene::live().await;
    let path = host.path("ws");
    for (lines, echoed) in [
        ("Sec-WebSocket-Protocol: other\r\nSec-WebSocket-Protocol: livehouse.v1\r\n", true),
        ("Sec-WebSocket-Protocol: other,livehouse.v1\r\n", true),
        ("Sec-WebSocket-Protocol: other\r\n", false),
        ("Sec-WebSocket-Protocol: livehouse.v10\r\n", false),
        ("", false),
    ] {
        let answer = answer(server, &handshake("GET", &path, lines)).await;
        assert!(answer.starts_with("http/1.1 101"), "{lines}: {answer}");
        assert_eq!(answer.contains("sec-websocket-protocol: livehouse.v1\r\n"), echoed, "{lines}: {answer}");
    }
}
