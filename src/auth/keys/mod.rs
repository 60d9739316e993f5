//! The keys of tokens, derived from the one secret of the server and from the one before it.
//! They must not know what is signed.

pub(crate) mod webhook;

use super::hs256;
use crate::config::SecretKey;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use sha2::Sha256;
use std::{fmt, sync::Arc};

/// Bytes of a derived key and of a message code.
pub(in crate::auth) const KEY_BYTES: usize = 32;
/// The media type of access tokens (RFC 9068).
const ACCESS_TYPE: &str = "at+jwt";

/// All keys of one server. Cloning shares them.
#[derive(Clone)]
pub struct Keys(Arc<Generations>);

struct Generations {
    current: Derived,
    previous: Option<Derived>,
}

/// What is derived from one secret.
pub(in crate::auth) struct Derived {
    /// Signs access tokens.
    pub encoding: EncodingKey,
    /// Checks access tokens.
    pub decoding: DecodingKey,
    /// The header of access tokens.
    pub header: Header,
    /// The header as it stands in each token that we issue: the only one we accept.
    pub encoded_header: String,
    /// Marks refresh tokens.
    refresh: [u8; KEY_BYTES],
    /// Makes the keys of encoders.
    ingest: [u8; KEY_BYTES],
    /// Marks the tickets of players.
    ticket: [u8; KEY_BYTES],
    /// Hides what quotas count.
    quota: [u8; KEY_BYTES],
    /// Makes the secrets of webhooks.
    webhook: [u8; KEY_BYTES],
}

impl Keys {
    /// Derives the keys. What `previous` has signed is still accepted, but nothing is signed with it.
    pub fn new(current: &SecretKey, previous: Option<&SecretKey>) -> Keys {
        hs256::install();
        let current = Derived::from_secret(current.expose_bytes());
        let previous = previous.map(|secret| Derived::from_secret(secret.expose_bytes()));
        Keys(Arc::new(Generations { current, previous }))
    }

    /// What a quota counts, so that neither a name nor an address stands where it is counted.
    pub(crate) fn quota_code(&self, of: &str) -> String {
        HEXLOWER.encode(&code(&self.current().quota, of.as_bytes())[..16])
    }

    /// What tells the current key from others, and the one before it, without being one.
    pub(crate) fn ids(&self) -> (String, Option<String>) {
        let id = |derived: &Derived| derived.header.kid.clone().unwrap_or_default();
        (id(&self.0.current), self.0.previous.as_ref().map(id))
    }

    pub(in crate::auth) fn current(&self) -> &Derived {
        &self.0.current
    }

    /// The current keys, then the previous ones.
    pub(in crate::auth) fn all(&self) -> impl Iterator<Item = &Derived> {
        std::iter::once(&self.0.current).chain(&self.0.previous)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(***)")
    }
}

impl Derived {
    fn from_secret(secret: &[u8]) -> Derived {
        let signing = code(secret, b"livehouse access token");
        let kid = code(secret, b"livehouse key id");
        let header = Header {
            typ: Some(ACCESS_TYPE.to_owned()),
            kid: Some(HEXLOWER.encode(&kid[..8])),
            ..Header::new(Algorithm::HS256)
        };
        let encoding = EncodingKey::from_secret(&signing);
        let sample =
            jsonwebtoken::encode(&header, &(), &encoding).expect("a header and nothing can be signed");
        let encoded_header = sample.split('.').next().unwrap_or_default().to_owned();
        Derived {
            decoding: DecodingKey::from_secret(&signing),
            encoding,
            header,
            encoded_header,
            refresh: code(secret, b"livehouse refresh token"),
            ingest: code(secret, b"livehouse ingest"),
            ticket: code(secret, b"livehouse picture ticket"),
            quota: code(secret, b"livehouse quota"),
            webhook: code(secret, b"livehouse webhook"),
        }
    }

    /// The message code of a refresh token.
    pub(in crate::auth) fn refresh_code(&self, message: &[u8]) -> [u8; KEY_BYTES] {
        code(&self.refresh, message)
    }

    /// The message code that the key of an encoder is made of.
    pub(in crate::auth) fn ingest_code(&self, message: &[u8]) -> [u8; KEY_BYTES] {
        code(&self.ingest, message)
    }

    /// The message code that the secret of a webhook is.
    fn webhook_code(&self, message: &[u8]) -> [u8; KEY_BYTES] {
        code(&self.webhook, message)
    }

    /// The message code of a player's ticket.
    pub(in crate::auth) fn ticket_code(&self, message: &[u8]) -> [u8; KEY_BYTES] {
        code(&self.ticket, message)
    }
}

fn code(key: &[u8], message: &[u8]) -> [u8; KEY_BYTES] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.chain_update(message).finalize().into_bytes().into()
}
