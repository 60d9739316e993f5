//! The key with which an encoder sends a picture: `lh_` and 26 letters and digits. It shows nowhere but where it is asked for.
//! It must not know how a key is made, nor whose it is.

use crate::domain::{StreamId, UserId, key_form};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use subtle::ConstantTimeEq;

/// How every key begins.
const PREFIX: &str = "lh_";
/// Letters and digits behind that, 130 bits.
const LETTERS: usize = 26;

/// What an encoder is given as its key.
#[derive(Clone)]
pub(crate) struct IngestKey(String);

/// Counts the keys that a stream or an account has had: the next one makes those before it worthless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct KeyGeneration(pub i64);

/// What a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyOf {
    /// One stream, whoever hosts it.
    Stream(StreamId),
    /// Whichever stream of this host is on, or comes next.
    Account(UserId),
}

/// One of the keys that a stream or an account has had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyVersion {
    pub of: KeyOf,
    pub generation: KeyGeneration,
}

impl KeyVersion {
    /// Whether it is worthless, since this one of the same stream or account is in force.
    pub(crate) fn is_before(self, in_force: Self) -> bool {
        self.of == in_force.of && self.generation < in_force.generation
    }
}

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key of an encoder")]
pub(crate) struct NoKey;

impl IngestKey {
    /// The key that is the first 130 bits of a message code.
    pub(crate) fn of_code(code: &[u8; 32]) -> Self {
        Self(format!("{PREFIX}{}", &key_form::letters(code)[..LETTERS]))
    }

    /// The key itself; a secret of whoever hosts.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether both are the same, in a time that does not tell where they differ.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl FromStr for IngestKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        if key_form::is_key(text, PREFIX, LETTERS) { Ok(Self(text.to_owned())) } else { Err(NoKey) }
    }
}

impl KeyGeneration {
    /// That of the key to come.
    pub(crate) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Debug for IngestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IngestKey({PREFIX}***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_base_32_of_its_code() {
        // RFC 4648, section 10: "foobar" is MZXW6YTBOI.
        let mut code = [0; 32];
        code[..6].copy_from_slice(b"foobar");
        assert_eq!(IngestKey::of_code(&code).expose(), "lh_mzxw6ytboiaaaaaaaaaaaaaaaa");
        assert_eq!(IngestKey::of_code(&[0xff; 32]).expose(), "lh_77777777777777777777777777");
    }

    #[test]
    fn only_what_can_be_a_key_is_read_as_one() {
        let key = "lh_mzxw6ytboiaaaaaaaaaaaaaaaa";
        assert_eq!(key.parse::<IngestKey>().unwrap().expose(), key);
        for bad in
            ["", "lh_", &key[..28], &format!("{key}a"), &key.to_uppercase(), &key.replace('m', "1"), "a.b.c"]
        {
            assert_eq!(bad.parse::<IngestKey>().unwrap_err(), NoKey, "{bad}");
        }
    }

    #[test]
    fn keys_are_compared_whole_and_never_shown() {
        let (one, other) = (IngestKey::of_code(&[1; 32]), IngestKey::of_code(&[2; 32]));
        assert!(one.is(&one.clone()) && !one.is(&other));
        assert!(!format!("{one:?}").contains(&one.expose()[3..]), "{one:?}");
    }
}
