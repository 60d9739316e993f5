//! What operators see of requests: their names in answers and in the log, their times among the metrics.

use crate::tools::{Place, Running, Scene, TestServer, on_one_node, until};
use reqwest::Method;
use uuid::Uuid;

#[tokio::test]
async fn each_answer_names_its_request() {
    let server = TestServer::spawn();
    let guest = server.guest();
    let given =
        guest.send(guest.request(Method::GET, "/users/nobody").header("x-request-id", "canary-1")).await;
    assert_eq!((given.status, given.header("x-request-id")), (404, "canary-1"));
    let early = guest
        .send(guest.request(Method::GET, "/users/a?access_token=x").header("x-request-id", "canary-2"))
        .await;
    assert_eq!((early.status, early.header("x-request-id")), (400, "canary-2"));
    let page = reqwest::get(server.url("/")).await.unwrap();
    assert!(Uuid::parse_str(page.headers()["x-request-id"].to_str().unwrap()).is_ok());
    let bad = guest.send(guest.request(Method::GET, "/users/nobody").header("x-request-id", "a b")).await;
    assert!(Uuid::parse_str(bad.header("x-request-id")).is_ok(), "{bad:?}");
}

#[test]
fn the_access_log_has_a_line_for_each_request_where_it_is_asked_for() {
    let place = Place::new();
    for (filters, format, name) in [
        ("info,access=info", "text", Some(" request=canary-3")),
        ("info,access=info", "json", Some("\"request_id\":\"canary-3\"")),
        ("info", "text", None),
        ("debug", "text", None),
    ] {
        let running = Running::start(&place, &[("LIVEHOUSE_LOG", filters), ("LIVEHOUSE_LOG_FORMAT", format)]);
        let guest = running.guest();
        actix::System::new().block_on(async {
            let request = guest.request(Method::GET, "/users/nobody?secret=1");
            let request = request.header("x-request-id", "canary-3").header("user-agent", "me\" \t1");
            guest.send(request).await.refused(404, "not_found");
        });
        let log = running.kill();
        let found = log.iter().find(|found| found.contains("GET /api/v1/users/nobody: 404"));
        let Some(name) = name else {
            assert_eq!(found, None, "{filters}");
            continue;
        };
        let line = found.unwrap_or_else(|| panic!("{log:#?}"));
        assert!(line.contains(name) && line.contains("127.0.0.1 GET") && line.contains("access"), "{line}");
        assert!(line.contains("me\\") && !line.contains("secret") && !line.contains('\t'), "{line}");
    }
}

#[tokio::test]
async fn metrics_are_written_as_the_scraper_reads_them_and_know_every_route() {
    let server = TestServer::spawn_with(on_one_node);
    server.guest().get("/users/nobody").await.refused(404, "not_found");
    server.guest().get("/no/such/thing").await.refused(404, "not_found");
    let scrape = async |accept: &str| {
        let request = reqwest::Client::new().get(server.ops_url("/metrics")).header("accept", accept);
        let answer = request.send().await.unwrap();
        (answer.headers()["content-type"].to_str().unwrap().to_owned(), answer.text().await.unwrap())
    };
    let (kind, text) = scrape("application/openmetrics-text; version=1.0.0").await;
    assert!(kind.starts_with("application/openmetrics-text") && text.ends_with("# EOF\n"), "{kind}: {text}");
    let (kind, text) = scrape("text/plain;version=0.0.4").await;
    assert!(kind.starts_with("text/plain; version=0.0.4") && !text.contains("# EOF"), "{kind}");
    for part in [
        "livehouse_http_request_seconds_count{method=\"GET\",route=\"/api/v1/users/{username}\"} 1",
        "livehouse_http_request_seconds_count{method=\"GET\",route=\"none\"} 1",
        "# HELP livehouse_comments_accepted_total ",
        "livehouse_build_info{version=",
        "process_cpu_seconds_total ",
        "process_start_time_seconds ",
        "livehouse_db_wal_bytes ",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[tokio::test]
async fn delay_and_cost_of_each_fan_out_are_measured() {
    let Scene { server, host, .. } = &Scene::live_with(on_one_node).await;
    let mut viewer = server.guest().join().await;
    for content in ["one", "two"] {
        host.comment(content).await;
        // The second begins only when the first has been written, and measured.
        viewer.expect_comment(content).await;
    }
    let text = server.metrics().await;
    for name in ["livehouse_fanout_delay_seconds_count ", "livehouse_fanout_cost_seconds_count "] {
        let counted = text.lines().find_map(|line| line.strip_prefix(name));
        assert!(counted.is_some_and(|count| count.parse::<u64>().unwrap() >= 1), "{name}: {text}");
    }
    viewer.leave().await;
}

#[tokio::test]
async fn the_database_and_its_disk_are_measured() {
    let server = TestServer::spawn_with(on_one_node);
    until("the database is measured", async || server.metric("livehouse_db_bytes").await > 4096).await;
    let text = server.metrics().await;
    let figure = |name: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in {text}")).parse().unwrap()
    };
    let (free, all) = (figure("livehouse_disk_free_bytes"), figure("livehouse_disk_bytes"));
    assert!(0.0 < free && free <= all, "{free} of {all}");
}
