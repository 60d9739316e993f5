//! The document against the routes, and against the traps of its generator.

use super::*;
use crate::{
    domain::UserId,
    wire::{Code, event::Event, op},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn document() -> Value {
    whole(&Limits::default()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS.iter().filter(|method| item[**method].is_object()) {
            found.push((format!("{method} {path}"), &item[*method]));
        }
    }
    found
}

/// `method path` of every route, read from the one screen that has them all.
fn routed() -> BTreeSet<String> {
    let source = include_str!("../routes.rs");
    let mut found = BTreeSet::new();
    for resource in source.split("web::resource(\"").skip(1) {
        let (path, calls) = resource.split_once('"').expect("a path is quoted");
        let calls = calls.split("web::").next().unwrap_or(calls);
        let is_below = ["/health", "/metrics", "/oembed", "/feed", "/@", "/robots", "/sitemap", "/."]
            .iter()
            .all(|root| !path.starts_with(root));
        let base = if is_below { "/api/v1" } else { "" };
        let is_named = |method: &&&str| {
            calls.contains(&format!(".{method}(")) || calls.contains(&format!(", {method}().to("))
        };
        for method in METHODS.iter().filter(is_named) {
            found.insert(format!("{method} {base}{path}"));
        }
    }
    found.remove("get /metrics"); // on the operators' listener alone
    // Of other formats, which programs look for where they are.
    for file in ["robots.txt", "sitemap.xml", ".well-known/change-password", ".well-known/security.txt"] {
        found.remove(&format!("get /{file}"));
    }
    found
}

fn documented() -> BTreeSet<String> {
    let document = document();
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| -> Vec<String> {
        let item = item.as_object().expect("an item");
        item.keys()
            .filter(|key| METHODS.contains(&key.as_str()))
            .map(|method| format!("{method} {path}"))
            .collect()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn every_route_is_documented_and_nothing_else() {
    assert!(routed().len() > 15, "{:?}", routed());
    assert_eq!(routed(), documented());
}

#[test]
fn it_is_openapi_3_1_with_a_licence_and_described_responses() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["license"]["name"], "MIT");
    assert!(document["servers"][0]["url"].is_string());
    for (name, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let is_shared =
                response["$ref"].as_str().is_some_and(|target| target.contains("/responses/Refused"));
            assert!(is_shared || response["description"].is_string(), "{name} {status}");
        }
        assert!(operation["responses"]["default"].is_object(), "{name}");
        assert!(
            operation["responses"].as_object().unwrap().keys().any(|status| status.starts_with('4')),
            "{name}"
        );
        assert!(operation["description"].is_string() && operation["summary"].is_string(), "{name}");
    }
}

#[test]
fn every_operation_says_which_credentials_it_takes() {
    let document = document();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    let mut open = Vec::new();
    for (name, operation) in operations(&document) {
        let security = operation["security"].as_array().unwrap_or_else(|| panic!("{name} says nothing"));
        if security.is_empty() {
            open.push(name.clone());
        }
        for scheme in security.iter().flat_map(|either| either.as_object().unwrap().keys()) {
            assert!(schemes.contains_key(scheme), "{name}: {scheme}");
        }
    }
    assert_eq!(open.len(), 20, "{open:?}");
}

