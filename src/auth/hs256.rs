//! HMAC-SHA256, the one algorithm of our tokens, as `jsonwebtoken` wants it: its own providers build all the algorithms
//! there are. It must not know what is signed.

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature::{self, Signer, Verifier},
};
use sha2::Sha256;

const PROVIDER: &CryptoProvider = &CryptoProvider {
    signer_factory: |&algorithm, key| Ok(Box::new(Hs256::new(algorithm, key.family(), key.as_bytes())?)),
    verifier_factory: |&algorithm, key| {
        Ok(Box::new(Hs256::new(algorithm, key.family(), key.try_get_as_bytes()?)?))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes this what `jsonwebtoken` signs and checks with, once for the process.
pub(super) fn install() {
    let _ = PROVIDER.install_default();
}

/// The code of one message.
struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, family: AlgorithmFamily, key: &[u8]) -> Result<Self, Error> {
        if algorithm != Algorithm::HS256 || family != AlgorithmFamily::Hmac {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        Hmac::new_from_slice(key).map(Self).map_err(|_| ErrorKind::InvalidKeyFormat.into())
    }

    fn over(&self, message: &[u8]) -> Hmac<Sha256> {
        self.0.clone().chain_update(message)
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.over(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], code: &Vec<u8>) -> Result<(), signature::Error> {
        self.over(message).verify_slice(code).map_err(signature::Error::from_source)
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use jsonwebtoken::{DecodingKey, EncodingKey};

    /// RFC 7515, A.1: a key, a message and its code.
    const KEY: &str =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const MESSAGE: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog\
                           Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const CODE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn the_example_of_the_rfc_is_signed_and_checked() {
        install();
        let key = URL_SAFE_NO_PAD.decode(KEY).unwrap();
        let signed = |algorithm| {
            jsonwebtoken::crypto::sign(MESSAGE.as_bytes(), &EncodingKey::from_secret(&key), algorithm)
        };
        let holds = |code: &str, message: &str| {
            let key = DecodingKey::from_secret(&key);
            jsonwebtoken::crypto::verify(code, message.as_bytes(), &key, Algorithm::HS256).unwrap()
        };
        assert_eq!(signed(Algorithm::HS256).unwrap(), CODE);
        assert!(holds(CODE, MESSAGE));
        assert!(!holds(CODE, &MESSAGE[1..]));
        assert!(!holds(&CODE[..40], MESSAGE));
        assert!(!holds("", MESSAGE));
        assert!(signed(Algorithm::HS512).is_err());
    }
}
