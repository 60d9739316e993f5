//! Unions of frames and events, each variant a schema of its own that is told from the others by one member.
//! It must not know which variants there are.

use serde_json::{Map, Value, json};

type Schemas = Map<String, Value>;

/// Gives each variant of the frames and events its name, and what all of them have.
pub(crate) fn tell_apart(schemas: &mut Schemas) {
    let numbered = json!({
        "seq": {"$ref": "#/components/schemas/Seq"},
        "ts": {"$ref": "#/components/schemas/Millis"},
    });
    let reference = json!({"type": "string", "maxLength": 64, "description": "Comes back on the answer."});
    Union { name: "LogEvent", tag: "type", suffix: "Event", required: &["seq", "ts"] }
        .split(schemas, &numbered);
    Union { name: "Frame", tag: "type", suffix: "Frame", required: &[] }.split(schemas, &json!({}));
    let ops = Union { name: "ClientFrame", tag: "op", suffix: "Op", required: &[] };
    ops.split(schemas, &json!({"ref": reference}));
    join(schemas, "ServerFrame", "type", &["Frame", "LogEvent"]);
    schemas.remove("Frame");
}

/// A union, the member that tells its variants apart, and which of the shared members every variant must have.
struct Union {
    name: &'static str,
    tag: &'static str,
    suffix: &'static str,
    required: &'static [&'static str],
}

impl Union {
    fn split(&self, schemas: &mut Schemas, shared: &Value) {
        let union = schemas.get(self.name).cloned().unwrap_or_default();
        let mut variants = Vec::new();
        for variant in list(&union, "oneOf") {
            let mut members = Members::of(schemas, variant);
            let Some(word) = members.properties.get(self.tag).and_then(|tag| tag["enum"][0].as_str()) else {
                continue;
            };
            let (word, name) = (word.to_owned(), pascal(word) + self.suffix);
            members.properties.insert(self.tag.to_owned(), json!({"type": "string", "const": word}));
            members
                .properties
                .extend(shared.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
            members.required.extend(self.required.iter().map(|&name| name.into()));
            let description = description(schemas, variant);
            let mut schema =
                json!({"type": "object", "description": description, "required": members.required});
            schema["properties"] = members.properties.into();
            schemas.insert(name.clone(), schema);
            variants.push((word, name));
        }
        schemas.insert(self.name.to_owned(), one_of(&union, self.tag, &variants));
    }
}

/// A union of all that some unions have.
fn join(schemas: &mut Schemas, name: &str, tag: &str, parts: &[&str]) {
    let mut variants = Vec::new();
    for part in parts {
        let mapping = schemas.get(*part).and_then(|part| part["discriminator"]["mapping"].as_object());
        let named =
            |(word, target): (&String, &Value)| Some((word.clone(), name_of(target.as_str()?).to_owned()));
        variants.extend(mapping.into_iter().flatten().filter_map(named));
    }
    let union = schemas.get(name).cloned().unwrap_or_default();
    schemas.insert(name.to_owned(), one_of(&union, tag, &variants));
}

fn one_of(union: &Value, tag: &str, variants: &[(String, String)]) -> Value {
    let target = |name: &str| format!("#/components/schemas/{name}");
    let either: Vec<Value> = variants.iter().map(|(_, name)| json!({"$ref": target(name)})).collect();
    let mapping: Schemas = variants.iter().map(|(word, name)| (word.clone(), target(name).into())).collect();
    json!({
        "description": union["description"],
        "oneOf": either,
        "discriminator": {"propertyName": tag, "mapping": mapping},
    })
}

/// What a schema has, wherever it has it from.
#[derive(Default)]
struct Members {
    properties: Schemas,
    required: Vec<Value>,
}

impl Members {
    fn of(schemas: &Schemas, schema: &Value) -> Self {
        if let Some(target) = schema["$ref"].as_str() {
            return schemas.get(name_of(target)).map(|target| Self::of(schemas, target)).unwrap_or_default();
        }
        let mut all = Self::default();
        list(schema, "allOf").iter().for_each(|part| all.add(Self::of(schemas, part)));
        // Something flattened that may be absent.
        if let Some(optional) = list(schema, "oneOf").first() {
            all.add(Self { required: Vec::new(), ..Self::of(schemas, optional) });
        }
        all.add(Self {
            properties: schema["properties"].as_object().cloned().unwrap_or_default(),
            required: list(schema, "required").to_vec(),
        });
        all
    }

    fn add(&mut self, more: Self) {
        self.properties.extend(more.properties);
        self.required.extend(more.required);
    }
}

/// Its own description, or that of what it is made of.
fn description(schemas: &Schemas, schema: &Value) -> Value {
    let part = list(schema, "allOf").first().and_then(|part| part["$ref"].as_str());
    let named =
        part.and_then(|target| schemas.get(name_of(target))).map(|target| target["description"].clone());
    match schema.get("description") {
        Some(own) => own.clone(),
        None => named.unwrap_or_else(|| "".into()),
    }
}

fn list<'a>(schema: &'a Value, member: &str) -> &'a [Value] {
    schema[member].as_array().map_or(&[], Vec::as_slice)
}

/// The name behind `#/components/schemas/`.
fn name_of(target: &str) -> &str {
    target.rsplit('/').next().unwrap_or(target)
}

/// `comment.created` as `CommentCreated`.
fn pascal(word: &str) -> String {
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    word.split(['.', '_']).filter(|part| !part.is_empty()).map(capital).collect()
}
