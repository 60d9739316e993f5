//! How keys are written that people copy: a prefix, so that whoever finds one knows what it is, and letters and digits of
//! base 32 (RFC 4648, section 6) in lower case. It must not know what a key is good for.

use data_encoding::BASE32_NOPAD;

/// Letters and digits, of 5 bits each.
pub(crate) fn letters(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

/// Whether a text is so written, with so many letters and digits.
pub(crate) fn is_key(text: &str, prefix: &str, letters: usize) -> bool {
    let is_letter = |letter| matches!(letter, b'a'..=b'z' | b'2'..=b'7');
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == letters && rest.bytes().all(is_letter))
}
