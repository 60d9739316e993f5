//! Bits of a NAL unit, read from the left, with the Exp-Golomb codes of ITU-T H.264, 9.1.
//! It must not know what they mean. Every read past the end is an error.

/// The unit ends too early, or holds a number that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the NAL unit cannot be read")]
pub(super) struct Unreadable;

/// Zeros before the one of an Exp-Golomb code; more do not fit into 32 bits.
const ZEROS_MAX: u32 = 31;

/// Reads the bits of a payload whose emulation prevention bytes are gone.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next bit, from the beginning.
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn flag(&mut self) -> Result<bool, Unreadable> {
        let byte = self.bytes.get(self.at / 8).ok_or(Unreadable)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Ok(bit == 1)
    }

    /// At most 32 bits, as a number.
    pub(super) fn number(&mut self, bits: u32) -> Result<u32, Unreadable> {
        (0..bits).try_fold(0, |number: u32, _| Ok(number << 1 | u32::from(self.flag()?)))
    }

    /// An unsigned Exp-Golomb code, `ue(v)`.
    pub(super) fn unsigned(&mut self) -> Result<u32, Unreadable> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > ZEROS_MAX {
                return Err(Unreadable);
            }
        }
        Ok(((1 << zeros) - 1) + self.number(zeros)?)
    }

    /// The same, where the standard allows no more than `most`.
    pub(super) fn unsigned_up_to(&mut self, most: u32) -> Result<u32, Unreadable> {
        self.unsigned().and_then(|number| if number <= most { Ok(number) } else { Err(Unreadable) })
    }

    /// A signed Exp-Golomb code, `se(v)`.
    pub(super) fn signed(&mut self) -> Result<i64, Unreadable> {
        let code = i64::from(self.unsigned()?);
        Ok(if code % 2 == 0 { -(code / 2) } else { code / 2 + 1 })
    }
}

/// The payload of a NAL unit behind its header byte, without the bytes that keep start codes out (H.264, 7.4.1).
pub(super) fn payload(nal: &[u8]) -> Vec<u8> {
    let mut zeros = 0;
    let is_kept = |byte: &u8| {
        let is_prevention = zeros >= 2 && *byte == 3;
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        !is_prevention
    };
    nal.iter().skip(1).copied().filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_the_standard_writes_them() {
        // 1, 010, 011, 00100, 00111: 0, 1, 2, 3, 6
        let mut bits = Bits::new(&[0b1010_0110, 0b0100_0011, 0b1000_0000]);
        let read: Vec<u32> = (0..5).map(|_| bits.unsigned().unwrap()).collect();
        assert_eq!(read, [0, 1, 2, 3, 6]);
        let mut bits = Bits::new(&[0b0100_1100, 0b1000_0101, 0]);
        let read: Vec<i64> = (0..4).map(|_| bits.signed().unwrap()).collect();
        assert_eq!(read, [1, -1, 2, -2]);
    }

    #[test]
    fn what_ends_too_early_or_is_too_great_is_an_error() {
        assert_eq!(Bits::new(&[0; 3]).unsigned(), Err(Unreadable));
        assert_eq!(Bits::new(&[0; 30]).unsigned(), Err(Unreadable));
        assert_eq!(Bits::new(&[0xff]).number(9), Err(Unreadable));
        assert_eq!(Bits::new(&[0b0010_0000]).unsigned_up_to(2), Err(Unreadable));
        // The greatest: 31 zeros, a one, 31 ones.
        assert_eq!(Bits::new(&[0, 0, 0, 1, 255, 255, 255, 254]).unsigned(), Ok(u32::MAX - 1));
    }

    #[test]
    fn emulation_prevention_is_taken_out() {
        assert_eq!(payload(&[0x67, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 9]), [0, 0, 1, 0, 0, 0, 0, 9]);
    }
}
