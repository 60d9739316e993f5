//! Parameters of lists that need more than a type: those that may be empty.
//! It must not know any list.

use crate::domain::invalid::Invalid;
use serde::{Deserialize, Deserializer, de};

/// For `#[serde(default, deserialize_with = "filled")]`: an empty parameter (a form field left empty) is an absent one.
pub(crate) fn filled<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
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
