//! The socket as a document: AsyncAPI 3.0, made of the very schemas of the OpenAPI document, so that both say the same.
//! It must not know what a frame means.

use super::schemas::reached;
use serde_json::{Map, Value, json};

const ROOM: &str = "/api/v1/streams/{id}/ws";
const SCHEMAS: &str = "#/components/schemas/";
/// What the server says, and what a client may say.
const UNIONS: [&str; 2] = ["ServerFrame", "ClientFrame"];

/// What `api`, the OpenAPI document, says of the socket. Sending is what the server does: AsyncAPI tells it of whom it describes.
pub(super) fn of_socket(api: &Value) -> Value {
    let [told, heard] = UNIONS.map(|union| messages(api, union));
    let all: Map<String, Value> = [&told, &heard].into_iter().flatten().cloned().collect();
    let in_room = |name: &String| json!({"$ref": format!("#/channels/room/messages/{name}")});
    let operation = |action: &str, description: &str, messages: &[(String, Value)]| {
        let messages: Vec<Value> = messages.iter().map(|(name, _)| in_room(name)).collect();
        json!({"action": action, "description": description, "channel": {"$ref": "#/channels/room"}, "messages": messages})
    };
    let referred: Map<String, Value> = all
        .keys()
        .map(|name| (name.clone(), json!({"$ref": format!("#/components/messages/{name}")})))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": info(api),
        "servers": {"site": {
            "host": "{host}",
            "protocol": "wss",
            "description": "This site, wherever this was read from",
            "variables": {"host": {"description": "Name and port", "examples": ["live.example.org"]}},
        }},
        "defaultContentType": "application/json",
        "channels": {"room": {
            "address": ROOM,
            "description": "One socket is one viewer in one room.",
            "parameters": {"id": {"description": "The stream"}},
            "messages": referred,
            "bindings": {"ws": handshake(api)},
        }},
        "operations": {
            "tell": operation("send", "What the server says.", &told),
            "hear": operation("receive", "What a client may say.", &heard),
        },
        "components": {"messages": all, "schemas": schemas_of(api)},
        "x-close-codes": api["x-close-codes"],
        "x-limits": api["x-limits"],
    })
}

fn info(api: &Value) -> Value {
    let mut tags = api["tags"].as_array().into_iter().flatten();
    let room = tags.find(|tag| tag["name"] == "room").map(|tag| &tag["description"]);
    json!({
        "title": format!("{}: the socket of a room", api["info"]["title"].as_str().unwrap_or_default()),
        "version": api["info"]["version"],
        "license": {"name": api["info"]["license"]["name"]},
        "description": room,
        "tags": [{"name": "room"}],
    })
}

/// Each variant of a union as a message under its schema's name, in the union's order.
fn messages(api: &Value, union: &str) -> Vec<(String, Value)> {
    let variants = &api["components"]["schemas"][union]["discriminator"]["mapping"];
    let variants = variants.as_object().into_iter().flatten();
    let named = variants.filter_map(|(word, target)| {
        let target = target.as_str()?;
        let name = target.strip_prefix(SCHEMAS)?;
        let summary = &api["components"]["schemas"][name]["description"];
        let message = json!({"name": word, "summary": summary, "payload": {"$ref": target}});
        Some((name.to_owned(), message))
    });
    named.collect()
}

/// The query of the handshake.
fn handshake(api: &Value) -> Value {
    let parameters = api["paths"][ROOM]["get"]["parameters"].as_array().into_iter().flatten();
    let query: Map<String, Value> = parameters
        .filter(|parameter| parameter["in"] == "query")
        .filter_map(|parameter| {
            let mut schema = parameter["schema"].clone();
            schema["description"] = parameter["description"].clone();
            Some((parameter["name"].as_str()?.to_owned(), schema))
        })
        .collect();
    json!({"method": "GET", "query": {"type": "object", "properties": query}})
}

/// The schemas of all frames. A discriminator is a word in AsyncAPI, and says nothing that the constants do not.
fn schemas_of(api: &Value) -> Map<String, Value> {
    let all = &api["components"]["schemas"];
    let mut used = reached(all, UNIONS.map(str::to_owned).into());
    used.retain(|name| !UNIONS.contains(&name.as_str()));
    let schema = |name: String| {
        let mut schema = all[&name].clone();
        if let Some(members) = schema.as_object_mut() {
            members.remove("discriminator");
        }
        (name, schema)
    };
    used.into_iter().map(schema).collect()
}
