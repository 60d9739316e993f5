//! The documents of the API as a running server gives them; kept in files, where linters can look at them.

use crate::tools::TestServer;
use livehouse::config::Cap;
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_document_tells_this_servers_limits_and_can_be_kept() {
    let server = TestServer::spawn_with(|config| config.limits.comments_per_user = Cap::new(7));
    let answer = server.guest().get("/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.ok();
    let limits = document["x-limits"].as_array().expect("a table");
    let comments = limits.iter().find(|row| row["name"] == "COMMENTS_PER_USER").expect("a row");
    assert_eq!(comments["value"], 7);
    keep("openapi.json", &document);
}

#[tokio::test]
async fn the_socket_is_told_of_by_the_same_schemas() {
    let server = TestServer::spawn();
    let answer = server.guest().get("/asyncapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let socket = answer.ok();
    keep("asyncapi.json", &socket);
    let api = server.guest().get("/openapi.json").await.ok();
    let payloads = |direction: &str| -> BTreeSet<String> {
        let messages = socket["operations"][direction]["messages"].as_array().expect("messages");
        let followed = |reference: &Value| at(&socket, &at(&socket, reference));
        messages.iter().map(|message| followed(message)["payload"]["$ref"].to_string()).collect()
    };
    for (direction, union) in [("tell", "ServerFrame"), ("hear", "ClientFrame")] {
        let variants = api["components"]["schemas"][union]["oneOf"].as_array().expect("variants");
        let variants: BTreeSet<String> = variants.iter().map(|one| one["$ref"].to_string()).collect();
        assert_eq!(payloads(direction), variants, "{union}");
    }
    let schemas = socket["components"]["schemas"].as_object().expect("schemas");
    assert!(
        schemas.contains_key("CommentView") && !schemas.contains_key("NewAccount"),
        "{:?}",
        schemas.keys()
    );
}

/// What a reference stands for.
fn at(document: &Value, reference: &Value) -> Value {
    let target = reference["$ref"].as_str().and_then(|target| target.strip_prefix('#')).expect("a reference");
    document.pointer(target).unwrap_or_else(|| panic!("{target} is not there")).clone()
}

fn keep(name: &str, document: &Value) {
    let text = serde_json::to_string_pretty(document).expect("JSON");
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(file, text).expect("it can be written");
}
