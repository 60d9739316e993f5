//! The schemas of the document: pages refer to what they list, examples stand where they help, nothing is left over.
//! It must not know what a schema is of.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Examples by the name of their schema.
const EXAMPLES: &str = include_str!("examples.json");
/// What no operation refers to, because it goes over the socket.
const FRAMES: [&str; 2] = ["ClientFrame", "ServerFrame"];

/// Lets every page of a list refer to the schema of what it lists.
pub(crate) fn share_items(schemas: &mut Map<String, Value>) {
    let names: Vec<String> = schemas.keys().cloned().collect();
    for page in &names {
        let Some(item) = page.strip_prefix("List_").filter(|item| schemas.contains_key(*item)) else {
            continue;
        };
        let target = format!("#/components/schemas/{item}");
        schemas[page]["properties"]["items"]["items"] = json!({"$ref": target});
    }
}

/// Puts the examples in.
pub(crate) fn exemplify(schemas: &mut Map<String, Value>) {
    let examples: Map<String, Value> =
        serde_json::from_str(EXAMPLES).expect("the examples are a JSON object");
    for (name, example) in examples {
        if let Some(schema) = schemas.get_mut(&name) {
            schema["examples"] = json!([example]);
        }
    }
}

/// Leaves out what nothing refers to.
pub(crate) fn prune(document: &mut Value) {
    let mut begun: BTreeSet<String> = FRAMES.iter().map(|&name| name.to_owned()).collect();
    names_in(&document["paths"], &mut begun);
    names_in(&document["components"]["responses"], &mut begun);
    let used = reached(&document["components"]["schemas"], begun);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name));
    }
}

/// These schemas with all that they refer to, and what that refers to.
pub(crate) fn reached(schemas: &Value, mut found: BTreeSet<String>) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    while let Some(name) = found.pop_first() {
        if used.insert(name.clone()) {
            names_in(&schemas[&name], &mut found);
        }
    }
    used
}

/// The names of all schemas that a part of the document refers to.
fn names_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names_in(item, found)),
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            found.extend(
                target.and_then(|target| target.strip_prefix("#/components/schemas/")).map(str::to_owned),
            );
            members.values().for_each(|member| names_in(member, found));
        }
        _ => {}
    }
}
