//! Reading what clients send: JSON into types, with a refusal that names the member that is wrong.
//! It must not know whether the text came over REST or a socket.

pub(crate) mod complaint;

use self::complaint::Complaint;
use super::{Code, Refusal};
use crate::domain::invalid::Invalid;
use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};

/// Reads a JSON text. Malformed: `bad_request`; well-formed but not what is asked for: `invalid_field`.
pub(crate) fn text<T: DeserializeOwned>(json: &[u8]) -> Result<T, Refusal> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let read = match serde_path_to_error::deserialize(&mut deserializer) {
        Err(error) if is_malformed(error.inner()) => return parsed_first(json),
        read => read.map_err(refusal)?,
    };
    deserializer.end().map_err(|error| malformed(&error))?;
    Ok(read)
}

/// serde_json complains of the text, too, where `null` or a number stands in the place of a word. Whether it is JSON
/// shows where it is parsed by itself.
fn parsed_first<T: DeserializeOwned>(json: &[u8]) -> Result<T, Refusal> {
    value(serde_json::from_slice(json).map_err(|error| malformed(&error))?)
}

/// Reads a value already parsed.
pub(crate) fn value<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(value).map_err(refusal)
}

fn refusal(error: serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    let path = error.path().to_string();
    let cause = error.into_inner();
    if is_malformed(&cause) {
        return malformed(&cause);
    }
    let detail = without_position(&cause);
    if let Some(invalid) = Invalid::in_message(&detail) {
        return Refusal::invalid_field(field(&path, None), invalid.code, invalid.detail);
    }
    let complaint = Complaint::of(&detail);
    Refusal::invalid_field(field(&path, complaint.member()), complaint.code(), detail)
}

fn is_malformed(error: &serde_json::Error) -> bool {
    matches!(error.classify(), Category::Syntax | Category::Eof | Category::Io)
}

fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::new(Code::BadRequest, format!("This is not JSON: {error}."))
}

/// serde_json ends with the position in the text, which means nothing to whoever sent a member.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

/// A missing or unknown member is named in the message, the path then ends at its parent.
fn field(path: &str, named: Option<&str>) -> String {
    let parent = if path == "." { "" } else { path };
    let Some(name) = named else {
        return if parent.is_empty() { "body".to_owned() } else { parent.to_owned() };
    };
    match parent.rsplit('.').next() {
        Some("") | None => name.to_owned(),
        Some(last) if last == name => parent.to_owned(),
        Some(_) => format!("{parent}.{name}"),
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
    fn what_is_no_word_where_one_must_stand_is_json_for_all_that() {
        #[derive(Debug, Deserialize)]
        struct Coloured {
            #[allow(dead_code)]
            colour: Colour,
        }
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Colour {
            Red,
        }
        for json in [r#"{"colour":null}"#, r#"{"colour":1}"#, r#"{"colour":["red"]}"#] {
            let refusal = text::<Coloured>(json.as_bytes()).unwrap_err();
            assert_eq!(refusal.code, Code::InvalidField, "{json}");
            let found = (refusal.fields[0].field.as_str(), refusal.fields[0].code.as_str());
            assert_eq!(found, ("colour", "wrong_type"), "{json}");
        }
        for json in [r#"{"colour":null"#, r#"{"colour":nul}"#, r#"{"colour":null} x"#] {
            assert_eq!(text::<Coloured>(json.as_bytes()).unwrap_err().code, Code::BadRequest, "{json}");
        }
        assert!(matches!(text(br#"{"colour":"red"}"#), Ok(Coloured { colour: Colour::Red })));
    }

    #[test]
    fn the_position_in_the_text_is_not_told_and_nothing_else_is_left_out() {
        for (json, field, detail) in [
            (
                r#"{"title":"a","style":{"size":300}}"#,
                "style.size",
                "invalid value: integer `300`, expected u8",
            ),
            (
                "{\"title\":\"a\",\n\"b at line 3\":1}",
                "b at line 3",
                "unknown field `b at line 3`, expected `title` or `style`",
            ),
        ] {
            let refusal = text::<Body>(json.as_bytes()).unwrap_err();
            let found = (refusal.fields[0].field.as_str(), refusal.fields[0].detail.as_str());
            assert_eq!(found, (field, detail), "{json}");
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
