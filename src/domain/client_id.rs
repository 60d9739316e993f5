//! The name a client gives a comment, so that sending it again does not say it twice.
//! It must not know which were used before.

use super::{
    invalid::Invalid,
    parsed::{TextSchema, text_newtype},
};

const MAX_CHARS: usize = 64;

/// 1 to 64 characters, no controls; compared byte by byte and kept exactly as sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// Checks an id.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::empty("at least one character"));
        }
        if text.chars().nth(MAX_CHARS).is_some() {
            return Err(Invalid::too_long(format!("at most {MAX_CHARS} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::forbidden_character("no control characters"));
        }
        Ok(Self(text.to_owned()))
    }
}

text_newtype!(
    ClientId,
    TextSchema {
        min_length: 1,
        max_length: MAX_CHARS,
        format: None,
        description: "1 to 64 characters, no control characters; unique per account and stream",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_is_kept_as_sent_up_to_64_characters() {
        for text in [" a ", "é", &"x".repeat(64), &"語".repeat(64)] {
            assert_eq!(ClientId::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn empty_long_and_control_ids_are_refused() {
        let code = |text: &str| ClientId::parse(text).unwrap_err().code;
        assert_eq!(code(""), "empty");
        assert_eq!(code(&"x".repeat(65)), "too_long");
        assert_eq!(code("a\0b"), "forbidden_character");
        assert_eq!(code("a\u{85}"), "forbidden_character");
    }
}
