//! A password on its way to be hashed: never shown, never stored. It must not know how it is hashed.

use crate::domain::{
    fold::skeleton,
    invalid::Invalid,
    parsed::{TextSchema, from_text},
    username::Username,
};
use secrecy::{ExposeSecret, SecretString};

const MIN_CHARS: usize = 10;
const MAX_BYTES: usize = 1024;
const SITE: &str = "livehouse";

/// A password that may be set: 10 characters to 1024 bytes, any characters, not one that attackers try first.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// Checks length and commonness. [`Password::check_against`] is still to be asked.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_bytes(text)?;
        if text.chars().nth(MIN_CHARS - 1).is_none() {
            return Err(Invalid::too_short(format!("at least {MIN_CHARS} characters")));
        }
        if is_common(text) {
            return Err(Invalid::common_password("this password is among the first that attackers try"));
        }
        Ok(Self(text.into()))
    }

    /// Refuses the account's own name, in any case and look-alike.
    pub fn check_against(&self, username: &Username) -> Result<(), Invalid> {
        if skeleton(self.expose()) == username.key() {
            return Err(Invalid::common_password("a password is not the username"));
        }
        Ok(())
    }

    /// The plaintext, for the hash alone.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A password to be compared with a hash: anything up to 1024 bytes, since rules may have changed after it was set.
#[derive(Clone, Debug)]
pub struct LoginPassword(SecretString);

impl LoginPassword {
    /// Checks the length in bytes.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        check_bytes(text)?;
        Ok(Self(text.into()))
    }

    /// The plaintext, for the hash alone.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn check_bytes(text: &str) -> Result<(), Invalid> {
    if text.len() > MAX_BYTES {
        return Err(Invalid::too_long(format!("at most {MAX_BYTES} bytes")));
    }
    Ok(())
}

/// In the list of some 100,000 leaked passwords in any case, one character over and over, or the site's name with
/// digits and signs around it.
fn is_common(text: &str) -> bool {
    let lower = text.to_lowercase();
    let first = lower.chars().next();
    passwords::analyzer::is_common_password(text)
        || passwords::analyzer::is_common_password(&lower)
        || lower.chars().all(|c| Some(c) == first)
        || lower.trim_matches(|c: char| !c.is_alphabetic()) == SITE
        || skeleton(&lower) == skeleton(SITE)
}

from_text!(
    Password,
    TextSchema {
        min_length: MIN_CHARS,
        max_length: MAX_BYTES,
        format: Some("password"),
        description: "10 characters to 1024 bytes, any characters; not a common one, not the username",
    }
);

from_text!(
    LoginPassword,
    TextSchema {
        min_length: 0,
        max_length: MAX_BYTES,
        format: Some("password"),
        description: "at most 1024 bytes"
    }
);
