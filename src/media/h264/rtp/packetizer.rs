//! From a coded picture to RTP payloads (RFC 6184), for sources that come without RTP.
//! It must not know sequence numbers, times or sockets.

use crate::media::{
    h264::nal::length_prefixed,
    sample::{CodedPicture, VideoConfig},
};
use bytes::{BufMut, Bytes, BytesMut};

/// Bytes of a payload: with all headers, SRTP and a relay's there is room for it in every network.
pub(crate) const PAYLOAD_BYTES: usize = 1200;
/// The indicator and the header of a fragment.
const FRAGMENT_HEADERS: usize = 2;
const AGGREGATION: u8 = 24;
const FRAGMENT: u8 = 28;

/// The payloads of a picture, in order; the packet of the last bears the marker. The parameter sets go before a keyframe.
pub(crate) fn packetize(picture: &CodedPicture, config: &VideoConfig) -> Vec<Bytes> {
    let mut payloads = Vec::new();
    if picture.is_key {
        parameter_sets(config, &mut payloads);
    }
    for nal in length_prefixed(&picture.nals, 4).map_while(Result::ok) {
        unit(&picture.nals.slice_ref(nal), &mut payloads);
    }
    payloads
}

/// Both in one payload, where they fit, as encoders send them.
fn parameter_sets(config: &VideoConfig, payloads: &mut Vec<Bytes>) {
    let sets = [&config.sps, &config.pps];
    let length = 1 + sets.iter().map(|set| 2 + set.len()).sum::<usize>();
    if length > PAYLOAD_BYTES {
        sets.iter().for_each(|set| unit(set, payloads));
        return;
    }
    let mut payload = BytesMut::with_capacity(length);
    // As important as the most important of its units: `nal_ref_idc` of a parameter set is 3.
    payload.put_u8(0x60 | AGGREGATION);
    for set in sets {
        payload.put_u16(set.len() as u16);
        payload.put_slice(set);
    }
    payloads.push(payload.freeze());
}

/// One unit, in pieces of one size where it is too long: equal datagrams are sent by one call.
fn unit(nal: &Bytes, payloads: &mut Vec<Bytes>) {
    let Some(&header) = nal.first() else { return };
    if nal.len() <= PAYLOAD_BYTES {
        payloads.push(nal.clone());
        return;
    }
    let rest = &nal[1..];
    let count = rest.len().div_ceil(PAYLOAD_BYTES - FRAGMENT_HEADERS);
    let pieces = rest.chunks(rest.len().div_ceil(count));
    let last = pieces.len() - 1;
    for (index, piece) in pieces.enumerate() {
        let is_first = if index == 0 { 0x80 } else { 0 };
        let is_last = if index == last { 0x40 } else { 0 };
        let mut payload = BytesMut::with_capacity(FRAGMENT_HEADERS + piece.len());
        payload.put_u8(header & 0xe0 | FRAGMENT);
        payload.put_u8(is_first | is_last | header & 31);
        payload.put_slice(piece);
        payloads.push(payload.freeze());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::h264::samples;

    fn picture(is_key: bool, units: &[usize]) -> CodedPicture {
        let nal = |length: &usize| [&(*length as u32).to_be_bytes()[..], &vec![0x65; *length]].concat();
        let nals = units.iter().flat_map(nal).collect::<Vec<u8>>();
        CodedPicture { at: 0, shown_after: 0, is_key, nals: nals.into() }
    }

    fn config(sps: Vec<u8>) -> VideoConfig {
        VideoConfig { sps: sps.into(), pps: Bytes::from_static(samples::PPS), width: 640, height: 360 }
    }

    fn lengths(picture: &CodedPicture, sps: Vec<u8>) -> Vec<usize> {
        packetize(picture, &config(sps)).iter().map(Bytes::len).collect()
    }

    #[test]
    fn no_payload_is_too_long_and_pieces_are_of_one_size() {
        assert_eq!(lengths(&picture(false, &[1200, 1201, 10]), vec![]), [1200, 602, 602, 10]);
        assert_eq!(lengths(&picture(false, &[1 + 5 * 1198]), vec![]), [1200; 5]);
        assert_eq!(lengths(&picture(false, &[2 + 5 * 1198]), vec![]), [1001, 1001, 1001, 1001, 1001, 998]);
    }

    #[test]
    fn parameter_sets_go_before_a_keyframe_in_one_payload_if_they_fit() {
        assert_eq!(lengths(&picture(true, &[9]), samples::sps())[1..], [9]);
        assert_eq!(lengths(&picture(true, &[9]), vec![7; 1300]), [652, 651, samples::PPS.len(), 9]);
        let payloads = packetize(&picture(true, &[9]), &config(samples::sps()));
        assert_eq!(payloads[0][..3], [0x78, 0, samples::sps().len() as u8]);
    }

    #[test]
    fn units_are_not_copied_and_a_wrong_length_ends_the_picture() {
        let whole = picture(false, &[100]);
        assert_eq!(packetize(&whole, &config(vec![]))[0].as_ptr(), whole.nals[4..].as_ptr());
        let wrong = CodedPicture { nals: vec![0, 0, 0, 1, 0x65, 0, 0, 0, 9, 1].into(), ..whole };
        assert_eq!(lengths(&wrong, vec![]), [1]);
    }
}
