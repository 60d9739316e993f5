//! What the guard lets through, and what it refuses at the header.

use super::*;

/// A client's frame: first byte, payload, masked.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        _ => {
            bytes.push(0x80 | 126);
            bytes.extend((payload.len() as u16).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

const MASK: [u8; 4] = [0x11, 0xA2, 0x73, 0xF4];
const LIMITS: FrameLimits = FrameLimits { frame_bytes: 300, fragments: 3, binary: false, deflate: false };

/// The verdict on frames that arrive byte by byte, and how many bytes were read by then.
fn verdict(bytes: &[u8]) -> (Result<(), Close>, usize) {
    let mut guard = Guard::new(LIMITS);
    for (at, byte) in bytes.iter().enumerate() {
        if let Admitted::Refused(close) = guard.admit(&[*byte]) {
            return (Err(close), at + 1);
        }
    }
    (Ok(()), bytes.len())
}

fn allowed(bytes: &[u8]) {
    assert_eq!(verdict(bytes), (Ok(()), bytes.len()), "{bytes:02x?}");
}

/// Refused with `close`, with the byte `at` counted from one.
fn refused(bytes: &[u8], close: Close, at: usize) {
    assert_eq!(verdict(bytes), (Err(close), at), "{bytes:02x?}");
}

const TEXT: u8 = 0x81;
const FIRST: u8 = 0x01;
const MORE: u8 = 0x00;
const LAST: u8 = 0x80;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;

#[test]
fn a_text_of_the_limit_passes_and_one_byte_more_is_refused_at_its_header() {
    allowed(&frame(TEXT, &[b'a'; 300]));
    refused(&frame(TEXT, &[b'a'; 301]), Close::TooBig, 4);
}

#[test]
fn a_gigabyte_is_refused_before_its_first_byte() {
    let mut header = vec![TEXT, 0xFF];
    header.extend((1u64 << 30).to_be_bytes());
    refused(&header, Close::TooBig, 10);
}

#[test]
fn fragments_count_together() {
    let parts = |last: usize| [frame(FIRST, &[b'a'; 150]), frame(LAST, &vec![b'a'; last])].concat();
    allowed(&parts(150));
    refused(&parts(151), Close::TooBig, 8 + 150 + 4);
}

#[test]
fn a_message_that_ended_does_not_count_for_the_next() {
    allowed(&[frame(FIRST, &[b'a'; 200]), frame(LAST, &[b'a'; 100]), frame(TEXT, &[b'a'; 300])].concat());
}

#[test]
fn a_message_of_as_many_fragments_as_allowed_passes_and_one_more_is_refused() {
    let (first, more, last) = (frame(FIRST, b""), frame(MORE, b""), frame(LAST, b""));
    allowed(&[first.clone(), more.clone(), last.clone()].concat());
    refused(&[first, more.clone(), more, last].concat(), Close::TooBig, 19);
}

#[test]
fn sixty_four_fragments_are_the_default() {
    let limits = FrameLimits::text(16384);
    assert_eq!(
        (limits.frame_bytes, limits.fragments, limits.binary, limits.deflate),
        (16384, 64, false, false)
    );
}

#[test]
fn each_reserved_bit_is_refused() {
    for bit in [0x40, 0x20, 0x10] {
        refused(&frame(TEXT | bit, b"a"), Close::Protocol, 1);
    }
}

#[test]
fn a_message_may_be_compressed_where_that_was_agreed_on_and_says_so_once() {
    let agreed = FrameLimits { deflate: true, ..LIMITS };
    let judge = |bytes: &[u8]| {
        let mut guard = Guard::new(agreed);
        let mut rest = bytes;
        while !rest.is_empty() {
            match guard.admit(rest) {
                Admitted::Whole => break,
                Admitted::FrameEnd(end) => rest = &rest[end..],
                Admitted::Refused(close) => return Err(close),
            }
        }
        Ok(())
    };
    let compressed = |first| frame(first | 0x40, b"\xFF no UTF-8");
    assert_eq!(judge(&compressed(TEXT)), Ok(()), "what it says is known once it is inflated");
    assert_eq!(judge(&[compressed(FIRST), frame(PING, b"?"), frame(LAST, b"\xFF")].concat()), Ok(()));
    assert_eq!(
        judge(&[compressed(TEXT), frame(TEXT, b"\xFF")].concat()),
        Err(Close::BadUtf8),
        "the next is plain"
    );
    for bad in [
        [compressed(FIRST), compressed(LAST)].concat(),
        [frame(FIRST, b"a"), compressed(LAST)].concat(),
        compressed(PING),
        compressed(CLOSE),
        frame(TEXT | 0x60, b"a"),
        frame(TEXT | 0x50, b"a"),
    ] {
        assert_eq!(judge(&bad), Err(Close::Protocol), "{bad:02x?}");
    }
    let most = agreed.travelling_bytes(true);
    assert_eq!(most, 300 + 4 + 64, "a little more than plain");
    assert_eq!(judge(&frame(TEXT | 0x40, &vec![0; most])), Ok(()));
    assert_eq!(judge(&frame(TEXT | 0x40, &vec![0; most + 1])[..4]), Err(Close::TooBig), "at its header");
    assert_eq!(judge(&frame(TEXT, &[b'a'; 301])[..4]), Err(Close::TooBig), "a plain one has less");
}

#[test]
fn only_the_opcodes_of_the_rfc_pass() {
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        refused(&frame(0x80 | opcode, b""), Close::Protocol, 1);
    }
    for opcode in [1, 8, 9, 10] {
        allowed(&frame(0x80 | opcode, b""));
    }
}

