//! The secrets of webhooks, made from the server's so that none needs to be stored, and what is signed with them (Standard
//! Webhooks 1.0). It must not know what a message says, nor which version of a secret holds.

use super::{KEY_BYTES, Keys, code};
use crate::domain::{Millis, WebhookId, webhook::SecretVersion};
use base64::{Engine, engine::general_purpose::STANDARD};

/// How every secret begins.
const PREFIX: &str = "whsec_";
/// How a signature of this kind begins.
const SIGNATURE: &str = "v1,";

/// Whose secrets sign: a webhook's in force, and the one before it for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer {
    pub webhook: WebhookId,
    pub version: SecretVersion,
    /// Whether the secret before it signs, too.
    pub with_previous: bool,
}

impl Keys {
    /// The secret of a webhook, as its owner is shown it once.
    pub(crate) fn webhook_secret(&self, webhook: WebhookId, version: SecretVersion) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.current().webhook_code(&message(webhook, version))))
    }

    /// The signatures of a message, a space between: of the secrets in force, made of the server's secret and the one before it.
    pub(crate) fn sign_webhook(&self, signer: Signer, id: &str, at: Millis, body: &str) -> String {
        let content = format!("{id}.{}.{body}", at.0.div_euclid(1000));
        let before = SecretVersion(signer.version.0 - 1);
        let versions = [Some(signer.version), signer.with_previous.then_some(before)];
        let mut signatures = Vec::new();
        for version in versions.into_iter().flatten() {
            for derived in self.all() {
                let secret: [u8; KEY_BYTES] = derived.webhook_code(&message(signer.webhook, version));
                let signature = STANDARD.encode(code(&secret, content.as_bytes()));
                signatures.push(format!("{SIGNATURE}{signature}"));
            }
        }
        signatures.join(" ")
    }
}

fn message(webhook: WebhookId, SecretVersion(version): SecretVersion) -> Vec<u8> {
    [&webhook.0.as_bytes()[..], &version.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretKey;

    fn keys(current: &str, previous: Option<&str>) -> Keys {
        let secret = |text: &str| SecretKey::given(text.to_owned());
        Keys::new(&secret(current), previous.map(secret).as_ref())
    }

    #[test]
    fn a_message_is_signed_with_each_secret_in_force() {
        let (keys, webhook) = (keys("new", Some("old")), WebhookId::new());
        let signer = |with_previous| Signer { webhook, version: SecretVersion(3), with_previous };
        let sign = |with_previous| keys.sign_webhook(signer(with_previous), "msg_1", Millis(1_500), "{}");
        assert_eq!(sign(false).split(' ').count(), 2);
        assert_eq!(sign(true).split(' ').count(), 4);
        let secret =
            STANDARD.decode(&keys.webhook_secret(webhook, SecretVersion(3))[PREFIX.len()..]).unwrap();
        let expected = STANDARD.encode(code(&secret, b"msg_1.1.{}"));
        assert_eq!(sign(true).split(' ').next(), Some(format!("v1,{expected}").as_str()));
    }
}
