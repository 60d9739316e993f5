//! What a key of an account is good for: scopes, which cut its account's rights, and how many keys there may be.
//! It must not know which call needs which scope, nor how a key is made.

use crate::domain::{
    invalid::Invalid,
    stream::{UnknownWord, words},
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use utoipa::ToSchema;

/// Most keys of an account.
pub(crate) const KEYS_MAX: i64 = 20;

words! {
    /// One of the things that a key may be good for.
    pub(crate) KeyScope {
        /// See what the account sees.
        Read = "read",
        /// Comment, react, vote and ask.
        Comment = "comment",
        /// Decide on held comments, ban, delete, pin, announce, hold polls, change settings and terms.
        Moderate = "moderate",
        /// Create, edit, start, end and delete streams; their members and moderators; the channel.
        Streams = "streams",
        /// Send pictures, and see how encoders do.
        Ingest = "ingest",
    }
}

/// What a key is good for; at least one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Vec<KeyScope>", into = "Vec<KeyScope>")]
#[schema(value_type = Vec<KeyScope>, min_items = 1)]
pub(crate) struct KeyScopes(u8);

impl KeyScopes {
    /// Whether this is among them.
    pub(crate) fn has(self, scope: KeyScope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// All of them, in the order of the contract.
    pub(crate) fn iter(self) -> impl Iterator<Item = KeyScope> {
        KeyScope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }
}

fn bit(scope: KeyScope) -> u8 {
    1 << scope as u8
}

impl TryFrom<Vec<KeyScope>> for KeyScopes {
    type Error = Invalid;

    /// Whatever stands there twice counts once.
    fn try_from(scopes: Vec<KeyScope>) -> Result<Self, Invalid> {
        match scopes.into_iter().map(bit).fold(0, |all, one| all | one) {
            0 => Err(Invalid::empty("at least one scope")),
            all => Ok(Self(all)),
        }
    }
}

impl From<KeyScopes> for Vec<KeyScope> {
    fn from(scopes: KeyScopes) -> Self {
        scopes.iter().collect()
    }
}

impl fmt::Display for KeyScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(KeyScope::as_str).collect();
        f.write_str(&words.join(","))
    }
}

impl FromStr for KeyScopes {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let scopes = text.split(',').map(str::parse).collect::<Result<Vec<KeyScope>, _>>()?;
        Self::try_from(scopes).map_err(|_| UnknownWord)
    }
}

/// How far the rights of an account reach for who has proved to be it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Grant {
    /// All of them: somebody logged in.
    #[default]
    Full,
    /// What these are for: a key.
    Scoped(KeyScopes),
}

impl Grant {
    /// Whether it reaches as far as this.
    pub(crate) fn covers(self, scope: KeyScope) -> bool {
        match self {
            Grant::Full => true,
            Grant::Scoped(scopes) => scopes.has(scope),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_come_back_as_they_were_stored() {
        for some in [&[KeyScope::Read][..], &[KeyScope::Comment, KeyScope::Ingest], KeyScope::ALL] {
            let scopes = KeyScopes::try_from(some.to_vec()).unwrap();
            assert_eq!(scopes.iter().collect::<Vec<_>>(), some);
            assert_eq!(scopes.to_string().parse(), Ok(scopes));
        }
        for bad in ["", "read,", "admin", "read comment"] {
            assert!(bad.parse::<KeyScopes>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_key_is_for_something_and_for_nothing_else() {
        assert!(KeyScopes::try_from(Vec::new()).is_err());
        let reads = Grant::Scoped(KeyScopes::try_from(vec![KeyScope::Read, KeyScope::Read]).unwrap());
        let covered: Vec<_> = KeyScope::ALL.iter().filter(|scope| reads.covers(**scope)).collect();
        assert_eq!(covered, [&KeyScope::Read]);
        assert!(KeyScope::ALL.iter().all(|scope| Grant::Full.covers(*scope)));
    }
}
