//! Reading what clients send: JSON into types, with a refusal that names the member that is wrong.
//! It must not know whether the text came over REST or a socket.

use super::{Code, Refusal};
use crate::domain::invalid::Invalid;
use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};

/// Reads a JSON text. Malformed: `bad_request`; well-formed but not what is asked for: `invalid_field`.
pub(crate) fn text<T: DeserializeOwned>(json: &[u8]) -> Result<T, Refusal> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(refusal)?;
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

/// Reads a value already parsed.
pub(crate) fn value<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(value).map_err(refusal)
}

fn refusal(error: serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    let path = error.path().to_string();
    let cause = error.into_inner();
    if matches!(cause.classify(), Category::Syntax | Category::Eof | Category::Io) {
        return malformed(&cause);
    }
    let detail = without_position(&cause.to_string());
    match Invalid::in_message(&detail) {
        Some(invalid) => Refusal::invalid_field(field(&path, ""), invalid.code, invalid.detail),
        None => Refusal::invalid_field(field(&path, &detail), word_for(&detail), detail),
    }
}

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::new(Code::BadRequest, format!("This is not JSON: {error}."))
}

/// serde_json adds a position in the text, which means nothing to whoever sent a member.
fn without_position(detail: &str) -> String {
    detail.split(" at line ").next().unwrap_or(detail).to_owned()
}

/// A missing or unknown member is named in the message, the path then ends at its parent.
fn field(path: &str, detail: &str) -> String {
    let parent = if path == "." { "" } else { path };
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| detail.strip_prefix(start));
    let Some(name) = named.and_then(|rest| rest.split('`').next()) else {
        return if parent.is_empty() { "body".to_owned() } else { parent.to_owned() };
    };
    match parent.rsplit('.').next() {
        Some("") | None => name.to_owned(),
        Some(last) if last == name => parent.to_owned(),
        Some(_) => format!("{parent}.{name}"),
    }
}

fn word_for(detail: &str) -> &'static str {
    match detail {
        _ if detail.starts_with("missing field") => "missing",
        _ if detail.starts_with("unknown field") => "unknown",
        _ if detail.starts_with("invalid type") => "wrong_type",
        _ if detail.starts_with("duplicate field") => "duplicate",
        _ => "invalid",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Body {
        title: String,
        #[serde(default)]
        style: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        size: u8,
    }

    #[test]
    fn the_refusal_names_the_member_and_what_is_wrong_with_it() {
        for (json, field, word) in [
            (r#"{}"#, "title", "missing"),
            (r#"{"title":1}"#, "title", "wrong_type"),
            (r#"{"title":"a","x":1}"#, "x", "unknown"),
            (r#"{"title":"a","style":{}}"#, "style.size", "missing"),
            (r#"{"title":"a","style":{"size":"big"}}"#, "style.size", "wrong_type"),
            (r#"{"title":"a","style":{"size":1,"y":2}}"#, "style.y", "unknown"),
            (r#"{"title":"a","title":"b"}"#, "title", "duplicate"),
            (r#"[]"#, "body", "invalid"),
            (r#"null"#, "body", "wrong_type"),
        ] {
            let refusal = text::<Body>(json.as_bytes()).unwrap_err();
            assert_eq!(refusal.code, Code::InvalidField, "{json}");
            assert_eq!(
                (refusal.fields[0].field.as_str(), refusal.fields[0].code.as_str()),
                (field, word),
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_not_json_is_a_bad_request() {
        for json in
            ["", "{", "{\"title\":\"\\ud800\"}", "nul", "{\"title\":\"a\"} x", "{\"title\":\"\u{0}\"}"]
        {
            assert_eq!(text::<Body>(json.as_bytes()).unwrap_err().code, Code::BadRequest, "{json:.40}");
        }
        assert_eq!(text::<Body>(b"{\"title\":\"\xff\"}").unwrap_err().code, Code::BadRequest);
        let deep = "[".repeat(100_000);
        assert_eq!(text::<Value>(deep.as_bytes()).unwrap_err().code, Code::BadRequest);
    }
}
