//! Secrets of 128 bits that are shown to one person, who shows them back: the first administrator's proof, links to set a
//! password, codes of invitations.
//! It must not know what one is good for.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// 128 bits, which nobody guesses.
const BYTES: usize = 16;

/// A new one, as text.
/// Errors: where the system gives no random numbers.
pub(crate) fn random() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(HEXLOWER.encode(&bytes))
}

/// What is kept of one that nobody but its owner may read.
pub(crate) fn hash(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_another_and_is_not_in_its_hash() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert_ne!(one, other);
        assert_eq!((one.len(), hash(&one).len()), (32, 64));
        assert_ne!(hash(&one), hash(&other));
        assert!(!hash(&one).contains(&one));
    }
}
