//! What the first administrator of a house shows to prove that they read its log: new at each start.
//! It must not know whether there is an administrator already.

use super::shown_once;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The one proof that is taken, as its SHA-256.
#[derive(Clone)]
pub(crate) struct SetupToken([u8; 32]);

impl SetupToken {
    /// A new one, and what is shown of it once.
    /// Errors: where the system gives no random numbers.
    pub(crate) fn random() -> Result<(Self, String), getrandom::Error> {
        let text = shown_once::random()?;
        Ok((Self(Sha256::digest(&text).into()), text))
    }

    /// Whether this is it. Takes as long for every wrong one.
    pub(crate) fn is(&self, text: &str) -> bool {
        Sha256::digest(text).ct_eq(&self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_shown_is_taken() {
        let ((one, shown), (_, other)) = (SetupToken::random().unwrap(), SetupToken::random().unwrap());
        assert_eq!(shown.len(), 32);
        assert!(one.is(&shown));
        for wrong in ["", &other, &shown[1..], &shown.to_uppercase().replace('0', "O"), &format!("{shown}0")]
        {
            assert!(!one.is(wrong), "{wrong}");
        }
    }
}
