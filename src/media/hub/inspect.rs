//! What the first bytes of an RTP payload say of the picture in it.
//! It must not know sequence numbers, nor decode anything.

use crate::media::packet::Codec;

/// Whether a payload has a piece of a picture that decoding can begin with. Parameter sets alone are none.
pub(crate) fn is_of_keyframe(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::H264 => is_of_idr(payload),
        Codec::Vp8 => vp8_frame(payload).is_some_and(|frame| frame.first().is_some_and(|byte| byte & 1 == 0)),
        Codec::Opus => false,
    }
}

const IDR: u8 = 5;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// RFC 6184: a NAL unit by itself, some in a STAP-A, or the first piece of one in an FU-A.
fn is_of_idr(payload: &[u8]) -> bool {
    let Some((header, rest)) = payload.split_first() else { return false };
    match header & 0x1f {
        STAP_A => has_idr(rest),
        FU_A => rest.first().is_some_and(|fragment| fragment & 0x80 != 0 && fragment & 0x1f == IDR),
        kind => kind == IDR,
    }
}

fn has_idr(mut units: &[u8]) -> bool {
    while let [high, low, rest @ ..] = units {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((unit, after)) = rest.split_at_checked(length) else { return false };
        if unit.first().is_some_and(|header| header & 0x1f == IDR) {
            return true;
        }
        units = after;
    }
    false
}

/// The frame that a packet begins, behind its payload descriptor (RFC 7741, 4.2); none if it begins none.
fn vp8_frame(payload: &[u8]) -> Option<&[u8]> {
    let first = *payload.first()?;
    let begins = first & 0x10 != 0 && first & 0x07 == 0;
    let mut length = 1;
    if first & 0x80 != 0 {
        let extended = *payload.get(1)?;
        length += 1;
        if extended & 0x80 != 0 {
            length += if payload.get(length)? & 0x80 != 0 { 2 } else { 1 };
        }
        length += usize::from(extended & 0x40 != 0);
        length += usize::from(extended & 0x30 != 0);
    }
    payload.get(length..).filter(|_| begins)
}

/// Width and height that a VP8 keyframe begins with (RFC 6386, 9.1).
pub(crate) fn vp8_size(payload: &[u8]) -> Option<(u16, u16)> {
    let [tag, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = *vp8_frame(payload)? else { return None };
    let is_key = tag & 1 == 0;
    is_key.then(|| (u16::from_le_bytes([w0, w1]) & 0x3fff, u16::from_le_bytes([h0, h1]) & 0x3fff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyframe_is_found_in_each_packetization() {
        let single = [0x65, 1, 2];
        let stap = [0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 1, 0, 3, 0x65, 1, 2];
        let first_fragment = [0x7c, 0x85, 1];
        for payload in [&single[..], &stap, &first_fragment] {
            assert!(is_of_keyframe(Codec::H264, payload), "{payload:?}");
        }
        let later_fragment = [0x7c, 0x05, 1];
        let parameters = [0x78, 0, 2, 0x67, 1, 0, 2, 0x68, 1];
        let delta = [0x41, 5, 5];
        let cut = [0x78, 0xff, 0xff, 0x65];
        for payload in [&later_fragment[..], &parameters, &delta, &cut, &[]] {
            assert!(!is_of_keyframe(Codec::H264, payload), "{payload:?}");
        }
    }

    #[test]
    fn a_vp8_keyframe_says_its_size() {
        let key = [0x90, 0x80, 0x81, 0x02, 0x10, 2, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01, 9];
        assert!(is_of_keyframe(Codec::Vp8, &key));
        assert_eq!(vp8_size(&key), Some((640, 480)));
        let delta = [0x90, 0x80, 0x81, 0x02, 0x11, 2, 0];
        let continued = [0x80, 0x80, 0x81, 0x02, 0x10, 2, 0];
        for payload in [&delta[..], &continued, &[0x90], &[]] {
            assert!(!is_of_keyframe(Codec::Vp8, payload), "{payload:?}");
            assert_eq!(vp8_size(payload), None);
        }
    }
}