#[test]
fn every_code_close_and_limit_is_in_a_table_with_its_meaning() {
    let document = document();
    let table = |name: &str| document[name].as_array().unwrap().clone();
    let codes: Vec<Value> = table("x-error-codes").iter().map(|row| row["code"].clone()).collect();
    assert_eq!(codes, Code::ALL.iter().map(|code| json!(code)).collect::<Vec<_>>());
    let responses = document["components"]["responses"].to_string();
    for code in Code::ALL.iter().filter(|code| ![405, 406, 412].contains(&code.status())) {
        assert!(responses.contains(&format!("`{code}`")), "{code}");
    }
    let closes: Vec<u64> = table("x-close-codes").iter().filter_map(|row| row["code"].as_u64()).collect();
    assert_eq!(closes, [1001, 1002, 1003, 1007, 1009, 1012, 1013, 4400, 4401, 4404, 4408, 4409, 4429]);
    let limits = table("x-limits");
    assert_eq!(limits.len(), Limits::default().listed().len());
    for row in limits.iter().chain(&table("x-error-codes")).chain(&table("x-close-codes")) {
        let is_said = |(_, cell): (&String, &Value)| cell.as_str().is_none_or(|text| !text.is_empty());
        assert!(row.as_object().unwrap().iter().all(is_said), "{row}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    let pointers = text.split("\"$ref\":\"#").skip(1).filter_map(|reference| reference.split('"').next());
    let lost: Vec<_> = pointers.filter(|pointer| document.pointer(pointer).is_none()).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn operations_have_names_of_their_own() {
    let document = document();
    let items = document["paths"].as_object().unwrap().values();
    let names: Vec<&str> = items
        .flat_map(|item| item.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let different: BTreeSet<_> = names.iter().collect();
    assert_eq!(different.len(), names.len(), "{names:?}");
    assert_eq!(names.len(), operations(&document).len());
    for name in names {
        assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()), "{name}");
    }
}

#[test]
fn every_event_has_its_number_and_is_told_by_its_type() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let union = &schemas["LogEvent"];
    let mapping = union["discriminator"]["mapping"].as_object().unwrap();
    let kinds: BTreeSet<&str> = mapping.keys().map(String::as_str).collect();
    assert_eq!(kinds, Event::KINDS.iter().copied().collect());
    for (kind, target) in mapping {
        let event = &document.pointer(target.as_str().unwrap().trim_start_matches('#')).unwrap();
        assert_eq!(event["properties"]["type"]["const"], kind.as_str());
        for member in ["type", "seq", "ts"] {
            assert!(
                event["required"].as_array().unwrap().contains(&json!(member)),
                "{kind} without {member}"
            );
        }
    }
    assert_eq!(schemas["Events"]["properties"]["items"]["items"]["$ref"], "#/components/schemas/LogEvent");
    let frames = schemas["ServerFrame"]["discriminator"]["mapping"].as_object().unwrap();
    assert_eq!(frames.len(), kinds.len() + 15, "{frames:?}");
    assert_eq!(schemas["YouFrame"]["properties"]["role"]["$ref"], "#/components/schemas/Role");
}

#[test]
fn pages_refer_to_what_they_list_and_nothing_is_left_over() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, page) in schemas.iter().filter(|(name, _)| name.starts_with("List_")) {
        assert!(page["properties"]["items"]["items"]["$ref"].is_string(), "{name}");
    }
    let text = document.to_string();
    for name in schemas.keys().filter(|name| !["ClientFrame", "ServerFrame"].contains(&name.as_str())) {
        assert!(text.contains(&format!("\"$ref\":\"#/components/schemas/{name}\"")), "{name}");
    }
}

#[test]
fn examples_are_of_schemas_that_exist_and_fit_them() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let examples: Value = serde_json::from_str(include_str!("examples.json")).unwrap();
    for (name, example) in examples.as_object().unwrap() {
        let schema = schemas.get(name).unwrap_or_else(|| panic!("no schema {name}"));
        assert_eq!(&schema["examples"][0], example, "{name}");
        let members = example.as_object().unwrap();
        let known = schema["properties"].as_object().unwrap();
        assert!(members.keys().all(|member| known.contains_key(member)), "{name}");
        for member in schema["required"].as_array().into_iter().flatten() {
            assert!(members.contains_key(member.as_str().unwrap()), "{name} without {member}");
        }
        if name.ends_with("Op") {
            op::parse(&example.to_string()).op.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        }
    }
    let user: UserId = serde_json::from_value(examples["UserView"]["id"].clone()).unwrap();
    assert_eq!(user.to_string(), examples["UserView"]["id"]);
}

#[test]
fn frames_of_both_directions_are_among_the_schemas() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in ["ServerFrame", "ClientFrame", "LogEvent", "Problem", "CommentView", "StreamView"] {
        assert!(schemas.contains_key(name), "{name}");
    }
    for word in ["comment.created", "question.answered", "welcome", "token.expiring", "\"auth\"", "\"ping\""]
    {
        assert!(document.to_string().contains(word), "{word}");
    }
}

