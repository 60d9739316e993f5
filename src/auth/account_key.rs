//! Keys of accounts, for programs: `lhk_` and 32 letters and digits, 160 random bits. What is stored is the SHA-256, which is
//! enough where nobody can guess. It must not know whose a key is, nor what it is good for.

use crate::domain::key_form;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::{fmt, str::FromStr};

/// How every key begins.
const PREFIX: &str = "lhk_";
/// Random bytes of a key.
const BYTES: usize = 20;
/// Letters and digits behind the prefix, of 5 bits each.
const LETTERS: usize = BYTES * 8 / 5;
/// Of them, how many whoever has the key may show to know it again: nobody guesses the other 130 bits.
const SHOWN: usize = 6;

/// What a program is given.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccountKey(String);

/// A text that is no key, so that nobody needs to look for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key of an account")]
pub(crate) struct NoKey;

impl AccountKey {
    /// A new one.
    /// Errors: where the system gives no random numbers.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(format!("{PREFIX}{}", key_form::letters(&bytes))))
    }

    /// Whether a token means to be a key, good or not.
    pub(crate) fn is_meant_by(token: &str) -> bool {
        token.starts_with(PREFIX)
    }

    /// The key itself, to be shown once.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it, and what it is found by.
    pub(crate) fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(&self.0))
    }

    /// Its beginning, by which its owner knows it again.
    pub(crate) fn beginning(&self) -> &str {
        &self.0[..PREFIX.len() + SHOWN]
    }
}

impl FromStr for AccountKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        if key_form::is_key(text, PREFIX, LETTERS) { Ok(Self(text.to_owned())) } else { Err(NoKey) }
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountKey({PREFIX}***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_160_bits_of_its_own_and_is_read_as_it_was_shown() {
        let (one, other) = (AccountKey::random().unwrap(), AccountKey::random().unwrap());
        assert_eq!(one.expose().len(), 4 + 32);
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.expose().parse(), Ok(one.clone()));
        assert!(one.expose().starts_with(one.beginning()) && one.beginning().len() == 10);
        assert!(!format!("{one:?}").contains(&one.expose()[4..]));
    }

    #[test]
    fn what_cannot_be_a_key_is_not_looked_for() {
        let letters = "a".repeat(LETTERS);
        assert!(format!("lhk_{letters}").parse::<AccountKey>().is_ok());
        for bad in [
            "",
            "lhk_",
            &letters,
            &format!("lh_{letters}"),
            &format!("lhk_{letters}a"),
            &format!("lhk_{}", "A".repeat(LETTERS)),
            &format!("lhk_{}1", &letters[1..]),
        ] {
            assert_eq!(bad.parse::<AccountKey>(), Err(NoKey), "{bad}");
        }
    }
}
