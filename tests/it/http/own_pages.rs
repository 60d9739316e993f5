//! Pages and proxies: which page is the site's own, for sockets and for the cookie alike; whose header is believed; and what
//! the log says where a site is set up wrong.

use crate::tools::{PASSWORD, Place, Running, Scene, TestServer, User, Viewer, viewer};
use reqwest::Method;
use serde_json::json;

/// `Host`, `Origin`, and whether a page of it is the site's own.
const PAGES: [(&str, &str, bool); 9] = [
    ("live.example", "https://live.example", true),
    ("live.example:443", "https://live.example", true),
    ("Live.Example", "https://live.example", true),
    ("live.example:80", "http://live.example", true),
    ("live.example:8080", "http://live.example:8080", true),
    ("live.example:80", "https://live.example", false),
    ("live.example", "ws://live.example", false),
    ("live.example", "https://evil.example", false),
    ("live.example", "null", false),
];

#[tokio::test]
async fn sockets_and_the_cookie_know_the_same_pages() {
    let Scene { server, .. } = &Scene::scheduled().await;
    for (host, origin, is_own) in PAGES {
        let mut request = server.guest().upgrade("");
        request.headers_mut().insert("host", host.parse().expect("a header"));
        request.headers_mut().insert("origin", origin.parse().expect("a header"));
        match is_own {
            true => Viewer::open(request).await.leave().await,
            false => assert_eq!(viewer::refusal(request).await, 403, "{origin} at {host}"),
        }
        let login = json!({"username": "ana", "password": PASSWORD, "transport": "cookie"});
        let answer = server.guest().post("/sessions", login).await;
        let cookie = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        let request = server.guest().request(Method::POST, "/sessions/refresh").header("cookie", &cookie);
        let answer = server.guest().send(request.header("host", host).header("origin", origin)).await;
        assert_eq!(answer.status, if is_own { 200 } else { 403 }, "{origin} at {host}: {answer:?}");
    }
}

#[tokio::test]
async fn a_header_that_the_proxy_does_not_write_gives_nobody_a_second_allowance() {
    let server = TestServer::spawn_with(|config| {
        config.on_one_node().trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]
    });
    server.register("ana").await;
    let try_with = async |header: Option<(&str, &str)>| {
        let guest = server.guest();
        let login = json!({"username": "ana", "password": "not the password"});
        let request = guest.request(Method::POST, "/sessions").json(&login);
        let request = request.header("x-forwarded-for", "192.0.2.1");
        let forged = header.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        guest.send(forged).await
    };
    for _ in 0..5 {
        try_with(None).await.refused(401, "invalid_credentials");
    }
    for forged in
        [("forwarded", "for=192.0.2.9"), ("x-real-ip", "192.0.2.9"), ("x-forwarded-for", "192.0.2.1")]
    {
        try_with(Some(forged)).await.refused(429, "rate_limited");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_and_a_page_that_is_not_known_are_each_one_line_a_minute() {
    let place = Place::new();
    let running = Running::start(&place, &[]);
    let ana = User::on_air(running.guest(), "ana").await;
    for _ in 0..3 {
        let through_a_proxy = ana.request(Method::GET, "/streams").header("x-forwarded-for", "192.0.2.1");
        ana.send(through_a_proxy).await.ok();
    }
    let refuse = async |origin: &str| {
        let mut request = ana.guest().upgrade("");
        request.headers_mut().insert("origin", origin.parse().expect("a header"));
        assert_eq!(viewer::refusal(request).await, 403);
    };
    refuse("https://live.example").await;
    refuse("https://other.example").await;
    let page = running.says("refused a page of origin").await;
    let host = format!("host \"127.0.0.1:{}\"", running.port());
    assert!(
        page.contains("WARN") && page.contains("\"https://live.example\"") && page.contains(&host),
        "{page}"
    );
    let proxy = running.says("is not in --trusted-proxies").await;
    assert!(proxy.contains("WARN") && proxy.contains("127.0.0.1 sends x-forwarded-for"), "{proxy}");
    let log = running.kill();
    for line in ["refused a page of origin", "is not in --trusted-proxies"] {
        assert_eq!(log.iter().filter(|found| found.contains(line)).count(), 1, "{log:#?}");
    }
}
