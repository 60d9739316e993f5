//! The edges of HTTP: methods, headers, bodies that are none, pages of other sites.

use crate::tools::{Answer, Client, TestServer, on_one_node};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use livehouse::config::Cap;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{Read, Write};
use uuid::Uuid;

/// Every operation of the document with a body: method, and a path in which nothing exists.
async fn operations_with_json(client: &Client) -> Vec<(Method, String)> {
    let document = client.get("/openapi.json").await.ok();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("an item") {
            if operation.pointer("/requestBody/content/application~1json").is_some() {
                let method = method.to_uppercase().parse().expect("a method");
                found.push((method, with_parameters(path)));
            }
        }
    }
    found
}

fn with_parameters(path: &str) -> String {
    let id = Uuid::now_v7().to_string();
    let known = |segment: &str| match segment {
        "{username}" => "somebody".to_owned(),
        segment if segment.starts_with('{') => id.clone(),
        segment => segment.to_owned(),
    };
    let path: Vec<String> = path.strip_prefix("/api/v1").expect("the base").split('/').map(known).collect();
    path.join("/")
}

async fn send_raw(client: &Client, method: &Method, path: &str, kind: &str, body: Vec<u8>) -> Answer {
    let request = client.request(method.clone(), path).header("content-type", kind).body(body);
    client.send(request).await
}

#[tokio::test]
async fn every_operation_refuses_a_body_that_is_none() {
    let server = TestServer::spawn_with(|config| config.limits.logins_per_account = Cap::LIFTED);
    let ana = server.register("ana").await;
    // Who is no administrator is refused by the operators' calls before their bodies are read.
    server.promote(&ana);
    let operations = operations_with_json(&ana).await;
    assert!(operations.len() >= 6, "{operations:?}");
    let deep = "[".repeat(50_000);
    for (method, path) in operations {
        for malformed in [
            &b"{"[..],
            b"nul",
            b"{\"username\":\"a\xff\"}",
            b"{\"username\":\"a\x00\"}",
            b"{\"username\":\"\\ud800\"}",
            b"{} {}",
            b"\xef\xbb\xbf{}",
            b"{\"username\":1e999999}",
            deep.as_bytes(),
        ] {
            let answer = send_raw(&ana, &method, &path, "application/json", malformed.to_vec()).await;
            answer.refused(400, "bad_request");
        }
        for wrong in ["[]", "7", "1e300", "\"text\"", "null", "{\"no_such_member\":1}"] {
            let answer = send_raw(&ana, &method, &path, "application/json", wrong.into()).await;
            answer.refused(422, "invalid_field");
        }
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/json",
        ] {
            send_raw(&ana, &method, &path, kind, b"{}".to_vec()).await.refused(415, "unsupported_media_type");
        }
    }
    assert!(ana.is_signed_in().await);
}

#[tokio::test]
async fn a_body_may_be_so_long_and_no_longer() {
    let server = TestServer::spawn();
    let body = |length: usize| {
        let start = r#"{"username":"#;
        format!("{start}\"{}\"}}", "a".repeat(length - start.len() - 3)).into_bytes()
    };
    let guest = server.guest();
    let at_limit = send_raw(&guest, &Method::POST, "/users", "application/json", body(65_536)).await;
    at_limit.refused(422, "invalid_field");
    let beyond = send_raw(&guest, &Method::POST, "/users", "application/json", body(65_537)).await;
    beyond.refused(413, "payload_too_large");
}

#[tokio::test]
async fn fields_of_a_wrong_type_are_named() {
    let server = TestServer::spawn();
    for wrong in [json!(7), json!(1e300), json!(-1), json!([]), json!({}), json!(true), Value::Null] {
        let problem = server
            .guest()
            .post("/sessions", json!({"username": wrong, "password": "x"}))
            .await
            .refused(422, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], "username", "{problem}");
    }
    for nasty in ["a\u{0}b", "\u{202e}ana", "ana\r\nx", "\u{1b}[31m", &"é".repeat(30_000)] {
        server.guest().log_in(nasty, "not the password").await.refused(401, "invalid_credentials");
        let body = json!({"username": nasty, "password": "not the password"});
        server.guest().post("/users", body).await.refused(422, "invalid_field");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let server = TestServer::spawn();
    let guest = server.guest();
    let answer = guest.put("/users", json!({})).await;
    assert_eq!(answer.header("allow"), "POST, OPTIONS");
    answer.refused(405, "method_not_allowed");
    let answer = guest.delete("/users/ana").await;
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
    answer.refused(405, "method_not_allowed");
    for path in ["/users", "/users/me", "//", "//nothing"] {
        let trace = Method::from_bytes(b"TRACE").unwrap();
        guest.send(guest.request(trace, path)).await.refused(405, "method_not_allowed");
    }
    let answer = guest.send(guest.request(Method::OPTIONS, "/users/me")).await;
    assert_eq!((answer.status, answer.header("allow")), (204, "GET, PATCH, DELETE, HEAD, OPTIONS"));
}