/// Typed clients are made of this: what is always there must not have to be looked for.
#[test]
fn answers_say_which_members_are_always_there() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let requires = |name: &str, member: &str| {
        schemas[name]["required"].as_array().is_some_and(|all| all.contains(&json!(member)))
    };
    for (name, member) in [
        ("CommentView", "style"),
        ("SnapshotFrame", "poll"),
        ("ViewerBannedEvent", "until"),
        ("YouFrame", "ban"),
        ("List_StreamView", "next_cursor"),
        ("StreamCore", "started_at"),
    ] {
        assert!(requires(name, member), "{name} without {member}");
    }
    for (name, member) in [("ErrorFrame", "retry_after_ms"), ("YouFrame", "ref"), ("PulseFrame", "tally")] {
        assert!(!requires(name, member), "{name} with {member}");
        assert!(!schemas[name]["properties"][member]["type"].is_array(), "{name}: {member} is never null");
    }
    for member in ["id", "seq", "comment"] {
        assert!(!requires("AckFrame", member), "only that of a comment has {member}");
    }
    assert!(!requires("AccountPatch", "display_name"), "what a client sends is as it was");
}

#[test]
fn bodies_that_are_no_json_are_bytes_and_bodies_are_needed_unless_they_may_be_null() {
    let document = document();
    let body = |path: &str, method: &str| document["paths"][path][method]["requestBody"].clone();
    let avatar = body("/api/v1/users/me/avatar", "put");
    assert_eq!(avatar["required"], true);
    assert_eq!(avatar["content"]["image/png"]["schema"], json!({"type": "string", "format": "binary"}));
    let answer = &document["paths"]["/api/v1/users/{username}/avatar"]["get"]["responses"]["200"];
    assert_eq!(answer["content"]["image/jpeg"]["schema"]["format"], "binary");
    assert_eq!(body("/api/v1/sessions/refresh", "post")["required"], false);
    assert_eq!(body("/api/v1/sessions", "post")["required"], true);
}

/// Nothing infers a body from the handler: one that is forgotten in its description would be missing here.
#[test]
fn a_call_that_writes_tells_its_body_or_is_known_to_take_none() {
    let document = document();
    let mut without = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["post", "put", "patch"] {
            if item.get(method).is_some_and(|operation| operation.get("requestBody").is_none()) {
                without.push(format!("{method} {}", path.trim_start_matches("/api/v1")));
            }
        }
    }
    let known = [
        "post /admin/users/{username}/reset-link",
        "put /channels/{host}/moderators/{username}",
        "post /hooks/media/{secret}/{server}",
        "post /streams/{id}/end",
        "post /streams/{id}/held/{comment_id}/approve",
        "post /streams/{id}/held/{comment_id}/reject",
        "post /streams/{id}/ingest/rotate",
        "put /streams/{id}/members/{username}",
        "put /streams/{id}/moderators/{username}",
        "post /streams/{id}/polls/{poll_id}/close",
        "post /streams/{id}/questions/{question_id}/answered",
        "put /streams/{id}/questions/{question_id}/vote",
        "post /streams/{id}/start",
        "put /users/me/ignored/{username}",
        "post /users/me/ingest/rotate",
        "put /users/{username}/follow",
        "post /webhooks/{id}/deliveries/{delivery_id}/retry",
        "post /webhooks/{id}/rotate-secret",
        "post /webhooks/{id}/test",
    ];
    assert_eq!(without, known);
}

#[test]
fn what_webhooks_are_sent_is_told() {
    let document = document();
    let body = &document["webhooks"]["event"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["$ref"], "#/components/schemas/WebhookMessage");
    let kinds = &document["components"]["schemas"]["WebhookMessage"]["properties"]["type"]["enum"];
    for kind in ["comment.created", "user.registered", "comment.tombstone", "webhook.test"] {
        assert!(kinds.as_array().unwrap().contains(&json!(kind)), "{kind}");
    }
}
