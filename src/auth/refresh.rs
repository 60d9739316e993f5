//! Refresh tokens: opaque, derived from session and generation, so that a repeated refresh can be given the
//! same successor. They must not know which generation is in force: the store keeps that, and only a hash.

use super::keys::{Derived, KEY_BYTES, Keys};
use crate::domain::SessionId;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

const ID_BYTES: usize = 16;
const MESSAGE_BYTES: usize = ID_BYTES + 4;
const TOKEN_BYTES: usize = MESSAGE_BYTES + KEY_BYTES;

/// A refresh token that this server has made.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// The session it belongs to.
    pub session_id: SessionId,
    /// How many refreshes came before it.
    pub generation: i32,
    text: SecretString,
}

impl RefreshToken {
    /// The token of this generation: always the same as long as the secret key is.
    pub fn derive(keys: &Keys, session_id: SessionId, generation: i32) -> RefreshToken {
        Self::made_by(keys.current(), session_id, generation)
    }

    fn made_by(key: &Derived, session_id: SessionId, generation: i32) -> RefreshToken {
        let mut bytes = [0; TOKEN_BYTES];
        bytes[..ID_BYTES].copy_from_slice(session_id.0.as_bytes());
        bytes[ID_BYTES..MESSAGE_BYTES].copy_from_slice(&generation.to_be_bytes());
        let code = key.refresh_code(&bytes[..MESSAGE_BYTES]);
        bytes[MESSAGE_BYTES..].copy_from_slice(&code);
        RefreshToken { session_id, generation, text: URL_SAFE_NO_PAD.encode(bytes).into() }
    }

    /// Reads what a client sent; `None` if no key of ours has made it.
    pub fn parse(text: &str, keys: &Keys) -> Option<RefreshToken> {
        let mut bytes = [0; TOKEN_BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (message, code) = bytes[..length].split_at_checked(MESSAGE_BYTES)?;
        let is_ours = |ours: [u8; KEY_BYTES]| bool::from(ours.as_slice().ct_eq(code));
        keys.all().find(|key| is_ours(key.refresh_code(message)))?;
        let (id, generation) = message.split_at(ID_BYTES);
        Some(RefreshToken {
            session_id: SessionId(Uuid::from_slice(id).ok()?),
            generation: i32::from_be_bytes(generation.try_into().ok()?),
            text: text.into(),
        })
    }

    /// The token that follows this one, whoever asks and however often; after it, those that earlier keys would have made.
    /// None after the last generation.
    pub fn successors(&self, keys: &Keys) -> Vec<RefreshToken> {
        let Some(generation) = self.generation.checked_add(1) else { return Vec::new() };
        keys.all().map(|key| Self::made_by(key, self.session_id, generation)).collect()
    }

    /// The token as the client gets it.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// SHA-256 in hexadecimal: the only form that is stored.
    pub fn hash(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.expose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretKey;

    fn keys(secret: &str) -> Keys {
        Keys::new(&SecretKey::given(secret), None)
    }

    #[test]
    fn a_generation_has_one_token_and_each_has_another() {
        let (keys, session_id) = (keys("one"), SessionId::new());
        let token = |generation| RefreshToken::derive(&keys, session_id, generation);
        assert_eq!(token(3).expose(), token(3).expose());
        assert_ne!(token(3).expose(), token(4).expose());
        let successors = token(3).successors(&keys);
        assert_eq!(successors.iter().map(RefreshToken::expose).collect::<Vec<_>>(), [token(4).expose()]);
        assert!(token(i32::MAX).successors(&keys).is_empty());
        assert_ne!(token(3).hash(), token(4).hash());
        assert_eq!(token(3).hash().len(), 64);
    }

    #[test]
    fn a_token_comes_back_as_it_was_made() {
        let keys = keys("one");
        let made = RefreshToken::derive(&keys, SessionId::new(), i32::MAX);
        let read = RefreshToken::parse(made.expose(), &keys).unwrap();
        assert_eq!((read.session_id, read.generation), (made.session_id, i32::MAX));
        assert_eq!(read.hash(), made.hash());
    }

    #[test]
    fn the_previous_key_is_accepted_and_a_foreign_one_is_not() {
        let old = RefreshToken::derive(&keys("old"), SessionId::new(), 7);
        let rotated = Keys::new(&SecretKey::given("new"), Some(&SecretKey::given("old")));
        assert!(RefreshToken::parse(old.expose(), &rotated).is_some());
        assert!(RefreshToken::parse(old.expose(), &keys("new")).is_none());
        let [new, before] = &old.successors(&rotated)[..] else { panic!("one for each key") };
        assert_eq!(before.expose(), RefreshToken::derive(&keys("old"), old.session_id, 8).expose());
        assert_eq!(new.expose(), RefreshToken::derive(&keys("new"), old.session_id, 8).expose());
    }

    #[test]
    fn a_token_with_any_character_changed_is_refused() {
        let keys = keys("one");
        let good = RefreshToken::derive(&keys, SessionId::new(), 1).expose().to_owned();
        for place in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            assert!(RefreshToken::parse(&forged, &keys).is_none(), "{place}");
        }
    }

    #[test]
    fn what_is_too_short_too_long_or_no_base64_is_refused() {
        let keys = keys("one");
        let good = RefreshToken::derive(&keys, SessionId::new(), 1).expose().to_owned();
        let long = good.repeat(1000);
        for bad in [
            "",
            "A",
            &good[..good.len() - 1],
            &good[..26],
            &format!("{good}A"),
            &format!("{good}="),
            &long,
            "é\0",
        ] {
            assert!(RefreshToken::parse(bad, &keys).is_none(), "{bad}");
        }
    }
}