#[tokio::test]
async fn a_page_lists_each_method_once_and_forgives_a_slash() {
    let server = TestServer::spawn();
    let guest = server.guest();
    let plain = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for path in ["/", "/docs", "/docs/tutorial", "/s/x", "/s/x/studio"] {
        let answer = plain.request(Method::OPTIONS, server.url(path)).send().await.unwrap();
        assert_eq!(answer.headers()["allow"], "GET, HEAD, OPTIONS", "{path}");
    }
    for (path, page) in [
        ("/docs/", "/docs"),
        ("/docs/tutorial/", "/docs/tutorial"),
        ("/s/x/?a=b&c", "/s/x?a=b&c"),
        ("/s/x/studio//", "/s/x/studio"),
        ("/u/%C3%A9/", "/u/%C3%A9"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = plain.request(method, server.url(path)).send().await.unwrap();
            assert_eq!(
                (answer.status().as_u16(), &answer.headers()["location"]),
                (308, &page.parse().unwrap()),
                "{path}"
            );
        }
    }
    for nowhere in ["//evil.example/", "//evil.example//", "/nothing/", "//docs/"] {
        let answer = plain.get(server.url(nowhere)).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers().get("location")), (404, None), "{nowhere}");
    }
    guest.get("/users/me/").await.refused(404, "not_found");
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let get = ana.get("/users/ana").await;
    let head = ana.send(ana.request(Method::HEAD, "/users/ana")).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), get.header("content-length"));
    assert_eq!(ana.send(ana.request(Method::HEAD, "/users/nobody")).await.status, 404);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let server = TestServer::spawn();
    let guest = server.guest();
    for path in ["/nothing", "/users/", "/users/a/b/c", "//api", "//api/v1", "//api/v2/users", "//metrics"] {
        guest.get(path).await.refused(404, "not_found");
    }
    guest.post("/nothing", json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_token_in_the_url_is_a_bad_request_everywhere() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    for path in ["/users/me?access_token=x", "/users/ana?a=b&access_token=", "//health/live?access%5Ftoken=x"]
    {
        ana.get(path).await.refused(400, "bad_request");
    }
    ana.post("/users?access_token=x", json!({})).await.refused(400, "bad_request");
    let path = format!("/streams/{}/ws?access_token=x", Uuid::now_v7());
    ana.get(&path).await.refused(400, "bad_request");
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_browsers() {
    let server = TestServer::spawn();
    let ana = server.register("ana").await;
    let answers = [
        ana.get("/users/me").await,
        ana.get("/nothing").await,
        ana.get("//nothing").await,
        ana.get("//health/live").await,
        ana.put("/users", json!({})).await,
        ana.post("/users", json!({})).await,
        ana.with_token("x").get("/users/me").await,
        ana.get("/openapi.json").await,
        ana.get("/users/me?access_token=x").await,
        ana.send(ana.request(Method::from_bytes(b"TRACE").unwrap(), "/users")).await,
        ana.put("/users/ana/follow", json!({})).await,
    ];
    for answer in answers {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{answer:?}");
        assert!(!policy.contains("unsafe"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", ""),
            ("server", ""),
            ("x-powered-by", ""),
        ] {
            assert_eq!(answer.header(name), value, "{name}: {answer:?}");
        }
    }
    assert_eq!(ana.get("/users/me").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn pages_of_other_sites_read_nothing_unless_they_are_on_the_list() {
    let server = TestServer::spawn_with(|config| {
        config.allowed_origins = vec!["https://friend.example".parse().unwrap()];
    });
    let guest = server.guest();
    let preflight = |origin: &str| {
        let request = guest.request(Method::OPTIONS, "/sessions").header("origin", origin);
        guest.send(request.header("access-control-request-method", "POST"))
    };
    let friend = preflight("https://friend.example").await;
    assert_eq!(friend.status, 204);
    assert_eq!(friend.header("access-control-allow-origin"), "https://friend.example");
    assert!(friend.header("access-control-allow-methods").contains("POST"));
    assert!(friend.header("access-control-allow-headers").contains("authorization"));
    assert!(friend.header("vary").contains("origin"));
    for stranger in ["https://friend.example.evil", "http://friend.example", "https://evil.example", "null"] {
        let answer = preflight(stranger).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{stranger}");
        let answer = guest.send(guest.request(Method::GET, "/nothing").header("origin", stranger)).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{stranger}");
    }
    let request = guest.request(Method::GET, "/nothing").header("origin", "https://friend.example");
    assert_eq!(guest.send(request).await.header("access-control-allow-origin"), "https://friend.example");
}

#[tokio::test]
async fn by_default_no_page_of_another_site_reads_anything() {
    let server = TestServer::spawn();
    let guest = server.guest();
    let request = guest.request(Method::GET, "/openapi.json").header("origin", "https://evil.example");
    let answer = guest.send(request).await;
    assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), ("", ""));
}

#[tokio::test]
async fn long_answers_are_compressed_for_who_wants_it() {
    let server = TestServer::spawn();
    let guest = server.guest();
    let plain = guest.get("/openapi.json").await;
    assert_eq!(plain.header("content-encoding"), "");
    let packed = guest.request(Method::GET, "/openapi.json").header("accept-encoding", "gzip");
    let packed = packed.send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.unwrap().len() < plain.text.len() / 2);
}

#[tokio::test]
async fn files_of_the_page_are_packed_as_small_as_they_get_for_who_takes_them_so() {
    let server = TestServer::spawn();
    let get = async |accepted: &str| {
        let file = server.url("/assets/any/core/endings.js");
        let request = reqwest::Client::new().get(file).header("accept-encoding", accepted);
        let answer = request.send().await.unwrap();
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let headers = (header("content-encoding"), header("vary"));
        (headers, answer.bytes().await.unwrap())
    };
    let (headers, plain) = get("identity").await;
    assert_eq!(headers, (None, Some("accept-encoding".to_owned())));
    for accepted in ["gzip, deflate, br, zstd", "gzip"] {
        let (headers, packed) = get(accepted).await;
        assert_eq!(headers, (Some("gzip".to_owned()), Some("accept-encoding".to_owned())), "{accepted}");
        let mut unpacked = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
        assert!(unpacked == plain, "{accepted}");
        let mut best = GzEncoder::new(Vec::new(), Compression::best());
        best.write_all(&plain).unwrap();
        assert_eq!(packed.len(), best.finish().unwrap().len());
    }
    for accepted in ["", "br", "gzip;q=0", "identity, gzip;q=0.5"] {
        let (headers, whole) = get(accepted).await;
        assert_eq!((headers.0, whole == plain), (None, true), "{accepted}");
    }
}

#[tokio::test]
async fn metrics_are_for_operators_and_health_for_both() {
    let server = TestServer::spawn_with(on_one_node);
    server.guest().get("/users/nobody").await.refused(404, "not_found");
    for url in [server.url("/health/live"), server.url("/health/ready"), server.ops_url("/health/ready")] {
        let answer = reqwest::get(url).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({"status": "ok", "bus": "none", "nodes": 1}));
    }
    let metrics = reqwest::get(server.ops_url("/metrics")).await.unwrap();
    assert!(metrics.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = metrics.text().await.unwrap();
    assert!(text.contains("livehouse_http_requests_total{status=\"4xx\"} 1"), "{text}");
    assert_eq!(reqwest::get(server.ops_url("/api/v1/users/me")).await.unwrap().status(), 404);
}

#[tokio::test]
async fn lifted_limits_are_never_silent() {
    let server = TestServer::spawn_with(|config| {
        let limits = config.on_one_node().limits.clone();
        config.limits = limits.lift();
    });
    let health = server.guest().get("//health/ready").await.ok();
    assert_eq!(health, json!({"status": "ok", "bus": "none", "nodes": 1, "limits_off": true}));
}

#[tokio::test]
async fn a_browser_at_an_address_that_is_nobodys_gets_a_page_and_a_program_a_problem() {
    let server = TestServer::spawn();
    let guest = server.guest();
    let html = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let ask = async |method: Method, path: &str, accept: &str| {
        guest.send(guest.request(method, path).header("accept", accept)).await
    };
    let page = ask(Method::GET, "//nowhere", html).await;
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    // But for the modules that each names, it is the shell, in which the page finds out where it is.
    let but_modules =
        |page: &str| -> String { page.lines().filter(|line| !line.contains("modulepreload")).collect() };
    assert_eq!(but_modules(&page.text), but_modules(&guest.get("//").await.text));
    assert!(page.text.contains("/app.js\""), "{}", page.text);
    assert!(page.header("content-security-policy").contains("script-src"), "{:?}", page.headers);
    assert_eq!(ask(Method::HEAD, "//s/1/2/3", html).await.status, 404);
    for (method, path, accept) in [
        (Method::GET, "//nowhere", "application/json"),
        (Method::GET, "//nowhere", "*/*"),
        (Method::POST, "//nowhere", html),
        (Method::GET, "/nowhere", html),
        (Method::GET, "//health/nowhere", html),
    ] {
        ask(method, path, accept).await.refused(404, "not_found");
    }
}
