//! Parameters of lists that need more than a type: those that may be empty, and cursors with their parts.
//! It must not know any list.

use crate::{
    domain::{cursor::Cursor, invalid::Invalid},
    wire::problem::Refusal,
};
use serde::{Deserialize, Deserializer, de};

/// For `#[serde(default, deserialize_with = "filled")]`: an empty parameter (a form field left empty) is an absent one.
pub fn filled<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String, Error = Invalid>,
{
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    T::try_from(text).map(Some).map_err(de::Error::custom)
}

/// The place in a list that a cursor names; one of another list is as bad as a malformed one.
///
/// # Errors
/// `invalid_field`.
pub fn place<K>(
    cursor: Option<&Cursor>,
    read: impl FnOnce(i64, &str) -> Option<K>,
) -> Result<Option<K>, Refusal> {
    let Some(cursor) = cursor else { return Ok(None) };
    match read(cursor.key, &cursor.id) {
        Some(key) => Ok(Some(key)),
        None => Err(Refusal::invalid_field("cursor", "malformed", "not a cursor of this list")),
    }
}
