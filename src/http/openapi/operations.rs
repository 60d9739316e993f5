//! What every operation has that its handler need not say: credentials, refusals, a description.
//! It must not know what an operation does.

use super::presence;
use crate::{
    domain::KeyScope,
    http::{error::PROBLEM_JSON, key_scopes},
    wire::Code,
};
use actix_web::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

/// Operations that nobody needs credentials for, and that have no use for any.
const PUBLIC: &[&str] = &[
    "checkLive",
    "checkReady",
    "getApiDocument",
    "getAvatar",
    "getChannel",
    "getChannelCalendar",
    "getChannelFeed",
    "getCover",
    "getFeed",
    "getLogo",
    "getOembed",
    "getPlaylist",
    "getRecordingFile",
    "getSegment",
    "getSocketDocument",
    "hearMediaServer",
    "logIn",
    "register",
    "resetPassword",
    "setUp",
];
/// The one that takes the cookie.
const REFRESH: &str = "refreshSession";
/// Refusals that any call can meet.
const ALWAYS: [u16; 4] = [400, 429, 500, 503];

/// Completes every operation of a document.
pub(crate) fn complete(document: &mut Value) {
    document["components"]["responses"] = refusals();
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The `access_token` of a session, or a key of an account whose scopes reach that far \
                (`x-key-scopes`: one of these). Where it may be left out, a guest reads what is public.",
        },
        "streamKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "The key of a stream or an account, as `ingest` shows it to whoever hosts.",
        },
        "refreshCookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": "livehouse_refresh",
            "description": "The refresh token of a browser that logged in with `\"transport\": \"cookie\"`; \
                `__Host-livehouse_refresh` where the site is https.",
        },
    });
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (method, operation) in item
            .as_object_mut()
            .into_iter()
            .flatten()
            .filter_map(|(method, operation)| Some((method, operation.as_object_mut()?)))
        {
            describe(operation);
            presence::bodies(operation);
            secure(operation);
            scope(method, path, operation);
            refuse(path, operation);
        }
    }
}

fn describe(operation: &mut Map<String, Value>) {
    if let (false, Some(summary)) = (operation.contains_key("description"), operation.get("summary").cloned())
    {
        operation.insert("description".to_owned(), summary);
    }
}

fn secure(operation: &mut Map<String, Value>) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or("");
    let needed = match id {
        REFRESH => json!([{}, {"refreshCookie": []}]),
        id if PUBLIC.contains(&id) => json!([]),
        _ => json!([{}, {"bearer": []}]),
    };
    operation.entry("security").or_insert(needed);
}

/// What a key must be good for, where credentials are looked at.
fn scope(method: &str, path: &str, operation: &mut Map<String, Value>) {
    if !operation["security"].to_string().contains("bearer") {
        return;
    }
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
    let scopes: Vec<KeyScope> =
        method.map_or(Vec::new(), |method| key_scopes::needed(&method, path).to_vec());
    operation.insert("x-key-scopes".to_owned(), json!(scopes));
}

/// What can be refused by what an operation takes.
fn refuse(path: &str, operation: &mut Map<String, Value>) {
    let has_body = operation.contains_key("requestBody");
    let needs_account = operation["security"] == json!([{"bearer": []}]);
    let takes_token = operation["security"].to_string().contains("bearer");
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let has_query = parameters.is_some_and(|all| all.iter().any(|parameter| parameter["in"] == "query"));
    let mut statuses = ALWAYS.to_vec();
    statuses.extend(takes_token.then_some(401));
    statuses.extend(needs_account.then_some(403));
    statuses.extend(path.contains('{').then_some(404));
    statuses.extend(if has_body { &[408, 409, 413, 415][..] } else { &[] });
    statuses.extend((has_body || has_query).then_some(422));
    statuses.extend(path.ends_with("/ws").then_some(426));
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for status in statuses {
        responses
            .entry(status.to_string())
            .or_insert(json!({"$ref": format!("#/components/responses/Refused{status}")}));
    }
    responses.insert("default".to_owned(), json!({"$ref": "#/components/responses/Refused"}));
}

/// One response for each status of a code, and one for any.
fn refusals() -> Value {
    let mut responses = Map::new();
    for status in ALWAYS.iter().chain(&[401, 403, 404, 408, 409, 413, 415, 422, 426]) {
        let codes: Vec<&Code> = Code::ALL.iter().filter(|code| code.status() == *status).collect();
        let named: Vec<String> = codes.iter().map(|code| format!("`{code}`: {}", code.meaning())).collect();
        responses
            .insert(format!("Refused{status}"), refusal(&named.join(" "), codes.first().copied().copied()));
    }
    responses.insert("Refused".to_owned(), refusal("Refused: a problem with its code.", None));
    responses.into()
}

fn refusal(description: &str, example: Option<Code>) -> Value {
    let mut content = json!({"schema": {"$ref": "#/components/schemas/Problem"}});
    if let Some(code) = example {
        let title = StatusCode::from_u16(code.status()).ok().and_then(|status| status.canonical_reason());
        content["example"] = json!({
            "type": "about:blank", "title": title, "status": code.status(), "detail": code.meaning(), "code": code,
        });
    }
    json!({"description": description, "content": {PROBLEM_JSON: content}})
}
