//! NAL units: what kind they are, and where they begin in Annex B or behind lengths.
//! It must not know what is within, but for whether decoding can begin.

/// Kinds of NAL units, `nal_unit_type` of ITU-T H.264, table 7-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A slice of a picture, or a partition of one.
    Slice,
    /// A slice of a picture at which decoding can begin.
    KeySlice,
    /// What helps a decoder beside: `sei`.
    Supplement,
    SequenceParameters,
    PictureParameters,
    /// Delimiters, ends and filler, which no container wants, and what is reserved.
    Other,
}

impl Kind {
    /// The kind of a unit; none of an empty one.
    pub(crate) fn of(nal: &[u8]) -> Option<Self> {
        Some(match nal.first()? & 31 {
            1..=4 => Self::Slice,
            5 => Self::KeySlice,
            6 => Self::Supplement,
            7 => Self::SequenceParameters,
            8 => Self::PictureParameters,
            _ => Self::Other,
        })
    }
}

/// The number of a supplement that says that decoding can begin here, `recovery_point` of H.264, D.1.8.
const RECOVERY_POINT: u32 = 6;

/// Whether a supplement says that decoding can begin at its picture.
pub(crate) fn is_recovery_point(supplement: &[u8]) -> bool {
    let mut rest = supplement.get(1..).unwrap_or_default();
    loop {
        let Some((kind, behind)) = byte_by_byte(rest) else { return false };
        let Some((length, behind)) = byte_by_byte(behind) else { return false };
        if kind == RECOVERY_POINT {
            return true;
        }
        let Some(next) = behind.get(length as usize..) else { return false };
        rest = next;
    }
}

/// A number told as bytes of 255 and one that is less, and what is behind it; none at the trailing bits.
fn byte_by_byte(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let full = bytes.iter().take_while(|byte| **byte == 255).count();
    let last = *bytes.get(full)?;
    let is_trailing = full == 0 && last == 0x80 && bytes.len() == 1;
    (!is_trailing).then(|| (255 * full as u32 + u32::from(last), &bytes[full + 1..]))
}

/// The units behind lengths of `length_size` (1, 2 or 4) bytes, big-endian; `Err` once, where one is longer than what is left.
pub(crate) fn length_prefixed(bytes: &[u8], length_size: usize) -> impl Iterator<Item = Result<&[u8], Cut>> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let here = rest.take().filter(|here| !here.is_empty())?;
        let Some((length, behind)) = here.split_at_checked(length_size) else { return Some(Err(Cut)) };
        let length = length.iter().fold(0, |length: usize, byte| length << 8 | usize::from(*byte));
        let Some((unit, behind)) = behind.split_at_checked(length) else { return Some(Err(Cut)) };
        rest = Some(behind);
        Some(Ok(unit))
    })
}

/// A length that leads past the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a NAL unit is longer than what holds it")]
pub(crate) struct Cut;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_leads_too_far_is_told_once_and_ends_it() {
        let bytes = [0, 2, 0x67, 1, 0, 0, 0, 9, 1];
        let units: Vec<_> = length_prefixed(&bytes, 2).collect();
        assert_eq!(units, [Ok(&[0x67, 1][..]), Ok(&[][..]), Err(Cut)]);
        assert_eq!(length_prefixed(&[0, 0, 0], 4).collect::<Vec<_>>(), [Err(Cut)]);
        assert_eq!(length_prefixed(&[255; 5], 4).collect::<Vec<_>>(), [Err(Cut)]);
    }

    #[test]
    fn a_recovery_point_is_found_behind_other_supplements_and_not_past_the_end() {
        let long = [&[5, 255, 1][..], &[7; 256]].concat();
        let found = [&[6][..], &long, &[6, 1, 0xc4, 0x80]].concat();
        assert!(is_recovery_point(&found));
        assert!(!is_recovery_point(&[&[6][..], &long, &[0x80]].concat()));
        for end in 0..found.len() - 3 {
            assert!(!is_recovery_point(&found[..end]), "{end}");
        }
        assert!(!is_recovery_point(&[6, 255, 255]));
        assert!(!is_recovery_point(&[6, 1, 200, 6, 1]));
    }

    #[test]
    fn kinds_are_those_of_the_header() {
        let kinds = [0x61, 0x65, 0x06, 0x67, 0x68, 0x09, 0x0c].map(|header| Kind::of(&[header]).unwrap());
        use Kind::*;
        assert_eq!(kinds, [Slice, KeySlice, Supplement, SequenceParameters, PictureParameters, Other, Other]);
        assert_eq!(Kind::of(&[]), None);
    }
}
