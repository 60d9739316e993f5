//! Credentials for a TURN server that shares a secret with this one, as coturn's `use-auth-secret` takes them (TURN REST API,
//! draft-uberti-behave-turn-rest): the name is the time at which they end, the password its HMAC-SHA1.
//! It must not know whom they are for.

use crate::domain::Millis;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;

/// How long they are good for, in seconds: a connection that was made with them outlives them.
const TTL_S: i64 = 12 * 3600;

/// What a browser shows a TURN server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RelayCredentials {
    pub username: String,
    /// A secret of whoever asked.
    pub credential: String,
}

/// Credentials that are good from now on.
pub(crate) fn credentials(secret: &SecretString, now: Millis) -> RelayCredentials {
    let username = (now.plus_s(TTL_S).0 / 1000).to_string();
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(username.as_bytes());
    let credential = STANDARD.encode(mac.finalize().into_bytes());
    RelayCredentials { username, credential }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_code_of_the_name() {
        // printf %s 1700043200 | openssl dgst -sha1 -hmac north -binary | base64
        let made = credentials(&SecretString::from("north"), Millis(1_700_000_000_000));
        assert_eq!(made.username, "1700043200");
        assert_eq!(made.credential, "PSvXQwCT00HksjK8g6LOQFVjgO8=");
    }
}
