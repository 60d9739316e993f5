//! A message of a fixed length with a code behind it, that only whoever has the key can write.
//! It must not know what messages say; those of two kinds must not be taken for each other, by their length or how they begin.

use crate::auth::keys::{KEY_BYTES, Keys};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

impl Keys {
    /// The message as text, with its code.
    pub(super) fn write_signed(&self, message: &[u8]) -> String {
        let code = self.current().ticket_code(message);
        URL_SAFE_NO_PAD.encode([message, &code].concat())
    }

    /// The message in a text; none where it is not one of ours.
    pub(super) fn read_signed<const BYTES: usize>(&self, text: &str) -> Option<[u8; BYTES]> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (message, code) = bytes.split_first_chunk::<BYTES>()?;
        let code: &[u8; KEY_BYTES] = code.try_into().ok()?;
        let is_ours = self.all().any(|derived| derived.ticket_code(message).ct_eq(code).into());
        is_ours.then_some(*message)
    }
}
