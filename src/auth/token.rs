//! Access tokens: short-lived JWTs of one algorithm, one type and one audience.
//! They must not know whether the session they name is still alive: the store says that.

use super::keys::Keys;
use crate::domain::{Millis, SessionId, UserId};
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long an access token lives, in seconds.
pub const ACCESS_TTL_S: u64 = 600;
/// How far ahead of this clock a token may say that it was issued, in seconds: another node's clock is another clock, and
/// after a restart this one may stand behind what it was.
pub(crate) const IAT_LEEWAY_S: i64 = 60;
/// Longer ones are not read at all.
pub(crate) const TOKEN_BYTES_MAX: usize = 4096;
const ISSUER: &str = "livehouse";
const AUDIENCE: &str = "livehouse:access";

/// A token for the API, and its end.
#[derive(Clone)]
pub struct AccessToken {
    /// The token itself; a secret of its session.
    pub token: String,
    /// From then on it is refused.
    pub expires_at: Millis,
}

/// What a valid token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whose it is.
    pub user_id: UserId,
    /// The session it belongs to, which may have been revoked since.
    pub session_id: SessionId,
    /// From then on it is refused.
    pub expires_at: Millis,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// It is not a token of this server.
    #[error("not a valid token")]
    Invalid,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    exp: u64,
    iat: u64,
    jti: Uuid,
}

impl Keys {
    /// Issues a token of this session for [`ACCESS_TTL_S`] seconds.
    pub fn issue(&self, user_id: UserId, session_id: SessionId, now: Millis) -> AccessToken {
        let iat = now.0.max(0) as u64 / 1000;
        let exp = iat + ACCESS_TTL_S;
        let payload = Payload {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user_id,
            sid: session_id,
            exp,
            iat,
            jti: Uuid::now_v7(),
        };
        let key = self.current();
        let token = jsonwebtoken::encode(&key.header, &payload, &key.encoding)
            .expect("text and numbers can be signed with a key made for it");
        AccessToken { token, expires_at: seconds(exp) }
    }

    /// What the token says, if this server issued it and it has not ended.
    pub fn verify(&self, token: &str, now: Millis) -> Result<Claims, TokenError> {
        let payload = self.signed_payload(token).ok_or(TokenError::Invalid)?;
        let is_from_ahead = seconds(payload.iat) > now.plus_s(IAT_LEEWAY_S);
        if payload.iss != ISSUER || payload.aud != AUDIENCE || is_from_ahead {
            return Err(TokenError::Invalid);
        }
        let expires_at = seconds(payload.exp);
        if now >= expires_at {
            return Err(TokenError::Expired);
        }
        Ok(Claims { user_id: payload.sub, session_id: payload.sid, expires_at })
    }

    /// The header must be, byte for byte, one that we write: no field of it is ever interpreted, so that no
    /// `alg`, `kid`, `jwk`, `jku` or `crit` of a stranger has a say.
    fn signed_payload(&self, token: &str) -> Option<Payload> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (header, _) = token.split_once('.')?;
        let key = self.all().find(|key| key.encoded_header == header)?;
        let decoded = jsonwebtoken::decode::<Payload>(token, &key.decoding, &signature_alone());
        decoded.ok().map(|data| data.claims)
    }
}

/// The library checks the signature; claims are checked here, against a time that is an argument.
fn signature_alone() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

fn seconds(seconds: u64) -> Millis {
    Millis::default().plus_s(i64::try_from(seconds).unwrap_or(i64::MAX))
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessToken(***, until {})", self.expires_at)
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
