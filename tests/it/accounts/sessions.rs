//! Sessions: logging in, refreshing, listing and ending.

use crate::tools::{Answer, Client, PASSWORD, Scene, TestServer, id_of, on_one_node};
use livehouse::config::Cap;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_are_the_same_answer() {
    let server = TestServer::spawn();
    server.register("ana").await;
    let wrong = server.guest().log_in("ana", "not the password").await;
    let unknown = server.guest().log_in("nobody", "not the password").await;
    assert!(wrong.header("www-authenticate").starts_with("Bearer"), "{wrong:?}");
    assert_eq!(wrong.text, unknown.text);
    wrong.refused(401, "invalid_credentials");
    server.guest().log_in("ANA", PASSWORD).await.ok();
}

#[tokio::test]
async fn the_sixth_wrong_password_waits_and_the_owner_gets_in_from_another_address() {
    let server = TestServer::spawn_with(|config| {
        config.on_one_node().trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()]
    });
    let ana = server.register("ana").await;
    let from = |address: &str, password: &str| {
        let guest = server.guest();
        let request = guest.request(Method::POST, "/sessions").header("x-forwarded-for", address);
        let request = request.json(&json!({"username": "ana", "password": password}));
        async move { guest.send(request).await }
    };
    for _ in 0..5 {
        from("192.0.2.1", "not the password").await.refused(401, "invalid_credentials");
    }
    let answer = from("192.0.2.1", PASSWORD).await;
    assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1, "{answer:?}");
    answer.refused(429, "rate_limited");
    assert!(ana.is_signed_in().await);
    server.register("bo1").await.log_in_again().await;
    from("192.0.2.2", PASSWORD).await.ok();
}

#[tokio::test]
async fn nobody_gets_past_the_limit_of_an_address_by_claiming_another() {
    let server = TestServer::spawn_with(|config| config.on_one_node().limits.logins_per_ip = Cap::new(3));
    for number in 0..4 {
        let guest = server.guest();
        let body = json!({"username": "nobody", "password": "not the password"});
        let request = guest.request(Method::POST, "/sessions").json(&body);
        let forged = format!("192.0.2.{number}");
        let request = request.header("x-forwarded-for", &forged).header("forwarded", format!("for={forged}"));
        let answer = guest.send(request).await;
        assert_eq!(answer.status, if number < 3 { 401 } else { 429 }, "{answer:?}");
    }
}

#[tokio::test]
async fn a_refresh_rotates_both_tokens() {
    let server = TestServer::spawn();
    let mut ana = server.register("ana").await;
    let (access, refresh) = (ana.token.clone(), ana.refresh_token.clone());
    let session = ana.refresh().await.ok()["session"].clone();
    assert_eq!(session["id"], ana.session_id.as_str());
    assert_ne!((&access, &refresh), (&ana.token, &ana.refresh_token));
    assert!(ana.is_signed_in().await);
    for bad in ["", "x", &refresh[1..], &access.unwrap()] {
        let answer = server.guest().post("/sessions/refresh", json!({"refresh_token": bad})).await;
        answer.refused(401, "unauthenticated");
    }
    server.guest().post("/sessions/refresh", json!({})).await.refused(422, "invalid_field");
}

#[tokio::test]
async fn a_refresh_may_be_repeated_until_its_answer_is_used() {
    let server = TestServer::spawn();
    let mut ana = server.register("ana").await;
    let lost = ana.refresh_token.clone();
    let body = json!({"refresh_token": lost});
    let answer = async || server.guest().post("/sessions/refresh", body.clone()).await;
    let token = |answer: Answer| answer.ok()["session"]["refresh_token"].as_str().unwrap().to_owned();
    let successor = token(answer().await);
    assert_eq!(token(answer().await), successor);
    ana.refresh_token = successor;
    ana.refresh().await.ok();
    answer().await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_token_used_two_refreshes_ago_ends_the_session_and_closes_its_sockets() {
    let Scene { server, mut host, .. } = Scene::scheduled().await;
    let mut socket = host.join().await;
    let stolen = host.refresh_token.clone();
    host.refresh().await.ok();
    host.refresh().await.ok();
    let replayed = server.guest().post("/sessions/refresh", json!({"refresh_token": stolen})).await;
    replayed.refused(401, "unauthenticated");
    socket.expect_close().await.says(4401);
    host.get("/users/me").await.refused(401, "unauthenticated");
    host.refresh().await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let other = ana.log_in_again().await;
    let bo = server.register("bo1").await;
    let list = ana.get("/sessions").await.ok();
    let ids: Vec<_> = list["items"].as_array().unwrap().iter().map(id_of).collect();
    assert_eq!(ids, [&other.session_id, &ana.session_id]);
    assert_eq!((&list["items"][0]["current"], &list["items"][1]["current"]), (&json!(false), &json!(true)));

    bo.delete(&format!("/sessions/{}", ana.session_id)).await.refused(404, "not_found");
    ana.delete("/sessions/none-such").await.refused(404, "not_found");
    assert_eq!(ana.delete(&format!("/sessions/{}", other.session_id)).await.status, 204);
    other.get("/users/me").await.refused(401, "unauthenticated");
    ana.delete(&format!("/sessions/{}", other.session_id)).await.refused(404, "not_found");
    assert_eq!(ana.delete("/sessions/current").await.status, 204);
    assert!(!ana.is_signed_in().await);
}

#[tokio::test]
async fn logging_out_everywhere_ends_all_sessions() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let other = ana.log_in_again().await;
    assert_eq!(ana.delete("/sessions").await.status, 204);
    assert!(!ana.is_signed_in().await && !other.is_signed_in().await);
}

