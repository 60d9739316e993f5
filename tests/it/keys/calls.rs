//! The calls of the API as its document has them, each sent by whoever is asked to. It must not know who may do what.

use crate::tools::{Answer, Client};
use reqwest::Method;
use serde_json::{Value, json};

/// A call of the document: its method and path as the table has them, and what it takes.
pub struct Call {
    pub name: String,
    pub method: Method,
    /// As it stands in the document.
    path: String,
    pub operation: Value,
}

/// All that the document has.
pub fn calls(document: &Value) -> Vec<Call> {
    let mut calls = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap();
            let shown = path.strip_prefix("/api/v1").unwrap_or(path);
            let (name, operation) = (format!("{method} {shown}"), operation.clone());
            calls.push(Call { name, method, path: path.clone(), operation });
        }
    }
    calls
}

/// A body that can be read, so that nothing is refused before it is seen who asks.
fn body_of(document: &Value, operation: &Value) -> Option<(String, String)> {
    let content = operation["requestBody"]["content"].as_object()?;
    let (kind, media) = content.iter().next()?;
    if kind != "application/json" {
        return Some((kind.clone(), "v=0".to_owned()));
    }
    let reference = media["schema"].to_string();
    let name = reference.split("#/components/schemas/").nth(1)?.split('"').next()?;
    let example = &document["components"]["schemas"][name]["examples"][0];
    let body = if example.is_null() { json!({}) } else { example.clone() };
    Some((kind.clone(), body.to_string()))
}

/// Sends one, with what the document gives as its example.
pub async fn send(document: &Value, who: &Client, call: &Call) -> Answer {
    let nowhere = "01890000-0000-7000-8000-000000000000";
    let path =
        call.path.replacen("{id}", if call.path.contains("/streams/") { &who.stream } else { nowhere }, 1);
    let path =
        ["username", "host"].iter().fold(path, |path, name| path.replace(&format!("{{{name}}}"), "ana"));
    let path = path.split('/').map(|part| if part.starts_with('{') { nowhere } else { part });
    let path = path.collect::<Vec<_>>().join("/");
    let request = who.request(call.method.clone(), &format!("/{path}"));
    let request = match body_of(document, &call.operation) {
        Some((kind, body)) => request.header("content-type", kind).body(body),
        None => request,
    };
    who.send(with_handshake(request, &call.path)).await
}

fn with_handshake(request: reqwest::RequestBuilder, path: &str) -> reqwest::RequestBuilder {
    if !path.ends_with("/ws") {
        return request;
    }
    let headers = [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")];
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
}