#[test]
fn binary_is_refused_at_its_first_byte_unless_it_is_taken() {
    refused(&frame(0x82, b"a"), Close::Binary, 1);
    refused(&frame(0x02, b"a"), Close::Binary, 1);
    let mut taking = Guard::new(FrameLimits { binary: true, ..LIMITS });
    assert_eq!(taking.admit(&frame(0x82, b"\xFF")), Admitted::FrameEnd(7));
    assert_eq!(taking.admit(&frame(0x02, b"\xFF")), Admitted::FrameEnd(7));
    assert_eq!(taking.admit(&frame(LAST, b"\xFF")), Admitted::FrameEnd(7));
}

#[test]
fn a_frame_without_a_mask_is_refused() {
    refused(&[TEXT, 1, b'a'], Close::Protocol, 2);
}

#[test]
fn a_control_frame_has_at_most_125_bytes_and_is_never_a_fragment() {
    for control in [0x88, 0x89, 0x8A] {
        let body =
            if control == CLOSE { [&[0x03, 0xE8][..], &[b'a'; 123]].concat() } else { vec![0xFF; 125] };
        allowed(&frame(control, &body));
        refused(&frame(control, &[0; 126]), Close::Protocol, 2);
        refused(&frame(control & 0x0F, b""), Close::Protocol, 1);
    }
}

#[test]
fn control_frames_may_stand_between_fragments() {
    let parts = [frame(FIRST, b"a"), frame(PING, b"\xFF"), frame(0x8A, b""), frame(LAST, b"b")];
    allowed(&parts.concat());
}

#[test]
fn fragments_have_a_start_and_no_message_begins_within_another() {
    refused(&frame(MORE, b""), Close::Protocol, 1);
    refused(&frame(LAST, b""), Close::Protocol, 1);
    refused(&[frame(FIRST, b""), frame(TEXT, b"")].concat(), Close::Protocol, 7);
    refused(&[frame(FIRST, b""), frame(FIRST, b"")].concat(), Close::Protocol, 7);
    refused(&[frame(TEXT, b""), frame(LAST, b"")].concat(), Close::Protocol, 7);
}

#[test]
fn a_length_is_written_in_its_shortest_form() {
    let of_16_bits = |length: u16| [&[TEXT, 0xFE][..], &length.to_be_bytes()].concat();
    let of_64_bits = |length: u64| [&[TEXT, 0xFF][..], &length.to_be_bytes()].concat();
    allowed(&of_16_bits(126));
    refused(&of_16_bits(125), Close::Protocol, 4);
    refused(&of_64_bits(0x1_0000), Close::TooBig, 10);
    refused(&of_64_bits(0xFFFF), Close::Protocol, 10);
    refused(&of_64_bits(u64::MAX >> 1), Close::TooBig, 10);
    refused(&of_64_bits(1 << 63), Close::Protocol, 10);
}

#[test]
fn a_sum_that_overflows_is_too_big() {
    let mut guard = Guard::new(FrameLimits { frame_bytes: usize::MAX, ..LIMITS });
    let begun = |bytes| Message { text: true, compressed: false, bytes, fragments: 1, utf8: Utf8::default() };
    guard.message = Some(begun(u64::MAX - 1));
    assert_eq!(guard.admit(&frame(LAST, b"a")), Admitted::FrameEnd(7));
    guard.message = Some(begun(u64::MAX));
    assert_eq!(guard.admit(&frame(LAST, b"a")), Admitted::Refused(Close::TooBig));
}

#[test]
fn bad_utf8_is_refused_at_its_byte_and_half_a_character_at_the_end() {
    refused(&frame(TEXT, b"ab\xFFcd"), Close::BadUtf8, 9);
    refused(&frame(TEXT, b"ab\xC3"), Close::BadUtf8, 9);
    refused(&[frame(FIRST, b"\xC3"), frame(LAST, b"a")].concat(), Close::BadUtf8, 14);
    allowed(&[frame(FIRST, b"\xC3"), frame(PING, b"\xFF"), frame(LAST, b"\xA9")].concat());
}

#[test]
fn a_close_has_no_body_or_a_code_that_may_travel_and_a_reason_in_utf8() {
    allowed(&frame(CLOSE, b""));
    refused(&frame(CLOSE, b"\x03"), Close::Protocol, 2);
    for code in [1000u16, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999] {
        allowed(&frame(CLOSE, &code.to_be_bytes()));
    }
    for code in [0u16, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
        refused(&frame(CLOSE, &code.to_be_bytes()), Close::Protocol, 8);
    }
    allowed(&frame(CLOSE, &[b"\x03\xE8".as_slice(), "grüße".as_bytes()].concat()));
    refused(&frame(CLOSE, b"\x03\xE8a\xFF"), Close::BadUtf8, 10);
    refused(&frame(CLOSE, b"\x03\xE8a\xC3"), Close::BadUtf8, 10);
}

#[test]
fn one_call_stops_at_the_end_of_a_frame() {
    let two = [frame(TEXT, b"abc"), frame(PING, b"")].concat();
    let mut guard = Guard::new(LIMITS);
    assert_eq!(guard.admit(&two), Admitted::FrameEnd(9));
    assert_eq!(guard.admit(&two[9..14]), Admitted::Whole);
    assert_eq!(guard.admit(b""), Admitted::Whole);
    assert_eq!(guard.admit(&two[14..]), Admitted::FrameEnd(1));
}

#[test]
fn who_was_refused_stays_refused() {
    let mut guard = Guard::new(LIMITS);
    assert_eq!(guard.admit(&frame(0x82, b"")), Admitted::Refused(Close::Binary));
    assert_eq!(guard.admit(&frame(TEXT, b"")), Admitted::Refused(Close::Binary));
}
