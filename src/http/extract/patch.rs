//! A member of a `PATCH` body: absent keeps the value, `null` clears it.
//! It must not know of which document.

use crate::wire::Refusal;
use serde::{Deserialize, Deserializer};

/// What a `PATCH` wants of one member. Use it with `#[serde(default)]` and `#[schema(value_type = Option<…>)]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Change<T> {
    /// It was absent.
    #[default]
    Keep,
    /// It was `null`.
    Clear,
    /// It had a value.
    Set(T),
}

impl<T> Change<T> {
    /// The new value: none where the old one stays, `cleared` for `null`.
    pub(crate) fn or_cleared(self, cleared: T) -> Option<T> {
        match self {
            Change::Keep => None,
            Change::Clear => Some(cleared),
            Change::Set(value) => Some(value),
        }
    }

    /// The new value of a member that cannot be null: none where the old one stays.
    /// Errors: `invalid_field`, with its name.
    pub(crate) fn required(self, field: &'static str) -> Result<Option<T>, Refusal> {
        match self {
            Change::Keep => Ok(None),
            Change::Clear => Err(Refusal::invalid_field(field, "required", "it cannot be null")),
            Change::Set(value) => Ok(Some(value)),
        }
    }

    /// The new value of a member that may be null: none where the old one stays.
    pub(crate) fn nullable(self) -> Option<Option<T>> {
        match self {
            Change::Keep => None,
            Change::Clear => Some(None),
            Change::Set(value) => Some(Some(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Change::Clear, Change::Set))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_a_value_are_three_things() {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            name: Change<u8>,
        }
        let name = |json| serde_json::from_str::<Body>(json).unwrap().name;
        assert_eq!(name("{}"), Change::Keep);
        assert_eq!(name(r#"{"name":null}"#), Change::Clear);
        assert_eq!(name(r#"{"name":7}"#), Change::Set(7));
    }
}
