//! Why a value is refused, for one field. It must not know of HTTP: whoever answers picks the status.
//! Serde carries errors as text alone, so the text can be read back ([`Invalid::in_message`]).

use std::fmt;

/// Every `code` there is, so that a message can be read back into one.
const CODES: &[&str] = &[
    "too_short",
    "too_long",
    "empty",
    "forbidden_character",
    "reserved",
    "common_password",
    "out_of_range",
    "malformed",
];

/// A refused value: a stable code for programs and a sentence for people. Its text is `code: detail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Stable, snake case, one of a fixed set.
    pub code: &'static str,
    /// For people, in English; never holds the refused value.
    pub detail: String,
}

impl Invalid {
    fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// Shorter than allowed.
    pub fn too_short(detail: impl Into<String>) -> Self {
        Self::new("too_short", detail)
    }

    /// Longer than allowed.
    pub fn too_long(detail: impl Into<String>) -> Self {
        Self::new("too_long", detail)
    }

    /// Nothing is left to keep.
    pub fn empty(detail: impl Into<String>) -> Self {
        Self::new("empty", detail)
    }

    /// Holds a character that is not allowed there.
    pub fn forbidden_character(detail: impl Into<String>) -> Self {
        Self::new("forbidden_character", detail)
    }

    /// Taken by the house itself.
    pub fn reserved(detail: impl Into<String>) -> Self {
        Self::new("reserved", detail)
    }

    /// Among the first that an attacker tries.
    pub fn common_password(detail: impl Into<String>) -> Self {
        Self::new("common_password", detail)
    }

    /// A number outside its range, or too many of something.
    pub fn out_of_range(detail: impl Into<String>) -> Self {
        Self::new("out_of_range", detail)
    }

    /// Not of the form that it must have.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new("malformed", detail)
    }

    /// Reads back what a deserialiser made of an `Invalid`: its text, which must have nothing behind it.
    pub fn in_message(message: &str) -> Option<Self> {
        let (code, detail) = message.split_once(": ")?;
        let code = CODES.iter().find(|known| **known == code)?;
        Some(Self::new(code, detail))
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Invalid {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_value_can_be_read_back_from_its_message() {
        let invalid = Invalid::too_short("at least 3 characters");
        assert_eq!(Invalid::in_message(&invalid.to_string()), Some(invalid));
    }

    #[test]
    fn other_messages_are_not_taken_for_one() {
        for message in ["missing field `title`", "oops: something", "too_short", ""] {
            assert_eq!(Invalid::in_message(message), None, "{message}");
        }
    }
}
