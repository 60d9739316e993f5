//! What generators of typed clients want to know and the maker of this document does not see: that an answer always has a
//! member, though it may be null, and that a body which is no JSON is bytes.
//! It must not know what a member or a body is of.

use serde_json::{Map, Value, json};

/// Has every schema of an answer require what can be null, since it is there, then, to say so; a member that is left out instead
/// says of itself that it is never null. What a client sends is closed to members unknown, and stays as it is: there null and
/// nothing may differ.
pub(crate) fn require(schemas: &mut Map<String, Value>) {
    schemas.values_mut().filter(|schema| schema["additionalProperties"] != false).for_each(require_within);
}

fn require_within(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else {
        schema.as_array_mut().into_iter().flatten().for_each(require_within);
        return;
    };
    members.values_mut().for_each(require_within);
    let properties = members.get("properties").and_then(Value::as_object).into_iter().flatten();
    let always: Vec<Value> =
        properties.filter(|(_, member)| takes_null(member)).map(|(name, _)| json!(name)).collect();
    if always.is_empty() {
        return;
    }
    let required = members.entry("required").or_insert(json!([]));
    for name in always {
        if let Some(required) = required.as_array_mut().filter(|required| !required.contains(&name)) {
            required.push(name);
        }
    }
}

/// Has the body of a request or an answer say that it is bytes, and that of a request that it must be there.
pub(crate) fn bodies(operation: &mut Map<String, Value>) {
    if let Some(body) = operation.get_mut("requestBody") {
        let is_optional = content(body).any(|(_, content)| takes_null(&content["schema"]));
        body["required"] = (!is_optional).into();
        bytes(body);
    }
    operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
        .for_each(|(_, response)| bytes(response));
}

fn bytes(body: &mut Value) {
    for (media, content) in content(body) {
        if !media.ends_with("json") && content["schema"]["type"] == "array" {
            content["schema"] = json!({"type": "string", "format": "binary"});
        }
    }
}

fn content(body: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    body.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten()
}

fn takes_null(schema: &Value) -> bool {
    let is_null = |kind: &Value| *kind == "null";
    let kinds = schema["type"].as_array().into_iter().flatten();
    let either = schema["oneOf"].as_array().into_iter().flatten();
    kinds.chain(either.map(|one| &one["type"])).any(is_null)
}
