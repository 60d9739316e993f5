//! The OpenAPI document as a running server gives it; kept in a file, where linters can look at it.

use crate::tools::TestServer;
use livehouse::config::Cap;

#[tokio::test]
async fn the_document_tells_this_servers_limits_and_can_be_kept() {
    let server = TestServer::spawn_with(|config| config.limits.comments_per_user = Cap::new(7));
    let answer = server.guest().get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.ok();
    let limits = document["x-limits"].as_array().expect("a table");
    let comments = limits.iter().find(|row| row["name"] == "COMMENTS_PER_USER").expect("a row");
    assert_eq!(comments["value"], 7);
    let text = serde_json::to_string_pretty(&document).expect("JSON");
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
    std::fs::write(file, text).expect("it can be written");
}
