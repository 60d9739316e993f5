//! UTF-8 checked while it arrives, in pieces of any size (RFC 3629).
//! It must not know of frames, and it keeps no text.

/// What is still to come of a character that has begun; none while between characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Utf8 {
    missing: u8,
    lowest: u8,
    highest: u8,
}

/// Bytes that no UTF-8 text contains at that place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotUtf8;

impl Utf8 {
    /// Whether the text so far ends with a whole character.
    pub(crate) fn is_whole(self) -> bool {
        self.missing == 0
    }

    /// Takes the next bytes, XORed with a WebSocket `mask` that begins at the first of them.
    pub(crate) fn push_masked(&mut self, bytes: &[u8], mask: [u8; 4]) -> Result<(), NotUtf8> {
        let [a, b, c, d] = mask;
        let wide_mask = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
        let words = bytes.chunks_exact(8);
        let rest = words.remainder();
        for word in words {
            if !(self.is_whole() && is_ascii(word, wide_mask)) {
                self.push_each(word, mask)?;
            }
        }
        self.push_each(rest, mask)
    }

    fn push_each(&mut self, bytes: &[u8], mask: [u8; 4]) -> Result<(), NotUtf8> {
        bytes.iter().zip(mask.iter().cycle()).try_for_each(|(byte, mask)| self.push(byte ^ mask))
    }

    fn push(&mut self, byte: u8) -> Result<(), NotUtf8> {
        if self.missing > 0 {
            return self.go_on(byte);
        }
        // The second byte's bounds keep out overlong forms, surrogates and what lies above U+10FFFF.
        let (missing, lowest, highest) = match byte {
            0x00..=0x7F => return Ok(()),
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return Err(NotUtf8),
        };
        *self = Utf8 { missing, lowest, highest };
        Ok(())
    }

    fn go_on(&mut self, byte: u8) -> Result<(), NotUtf8> {
        if !(self.lowest..=self.highest).contains(&byte) {
            return Err(NotUtf8);
        }
        *self = Utf8 { missing: self.missing - 1, lowest: 0x80, highest: 0xBF };
        Ok(())
    }
}

fn is_ascii(word: &[u8], wide_mask: u64) -> bool {
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    let word = word.try_into().map_or(HIGH_BITS, u64::from_ne_bytes);
    (word ^ wide_mask) & HIGH_BITS == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn takes(bytes: &[u8]) -> bool {
        let mut text = Utf8::default();
        text.push_masked(bytes, [0; 4]).is_ok() && text.is_whole()
    }

    #[test]
    fn every_pair_and_every_bounding_triple_is_judged_as_std_judges_it() {
        for first in 0..=255 {
            for second in 0..=255 {
                assert_eq!(takes(&[first, second]), std::str::from_utf8(&[first, second]).is_ok());
                for tail in
                    [[0x7F, 0x80], [0x80, 0x7F], [0x80, 0xBF], [0xBF, 0x80], [0xBF, 0xC0], [b'a', b'b']]
                {
                    let four = [first, second, tail[0], tail[1]];
                    assert_eq!(takes(&four), std::str::from_utf8(&four).is_ok(), "{four:02x?}");
                    assert_eq!(takes(&four[..3]), std::str::from_utf8(&four[..3]).is_ok(), "{four:02x?}");
                }
            }
        }
    }

    #[test]
    fn a_wrong_byte_is_refused_when_it_comes() {
        let mut text = Utf8::default();
        assert_eq!(text.push_masked(b"\xF4", [0; 4]), Ok(()));
        assert_eq!(text.push_masked(b"\x90", [0; 4]), Err(NotUtf8));
    }

    proptest! {
        #[test]
        fn masked_or_not_and_however_cut_it_agrees_with_std(
            text in prop_oneof![any::<Vec<u8>>(), ".{0,40}".prop_map(String::into_bytes)],
            mask: [u8; 4],
            quarter in 0usize..10,
        ) {
            let masked: Vec<u8> = text.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m).collect();
            let (head, tail) = masked.split_at((quarter * 4).min(masked.len()));
            let mut checked = Utf8::default();
            let verdict = checked.push_masked(head, mask).and_then(|()| checked.push_masked(tail, mask));
            prop_assert_eq!(verdict.is_ok() && checked.is_whole(), std::str::from_utf8(&text).is_ok());
        }
    }
}
