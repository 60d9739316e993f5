//! The keys of encoders, made from the server's secret so that nothing of them needs to be stored.
//! It must not know of which generation a key should be.

use crate::{
    auth::keys::Keys,
    domain::stream::ingest_key::{IngestKey, KeyGeneration, KeyOf},
};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Bytes of a digest by which a key is found.
const DIGEST_BYTES: usize = 16;

/// What the code of a key is of.
fn message(of: KeyOf, generation: KeyGeneration) -> Vec<u8> {
    let (kind, id) = match of {
        KeyOf::Stream(id) => (b's', id.0),
        KeyOf::Account(id) => (b'a', id.0),
    };
    [&[kind], &id.as_bytes()[..], &generation.0.to_be_bytes()].concat()
}

impl Keys {
    /// The key of this generation.
    pub(crate) fn ingest_key(&self, of: KeyOf, generation: KeyGeneration) -> IngestKey {
        IngestKey::of_code(&self.current().ingest_code(&message(of, generation)))
    }

    /// Whether it is that key, made with the secret in force or the one before it.
    pub(crate) fn is_ingest_key(&self, key: &IngestKey, of: KeyOf, generation: KeyGeneration) -> bool {
        let message = message(of, generation);
        // All are compared, whichever it is.
        let codes = self.all().map(|derived| derived.ingest_code(&message));
        codes.fold(false, |found, code| IngestKey::of_code(&code).is(key) | found)
    }
}

/// What a key is found by in the database: nobody can make the key from it.
pub(crate) fn digest(key: &IngestKey) -> String {
    HEXLOWER.encode(&Sha256::digest(key.expose())[..DIGEST_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::SecretKey,
        domain::{StreamId, UserId},
    };

    fn keys(current: &str, previous: Option<&str>) -> Keys {
        let secret = |text: &str| SecretKey::given(text.to_owned());
        Keys::new(&secret(current), previous.map(secret).as_ref())
    }

    #[test]
    fn a_key_opens_what_it_was_made_for_and_nothing_else() {
        let keys = keys("one", None);
        let (stream, user) = (KeyOf::Stream(StreamId::new()), KeyOf::Account(UserId::new()));
        let key = keys.ingest_key(stream, KeyGeneration(1));
        assert!(keys.is_ingest_key(&key, stream, KeyGeneration(1)));
        assert!(!keys.is_ingest_key(&key, stream, KeyGeneration(2)), "it was rotated");
        assert!(!keys.is_ingest_key(&key, user, KeyGeneration(1)));
        assert!(!keys.is_ingest_key(&key, KeyOf::Stream(StreamId::new()), KeyGeneration(1)));
    }

    #[test]
    fn an_account_and_a_stream_of_one_id_have_different_keys() {
        let (keys, id) = (keys("one", None), StreamId::new());
        let stream = keys.ingest_key(KeyOf::Stream(id), KeyGeneration(0));
        assert!(!keys.is_ingest_key(&stream, KeyOf::Account(UserId(id.0)), KeyGeneration(0)));
    }

    #[test]
    fn what_the_secret_before_made_is_still_accepted_and_no_older_one() {
        let (stream, generation) = (KeyOf::Stream(StreamId::new()), KeyGeneration(0));
        let key = keys("old", None).ingest_key(stream, generation);
        assert!(keys("new", Some("old")).is_ingest_key(&key, stream, generation));
        assert!(!keys("newest", Some("new")).is_ingest_key(&key, stream, generation));
    }

    #[test]
    fn keys_are_found_by_a_digest_of_their_own() {
        let (one, other) = (IngestKey::of_code(&[1; 32]), IngestKey::of_code(&[2; 32]));
        assert_eq!(digest(&one), digest(&one.clone()));
        assert_ne!(digest(&one), digest(&other));
        assert_eq!(digest(&one).len(), 32);
    }
}
