//! NAL units out of RTP payloads: single, aggregated or in fragments (RFC 6184, 5.6 to 5.8).
//! It must not know packets' order or times. Whatever cannot be read is left out.

use crate::media::h264::{AccessUnit, Fault};
use bytes::BytesMut;

/// Kinds of payload besides single units, RFC 6184, table 1.
const AGGREGATION: u8 = 24;
const FRAGMENT: u8 = 28;
/// Flags of a fragment's second byte.
const IS_FIRST: u8 = 0x80;
const IS_LAST: u8 = 0x40;

/// The fragments of one unit, as they come.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    unit: BytesMut,
}

impl Fragments {
    /// Adds the units of a payload to a picture.
    pub(super) fn read(
        &mut self,
        payload: &[u8],
        picture: &mut AccessUnit,
        limit: usize,
    ) -> Result<(), Fault> {
        let Some(header) = payload.first() else { return Ok(()) };
        match header & 31 {
            1..AGGREGATION => picture.push(payload),
            AGGREGATION => aggregated(&payload[1..]).try_for_each(|nal| picture.push(nal)),
            FRAGMENT => self.fragment(payload, picture, limit),
            _ => Ok(()),
        }
    }

    /// Forgets a unit whose other fragments are lost.
    pub(super) fn clear(&mut self) {
        self.unit.clear();
    }

    fn fragment(&mut self, payload: &[u8], picture: &mut AccessUnit, limit: usize) -> Result<(), Fault> {
        let &[indicator, header, ref piece @ ..] = payload else { return Ok(()) };
        if header & IS_FIRST != 0 {
            self.unit.clear();
            self.unit.extend_from_slice(&[indicator & 0xe0 | header & 31]);
        } else if self.unit.is_empty() {
            return Ok(());
        }
        if self.unit.len() + piece.len() > limit {
            self.unit = BytesMut::new();
            return Err(Fault::TooLarge(limit));
        }
        self.unit.extend_from_slice(piece);
        if header & IS_LAST == 0 {
            return Ok(());
        }
        let whole = picture.push(&self.unit);
        self.unit.clear();
        whole
    }
}

/// The units of an aggregation, each behind its length; what is cut off is left out.
fn aggregated(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, behind) = rest.split_first_chunk()?;
        let (nal, behind) = behind.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = behind;
        Some(nal)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 100;

    fn read(payloads: &[&[u8]]) -> Vec<u8> {
        let (mut fragments, mut picture) = (Fragments::default(), AccessUnit::new(LIMIT));
        payloads.iter().for_each(|payload| fragments.read(payload, &mut picture, LIMIT).unwrap());
        picture.take().nals.to_vec()
    }

    #[test]
    fn single_aggregated_and_fragmented_units_are_the_same() {
        let expected = [0, 0, 0, 3, 0x65, 1, 2, 0, 0, 0, 2, 0x41, 3];
        assert_eq!(read(&[&[0x65, 1, 2], &[0x41, 3]]), expected);
        assert_eq!(read(&[&[0x78, 0, 3, 0x65, 1, 2, 0, 2, 0x41, 3]]), expected);
        assert_eq!(read(&[&[0x7c, 0x85, 1], &[0x7c, 0x45, 2], &[0x5c, 0xc1, 3]]), expected);
    }

    #[test]
    fn what_is_cut_off_or_unknown_is_left_out() {
        assert_eq!(
            read(&[&[], &[0x78], &[0x78, 0], &[0x78, 0, 9, 1], &[0x7c], &[0x7c, 5], &[0x7d, 0x85, 1]]),
            [0_u8; 0]
        );
        assert_eq!(read(&[&[0x7c, 0x45, 2], &[0x1f, 1], &[0x1d, 1]]), [0_u8; 0]);
        assert_eq!(read(&[&[0x78, 0, 1, 0x65, 0, 9, 1]]), [0, 0, 0, 1, 0x65]);
        // A unit that begins anew has lost its beginning.
        assert_eq!(read(&[&[0x7c, 0x85, 1], &[0x7c, 0x85, 2], &[0x7c, 0x45, 3]]), [0, 0, 0, 3, 0x65, 2, 3]);
    }

    #[test]
    fn fragments_without_end_are_a_fault() {
        let (mut fragments, mut picture) = (Fragments::default(), AccessUnit::new(LIMIT));
        let mut read = |first| fragments.read(&[&[0x7c, first][..], &[0; 33]].concat(), &mut picture, LIMIT);
        assert_eq!([read(0x85), read(5)], [Ok(()), Ok(())]);
        assert_eq!(read(5), Ok(()));
        assert_eq!(read(5), Err(Fault::TooLarge(LIMIT)));
        assert_eq!(read(5), Ok(()));
    }
}
