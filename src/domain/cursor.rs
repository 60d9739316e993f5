//! Where a list goes on, opaque to clients, and how many entries a page has.
//! It must not know of any table: a sort key and an id are enough for each.

use super::{
    invalid::Invalid,
    parsed::{TextSchema, from_text},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const VERSION: u8 = 1;
const ID_MAX_BYTES: usize = 64;
const ENCODED_MAX_BYTES: usize = (1 + 8 + ID_MAX_BYTES).div_ceil(3) * 4;

/// The last entry of a page: what the list is sorted by, and the id that tells equal keys apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// What the list is sorted by: a `seq`, a time in milliseconds, a count.
    pub key: i64,
    /// At most 64 bytes.
    pub id: String,
}

impl Cursor {
    /// A cursor behind this entry.
    pub fn new(key: i64, id: impl ToString) -> Self {
        Self { key, id: id.to_string() }
    }

    /// The opaque text: base64url without padding.
    pub fn encode(&self) -> String {
        let mut bytes = vec![VERSION];
        bytes.extend(self.key.to_be_bytes());
        bytes.extend(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Cursor::encode`] wrote; anything else is malformed.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::decode(text).ok_or_else(|| Invalid::malformed("not a cursor of this server"))
    }

    fn decode(text: &str) -> Option<Self> {
        if text.len() > ENCODED_MAX_BYTES {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (&version, rest) = bytes.split_first()?;
        let (key, id) = rest.split_first_chunk::<8>()?;
        let id = std::str::from_utf8(id).ok()?;
        let is_sound = version == VERSION && id.len() <= ID_MAX_BYTES && !id.chars().any(char::is_control);
        is_sound.then(|| Self { key: i64::from_be_bytes(*key), id: id.to_owned() })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.encode())
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.encode())
    }
}

from_text!(
    Cursor,
    TextSchema {
        min_length: 12,
        max_length: ENCODED_MAX_BYTES,
        format: None,
        description: "opaque; the `next_cursor` of the page before"
    }
);

/// Entries of one page: 1 to 100, 50 where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u32")]
#[schema(value_type = u32, minimum = 1, maximum = 100, default = 50)]
pub(crate) struct Limit(u32);

impl Limit {
    /// The number of entries.
    pub(crate) fn count(self) -> usize {
        self.0 as usize
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u32> for Limit {
    type Error = Invalid;
    fn try_from(count: u32) -> Result<Self, Invalid> {
        match count {
            1..=100 => Ok(Self(count)),
            _ => Err(Invalid::out_of_range("from 1 to 100")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_cursor_is_malformed() {
        let good = Cursor::new(7, "abc").encode();
        assert!(Cursor::parse(&good).is_ok());
        let versioned = URL_SAFE_NO_PAD.encode([2, 0, 0, 0, 0, 0, 0, 0, 7]);
        let control = URL_SAFE_NO_PAD.encode([1, 0, 0, 0, 0, 0, 0, 0, 7, 0]);
        let not_utf8 = URL_SAFE_NO_PAD.encode([1, 0, 0, 0, 0, 0, 0, 0, 7, 0xff]);
        let long = Cursor::new(7, "x".repeat(65)).encode();
        for text in
            ["", "AQ", "!!!", &format!("{good}="), &versioned, &control, &not_utf8, &long, &"A".repeat(5000)]
        {
            assert_eq!(Cursor::parse(text).unwrap_err().code, "malformed", "{text}");
        }
    }

    #[test]
    fn a_limit_is_1_to_100_and_50_by_default() {
        assert_eq!(Limit::default().count(), 50);
        assert_eq!(serde_json::from_str::<Limit>("1").unwrap().count(), 1);
        assert_eq!(serde_json::from_str::<Limit>("100").unwrap().count(), 100);
        for text in ["0", "101", "-1", "4294967297", "1.5", "\"5\""] {
            assert!(serde_json::from_str::<Limit>(text).is_err(), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn a_cursor_comes_back_as_it_was(key: i64, id in "[0-9a-zé-]{0,32}") {
            let cursor = Cursor::new(key, id);
            let text = cursor.encode();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            prop_assert_eq!(Cursor::parse(&text).unwrap(), cursor);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text: String) {
            let _ = Cursor::parse(&text);
        }
    }
}
