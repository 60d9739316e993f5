//! The decoder configuration of containers, `avcC` (ISO/IEC 14496-15, 5.3.3.1), read and written.
//! It must not know which container.

use super::Sps;
use crate::media::sample::VideoConfig;
use bytes::Bytes;
use mp4_atom::{Atom, Avcc, AvccExt};

/// Profiles without what the extension of the record tells.
const PLAIN_PROFILES: [u8; 3] = [66, 77, 88];
/// Bytes of a record that is looked at; real ones have under a hundred.
const RECORD_BYTES_MAX: usize = 8192;

/// What a record says: the first set of either kind, and how pictures are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub sps: Bytes,
    pub pps: Bytes,
    /// Bytes of the length before each NAL unit: 1, 2 or 4.
    pub length_size: usize,
}

/// A record that cannot be read, or lacks a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the decoder configuration cannot be read")]
pub(crate) struct Unreadable;

/// Reads a record without the header of its box.
pub(crate) fn read(mut record: &[u8]) -> Result<Record, Unreadable> {
    if record.len() > RECORD_BYTES_MAX {
        return Err(Unreadable);
    }
    // The extension has nothing that is needed, and encoders get it wrong.
    let avcc = Avcc::decode_body(&mut record).map_err(|_| Unreadable)?;
    let first = |sets: Vec<Vec<u8>>| sets.into_iter().next().map(Bytes::from).ok_or(Unreadable);
    let length_size = usize::from(avcc.length_size);
    if length_size == 3 {
        return Err(Unreadable);
    }
    Ok(Record {
        sps: first(avcc.sequence_parameter_sets)?,
        pps: first(avcc.picture_parameter_sets)?,
        length_size,
    })
}

/// The box for pictures with lengths of four bytes.
pub(crate) fn write(config: &VideoConfig) -> Result<Avcc, Unreadable> {
    let sps = Sps::read(&config.sps).ok_or(Unreadable)?;
    let ext = (!PLAIN_PROFILES.contains(&sps.profile[0])).then(|| AvccExt {
        chroma_format: sps.chroma_format,
        bit_depth_luma: sps.bit_depth_luma,
        bit_depth_chroma: sps.bit_depth_chroma,
        sequence_parameter_sets_ext: Vec::new(),
    });
    let avcc = Avcc::new(&config.sps, &config.pps).map_err(|_| Unreadable)?;
    Ok(Avcc { ext, ..avcc })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::h264::samples;

    #[test]
    fn what_was_written_is_read_again() {
        for (digits, _, width, height) in samples::SPS {
            let sps = Bytes::from(samples::bytes(digits));
            let pps = Bytes::from_static(samples::PPS);
            let config = VideoConfig {
                sps: sps.clone(),
                pps: pps.clone(),
                width: *width as u16,
                height: *height as u16,
            };
            let mut written = Vec::new();
            write(&config).unwrap().encode_body(&mut written).unwrap();
            assert_eq!(read(&written), Ok(Record { sps, pps, length_size: 4 }));
            for end in 0..written.len() {
                let cut = read(&written[..end]);
                assert!(cut.is_err() || end >= written.len() - 4, "{end}");
            }
        }
    }

    #[test]
    fn a_record_without_sets_or_with_lengths_of_three_bytes_is_refused() {
        assert_eq!(read(&[1, 66, 0, 30, 0xff, 0xe0, 0]), Err(Unreadable));
        assert_eq!(read(&[]), Err(Unreadable));
        assert_eq!(read(&[1, 66, 0, 30, 0xfe, 0xe1, 0, 1, 0x67, 1, 0, 1, 0x68]), Err(Unreadable));
        assert!(read(&[1, 66, 0, 30, 0xff, 0xe1, 0, 1, 0x67, 1, 0, 1, 0x68]).is_ok());
    }
}
