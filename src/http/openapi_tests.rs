//! The document against the routes, and against the traps of its generator.

use super::*;
use serde_json::Value;
use std::collections::BTreeSet;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn document() -> Value {
    serde_json::from_str(&Document::openapi().to_json().unwrap()).unwrap()
}

/// `method path` of every route, read from the one screen that has them all.
fn routed() -> BTreeSet<String> {
    let source = include_str!("routes.rs");
    let mut found = BTreeSet::new();
    for resource in source.split("web::resource(\"").skip(1) {
        let (path, calls) = resource.split_once('"').expect("a path is quoted");
        let calls = calls.split("web::").next().unwrap_or(calls);
        let base = if path.starts_with("/health") || path == "/metrics" { "" } else { "/api/v1" };
        for method in METHODS.iter().filter(|method| calls.contains(&format!(".{method}("))) {
            found.insert(format!("{method} {base}{path}"));
        }
    }
    found.remove("get /metrics"); // on the operators' listener alone
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
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                assert!(response["description"].is_string(), "{method} {path} {status}");
            }
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
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
