//! HTTP/1.0, HEAD of what has no known length, and encodings that nobody speaks.

use crate::tools::{Raw, Scene, TestServer};

#[tokio::test]
async fn http_1_0_gets_no_chunks_and_an_end_by_the_end_of_the_connection() {
    let Scene { server, host, .. } = &Scene::live().await;
    host.comment("hello").await;
    let export = host.path("comments/export");
    for more in ["", "Connection: keep-alive\r\n"] {
        let answer = Raw::ask(server, format!("GET {export} HTTP/1.0\r\nHost: x\r\n{more}\r\n")).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.0 200"), "{head}");
        let head = head.to_ascii_lowercase();
        assert!(!head.contains("transfer-encoding") && !head.contains("keep-alive"), "{head}");
        assert!(body.starts_with('{') && body.ends_with("}\n"), "{body}");
    }

    let mut reader = Raw::connect(server).await;
    let events = host.path("events?after=0");
    reader.send(format!("GET {events} HTTP/1.0\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")).await;
    let head = reader.head().await.to_ascii_lowercase();
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert_eq!(reader.until("\n\n").await, ":\n\n");
    assert!(reader.until("\n\n").await.starts_with("id: "));
    host.delete("").await.ok();
    assert!(reader.read_to_the_end().await.contains("event: bye"));
}

#[tokio::test]
async fn head_of_what_has_no_known_length_claims_none() {
    let Scene { server, host, .. } = &Scene::live().await;
    for (path, accept) in [("comments/export", "*/*"), ("events", "text/event-stream")] {
        let mut raw = Raw::connect(server).await;
        let request = format!(
            "HEAD {} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n\r\n\
             GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            host.path(path)
        );
        raw.send(request).await;
        let head = raw.head().await.to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200") && !head.contains("content-length"), "{path}: {head}");
        assert!(
            raw.read_to_the_end().await.starts_with("HTTP/1.1 200"),
            "{path}: the next answer comes right behind"
        );
    }
    assert_eq!(host.get("").await.ok()["viewers"], 0);
}

#[tokio::test]
async fn an_encoding_that_nobody_speaks_is_refused_as_a_problem() {
    let server = TestServer::spawn();
    let guest = server.guest();
    let request =
        guest.request(reqwest::Method::GET, "/streams").header("accept-encoding", "x, identity;q=0, *;q=0");
    guest.send(request).await.refused(406, "not_acceptable");
}