#[tokio::test]
async fn the_list_of_sessions_has_pages() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    ana.log_in_again().await;
    ana.log_in_again().await;
    let first = ana.get("/sessions?limit=2").await.ok();
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = ana.get(&format!("/sessions?limit=2&cursor={cursor}")).await.ok();
    assert_eq!((&second["items"][0]["id"], &second["next_cursor"]), (&json!(ana.session_id), &Value::Null));
}

/// A browser: it has no refresh token but the cookie that it was given.
struct Browser {
    client: Client,
    cookie: String,
}

impl Browser {
    async fn log_in(server: &TestServer, username: &str) -> (Browser, Answer) {
        let body = json!({"username": username, "password": PASSWORD, "transport": "cookie"});
        let answer = server.guest().post("/sessions", body).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        (Browser { client: server.guest(), cookie }, answer)
    }

    async fn refresh(&self, headers: &[(&str, &str)]) -> Answer {
        let request = self.client.request(Method::POST, "/sessions/refresh").header("cookie", &self.cookie);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.client.send(request).await
    }
}

#[tokio::test]
async fn a_browser_keeps_its_refresh_token_in_a_cookie_that_scripts_cannot_read() {
    let server = TestServer::spawn_with(on_one_node);
    server.register("ana").await;
    let (mut browser, answer) = Browser::log_in(&server, "ana").await;
    let set = answer.header("set-cookie").to_owned();
    for part in ["livehouse_refresh=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(set.contains(part), "{part} is not in {set}");
    }
    assert!(!set.contains("Secure"), "{set}");
    assert_eq!(answer.ok()["session"].get("refresh_token"), None);

    let own = server.url("");
    let answer = browser.refresh(&[("origin", &own), ("sec-fetch-site", "same-origin")]).await;
    browser.cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(answer.ok()["session"].get("refresh_token"), None);
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        browser.refresh(&[(name, value)]).await.refused(403, "forbidden");
    }
    browser.refresh(&[]).await.ok();
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_the_host() {
    let server =
        TestServer::spawn_with(|config| config.public_url = Some("https://live.example".parse().unwrap()));
    server.register("ana").await;
    let (_, answer) = Browser::log_in(&server, "ana").await;
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-livehouse_refresh=") && set.contains("; Secure;"), "{set}");
    assert!(answer.header("strict-transport-security").contains("max-age="), "{answer:?}");
}

#[tokio::test]
async fn a_cookie_of_no_use_any_more_is_taken_away() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let (browser, _) = Browser::log_in(&server, "ana").await;
    let answer = ana.delete("/sessions").await;
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{answer:?}");
    let answer = browser.refresh(&[]).await;
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{answer:?}");
    answer.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_bad_token_is_401_and_never_a_guest() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let token = ana.token.clone().unwrap();
    for bad in ["", "x", "a.b.c", &token[..token.len() - 1], &ana.refresh_token] {
        let answer = server.guest().with_token(bad).get("/users/ana").await;
        assert!(answer.header("www-authenticate").contains("invalid_token"), "{bad}: {answer:?}");
        answer.refused(401, "unauthenticated");
    }
    for (name, value) in [("authorization", "Basic YTpi"), ("authorization", "Bearer")] {
        let guest = server.guest();
        let answer = guest.send(guest.request(Method::GET, "/users/ana").header(name, value)).await;
        answer.refused(401, "unauthenticated");
    }
}
