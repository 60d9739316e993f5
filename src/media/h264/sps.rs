//! What a sequence parameter set says of the pictures (ITU-T H.264, 7.3.2.1.1).
//! It must not be trusted: every number is bounded, and none is allocated by.

use super::bits::{Bits, Unreadable, payload};

/// Pixels that a side may have.
pub(crate) const SIDE_MAX: u32 = 4096;
/// Bytes of a parameter set that is looked at; real ones have under a hundred.
pub(super) const SET_BYTES_MAX: usize = 4096;
/// Profiles whose sets say more of colours, `profile_idc` of H.264, 7.3.2.1.1.
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/// Macroblocks along a side whose product with 16 stays far inside 32 bits.
const BLOCKS_MAX: u32 = 1 << 16;

/// The part of a sequence parameter set that outputs need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sps {
    /// `profile_idc`, then the byte of constraints, then `level_idc`.
    pub profile: [u8; 3],
    /// `chroma_format_idc`: 1 is 4:2:0.
    pub chroma_format: u8,
    pub bit_depth_luma: u8,
    pub bit_depth_chroma: u8,
    /// In pixels, cropped.
    pub width: u32,
    /// In pixels, cropped.
    pub height: u32,
}

impl Sps {
    /// Reads a whole NAL unit; none where it is no such set or cannot be read.
    pub(crate) fn read(nal: &[u8]) -> Option<Self> {
        if nal.len() > SET_BYTES_MAX || nal.first().map(|header| header & 31) != Some(7) {
            return None;
        }
        read(&payload(nal)).ok()
    }
}

fn read(payload: &[u8]) -> Result<Sps, Unreadable> {
    let bits = &mut Bits::new(payload);
    let profile = [bits.number(8)? as u8, bits.number(8)? as u8, bits.number(8)? as u8];
    let _id = bits.unsigned_up_to(31)?;
    let colours =
        if HIGH_PROFILES.contains(&u32::from(profile[0])) { colours(bits)? } else { Colours::PLAIN };
    let _log2_max_frame_num = bits.unsigned_up_to(12)?;
    skip_picture_order(bits)?;
    let _reference_frames = bits.unsigned_up_to(16)?;
    let _gaps_allowed = bits.flag()?;
    let blocks_wide = bits.unsigned_up_to(BLOCKS_MAX)? + 1;
    let units_high = bits.unsigned_up_to(BLOCKS_MAX)? + 1;
    let frames_only = bits.flag()?;
    if !frames_only {
        let _adaptive = bits.flag()?;
    }
    let _direct_8x8 = bits.flag()?;
    let field_factor = if frames_only { 1 } else { 2 };
    let (across, down) = if bits.flag()? { crop(bits, colours, field_factor)? } else { (0, 0) };
    let width = (blocks_wide * 16).checked_sub(across).filter(|&width| width > 0).ok_or(Unreadable)?;
    let height =
        (units_high * 16 * field_factor).checked_sub(down).filter(|&height| height > 0).ok_or(Unreadable)?;
    Ok(Sps {
        profile,
        chroma_format: colours.format as u8,
        bit_depth_luma: colours.luma as u8,
        bit_depth_chroma: colours.chroma as u8,
        width,
        height,
    })
}

#[derive(Clone, Copy)]
struct Colours {
    /// The number `chroma_format_idc`.
    format: u32,
    separate_planes: bool,
    /// Bits of brightness, then of colour.
    luma: u32,
    chroma: u32,
}

impl Colours {
    const PLAIN: Self = Self { format: 1, separate_planes: false, luma: 8, chroma: 8 };
}

fn colours(bits: &mut Bits<'_>) -> Result<Colours, Unreadable> {
    let format = bits.unsigned_up_to(3)?;
    let separate_planes = format == 3 && bits.flag()?;
    let luma = 8 + bits.unsigned_up_to(6)?;
    let chroma = 8 + bits.unsigned_up_to(6)?;
    let _lossless = bits.flag()?;
    if bits.flag()? {
        for list in 0..if format == 3 { 12 } else { 8 } {
            if bits.flag()? {
                skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Ok(Colours { format, separate_planes, luma, chroma })
}

/// H.264, 7.3.2.1.1.1: each factor is told as the difference to the one before, until one is 0.
fn skip_scaling_list(bits: &mut Bits<'_>, length: u32) -> Result<(), Unreadable> {
    let mut last = 8;
    for _ in 0..length {
        let next = (last + bits.signed()?).rem_euclid(256);
        if next == 0 {
            return Ok(());
        }
        last = next;
    }
    Ok(())
}

fn skip_picture_order(bits: &mut Bits<'_>) -> Result<(), Unreadable> {
    match bits.unsigned_up_to(2)? {
        0 => {
            let _log2_max_lsb = bits.unsigned_up_to(12)?;
        }
        1 => {
            let _always_zero = bits.flag()?;
            let _offsets = (bits.signed()?, bits.signed()?);
            for _ in 0..bits.unsigned_up_to(255)? {
                bits.signed()?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Pixels that are cut off across and down (H.264, 7.4.2.1.1, CropUnitX and CropUnitY).
fn crop(bits: &mut Bits<'_>, colours: Colours, field_factor: u32) -> Result<(u32, u32), Unreadable> {
    let (left, right) = (bits.unsigned_up_to(BLOCKS_MAX)?, bits.unsigned_up_to(BLOCKS_MAX)?);
    let (top, bottom) = (bits.unsigned_up_to(BLOCKS_MAX)?, bits.unsigned_up_to(BLOCKS_MAX)?);
    let format = if colours.separate_planes { 0 } else { colours.format };
    let unit_across = if matches!(format, 1 | 2) { 2 } else { 1 };
    let unit_down = field_factor * if format == 1 { 2 } else { 1 };
    Ok(((left + right) * unit_across, (top + bottom) * unit_down))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::h264::samples;

    #[test]
    fn dimensions_are_those_that_encoders_mean() {
        for (digits, profile, width, height) in samples::SPS {
            let sps = Sps::read(&samples::bytes(digits)).unwrap();
            assert_eq!((sps.profile, sps.width, sps.height), (*profile, *width, *height));
        }
    }

    #[test]
    fn a_set_that_is_cut_anywhere_is_none_or_the_same() {
        for (digits, ..) in samples::SPS {
            let nal = samples::bytes(digits);
            let whole = Sps::read(&nal);
            for end in 0..nal.len() {
                let read = Sps::read(&nal[..end]);
                assert!(read.is_none() || read == whole, "{end}");
            }
        }
    }

    #[test]
    fn a_larger_picture_than_any_standard_knows_is_none() {
        // Baseline: level 3, id 0, log2 0, order 2, one reference, then a width of 2^17 blocks.
        let with_width = |width: &str| {
            let bits = ["1", "1", "011", "010", "0", width, &"1".repeat(40)].concat();
            let byte = |bits: &[u8]| u8::from_str_radix(str::from_utf8(bits).unwrap(), 2).unwrap();
            [vec![0x67, 66, 0, 30], bits.as_bytes().chunks_exact(8).map(byte).collect()].concat()
        };
        let two_to_the = |power: usize| ["0".repeat(power), "1".to_owned(), "0".repeat(power)].concat();
        assert_eq!(Sps::read(&with_width(&two_to_the(17))), None);
        assert_eq!(Sps::read(&with_width(&two_to_the(6))).map(|sps| sps.width), Some(64 * 16));
    }
}
