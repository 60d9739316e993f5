//! What the incoming half makes of the bytes of a client.

use super::{
    fuzz_harness::{read_in_pieces, withstand},
    *,
};
use futures_util::{FutureExt, stream};
use proptest::{collection::vec, prelude::*};
use std::{cell::Cell, rc::Rc};

const LIMITS: FrameLimits = FrameLimits { frame_bytes: 200, fragments: 4, binary: false, deflate: false };
const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// A client's frame: first byte, payload, masked.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        longer => {
            bytes.push(0x80 | 126);
            bytes.extend((longer as u16).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn text(text: &str) -> Incoming {
    Incoming::Text(text.into())
}

fn read(bytes: &[u8]) -> Vec<Incoming> {
    read_in_pieces(LIMITS, bytes, &[])
}

#[test]
fn a_text_comes_as_it_was_sent() {
    assert_eq!(read(&frame(0x81, "grüß dich".as_bytes())), [text("grüß dich")]);
    assert_eq!(read(&frame(0x81, b"")), [text("")]);
}

#[test]
fn fragments_come_as_one_text_and_pings_between_them_at_once() {
    let parts = [frame(0x01, b"a\xC3"), frame(0x89, b"?"), frame(0x00, b"\xA9"), frame(0x80, b"b")];
    assert_eq!(read(&parts.concat()), [Incoming::Ping(Bytes::from_static(b"?")), text("aéb")]);
}

const AGREED: FrameLimits = FrameLimits { binary: true, deflate: true, ..LIMITS };

/// "Hello", as RFC 7692, section 7.2.3.1 has it.
const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";

#[test]
fn compressed_messages_come_as_they_were_written_in_one_piece_or_in_several() {
    let parts = [
        frame(0xC1, HELLO),
        frame(0x41, &HELLO[..3]),
        frame(0x89, b"?"),
        frame(0x80, &HELLO[3..]),
        frame(0x81, b"plain"),
        frame(0xC2, HELLO),
        frame(0x42, &HELLO[..1]),
        frame(0x80, &HELLO[1..]),
    ];
    let (hello, ping) = (Bytes::from_static(b"Hello"), Incoming::Ping(Bytes::from_static(b"?")));
    let came = [text("Hello"), ping, text("Hello"), text("plain"), Incoming::Binary(hello.clone())];
    let all = [&came[..], &[Incoming::Binary(hello)]].concat();
    for sizes in [&[][..], &[1], &[3, 1, 7]] {
        assert_eq!(read_in_pieces(AGREED, &parts.concat(), sizes), all, "{sizes:?}");
    }
    assert_eq!(read(&frame(0xC1, HELLO)), [Incoming::Refused(Close::Protocol)], "it was not agreed on");
}

#[test]
fn what_inflates_to_too_much_or_to_no_text_or_not_at_all_is_refused() {
    let refused = |message: &[u8]| read_in_pieces(AGREED, &frame(0xC1, message), &[]);
    let bomb = inflate::tests::deflate(&[b'a'; 201], 9);
    assert_eq!(refused(&bomb), [Incoming::Refused(Close::TooBig)]);
    let fits = inflate::tests::deflate(&[b'a'; 200], 9);
    assert_eq!(refused(&fits), [text(&"a".repeat(200))]);
    assert_eq!(refused(&inflate::tests::deflate(b"\xC3", 6)), [Incoming::Refused(Close::BadUtf8)]);
    assert_eq!(refused(b"\xff\xff"), [Incoming::Refused(Close::BadUtf8)]);
}

#[test]
fn binary_comes_only_where_it_is_taken() {
    let parts = [frame(0x82, b"\xFF"), frame(0x02, b"\xFE"), frame(0x80, b"\xFD")].concat();
    let taken = read_in_pieces(FrameLimits { binary: true, ..LIMITS }, &parts, &[]);
    assert_eq!(
        taken,
        [b"\xFF".as_slice(), b"\xFE\xFD"].map(|bytes| Incoming::Binary(Bytes::from_static(bytes)))
    );
    assert_eq!(read(&parts), [Incoming::Refused(Close::Binary)]);
}

#[test]
fn what_was_whole_before_a_broken_rule_still_comes_and_nothing_after_it() {
    let bytes = [frame(0x81, b"a"), frame(0x8A, b""), frame(0xC1, b"b"), frame(0x81, b"c")].concat();
    assert_eq!(read(&bytes), [text("a"), Incoming::Pong, Incoming::Refused(Close::Protocol)]);
}

#[test]
fn nothing_is_read_after_a_close() {
    let bytes = [frame(0x88, b"\x03\xE8bye"), frame(0x81, b"c"), frame(0xFF, b"")].concat();
    assert_eq!(read(&bytes), [Incoming::Close(Some(1000))]);
    assert_eq!(read(&frame(0x88, b"")), [Incoming::Close(None)]);
}

#[test]
fn every_close_code_the_guard_lets_through_comes_through() {
    for code in (0..=5000u16).chain([u16::MAX]) {
        let came = read(&frame(0x88, &code.to_be_bytes()));
        let fine = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
        let due = if fine { Incoming::Close(Some(code)) } else { Incoming::Refused(Close::Protocol) };
        assert_eq!(came, [due]);
    }
}

#[test]
fn bad_utf8_is_refused_before_the_frame_is_whole() {
    let mut inbox = Inbox::new(LIMITS);
    inbox.offer(Bytes::from(frame(0x81, b"ab\xFFcdefgh")).slice(..9));
    assert_eq!(inbox.take(), Some(Incoming::Refused(Close::BadUtf8)));
}

#[test]
fn nothing_is_kept_once_a_message_is_whole_or_refused() {
    let mut inbox = Inbox::new(LIMITS);
    inbox.offer([frame(0x01, &[b'a'; 100]), frame(0x81, &[b'a'; 9])].concat().into());
    assert_eq!(inbox.take(), Some(Incoming::Refused(Close::Protocol)));
    assert_eq!((inbox.kept(), inbox.frame.capacity(), inbox.fragments.capacity()), (0, 0, 0));
    let mut inbox = Inbox::new(LIMITS);
    inbox.offer(frame(0x81, &[b'a'; 200]).into());
    assert!(inbox.take().is_some());
    assert_eq!((inbox.kept(), inbox.frame.capacity()), (0, 0));
}

#[test]
fn a_declared_length_alone_costs_no_memory() {
    let mut inbox = Inbox::new(FrameLimits { frame_bytes: 1 << 30, ..LIMITS });
    inbox.offer(Bytes::from_static(&[0x81, 0xFF, 0, 0, 0, 0, 0x3F, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4, 5]));
    assert_eq!(inbox.take(), None);
    assert!(inbox.frame.capacity() < 100);
}

/// All that comes of `chunks`, and how often a sign of life was seen.
fn stream_of(chunks: Vec<Result<Bytes, PayloadError>>) -> (Vec<Incoming>, usize) {
    let heard = Rc::new(Cell::new(0));
    let count = heard.clone();
    let came = incoming(stream::iter(chunks), LIMITS, move || count.set(count.get() + 1))
        .collect()
        .now_or_never()
        .expect("the chunks are there");
    (came, heard.get())
}

#[test]
fn every_chunk_is_a_sign_of_life_and_the_end_of_the_bytes_a_loss() {
    let bytes = frame(0x81, b"abc");
    let chunks = vec![Ok(Bytes::copy_from_slice(&bytes[..3])), Ok(Bytes::copy_from_slice(&bytes[3..]))];
    assert_eq!(stream_of(chunks), (vec![text("abc"), Incoming::Lost], 2));
}

#[test]
fn a_broken_connection_is_a_loss_and_the_last_item() {
    let chunks = vec![Err(PayloadError::Incomplete(None)), Ok(frame(0x81, b"a").into())];
    assert_eq!(stream_of(chunks), (vec![Incoming::Lost], 0));
}

#[test]
fn after_a_refusal_the_bytes_are_left_to_who_lent_them() {
    let chunk = |bytes: Vec<u8>| Ok::<_, PayloadError>(Bytes::from(bytes));
    let mut payload = stream::iter([chunk(frame(0x82, b"")), chunk(vec![0]), chunk(vec![1])]);
    let came: Vec<_> = incoming(&mut payload, LIMITS, || {}).collect().now_or_never().expect("it is there");
    assert_eq!(came, [Incoming::Refused(Close::Binary)]);
    assert_eq!(payload.collect::<Vec<_>>().now_or_never().map(|left| left.len()), Some(2));
}

/// Frames of which most are allowed, so that messages, fragments and refusals all occur.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        8 => prop::sample::select(vec![0x81u8, 0x01, 0x00, 0x80, 0x89, 0x8A]),
        1 => any::<u8>(),
        1 => Just(0x88),
    ];
    let body = prop_oneof![".{0,30}".prop_map(String::into_bytes), vec(any::<u8>(), 0..220)];
    vec((first, body).prop_map(|(first, body)| frame(first, &body)), 0..8).prop_map(|frames| frames.concat())
}

proptest! {
    #[test]
    fn any_bytes_cut_anyhow_give_the_same_and_keep_within_the_limits(
        bytes in prop_oneof![frames(), vec(any::<u8>(), 0..600)],
        cuts in vec(any::<u8>(), 0..8),
    ) {
        withstand(&bytes, &cuts);
    }

    #[test]
    fn a_text_in_any_fragments_comes_as_it_was_sent(
        parts in vec(".{0,12}".prop_map(String::into_bytes), 1..=4),
        cuts in vec(any::<u8>(), 0..8),
    ) {
        let last = parts.len() - 1;
        let first_byte = |at: usize| u8::from(at == 0) | if at == last { 0x80 } else { 0 };
        let bytes: Vec<u8> = parts.iter().enumerate().flat_map(|(at, part)| frame(first_byte(at), part)).collect();
        withstand(&bytes, &cuts);
        prop_assert_eq!(read(&bytes), [text(&String::from_utf8(parts.concat()).expect("texts"))]);
    }

    #[test]
    fn a_compressed_text_in_two_fragments_comes_as_it_was_sent(
        said in ".{0,50}",
        level in 0u32..=9,
        at in any::<proptest::sample::Index>(),
    ) {
        let message = inflate::tests::deflate(said.as_bytes(), level);
        let (first, last) = message.split_at(at.index(message.len()));
        let bytes = [frame(0x41, first), frame(0x80, last)].concat();
        withstand(&bytes, &[]);
        prop_assert_eq!(read_in_pieces(AGREED, &bytes, &[]), [text(&said)]);
    }
}

/// Why there is a guard. When one of these fails, the codec has become better: read again whether it is still needed.
mod the_bare_codec {
    use super::*;
    use actix_http::ws::ProtocolError;

    #[test]
    fn keeps_an_oversize_frame_whole_before_it_refuses_it() {
        let mut codec = Codec::new().max_size(4096);
        let mut kept = BytesMut::from(&[0x81, 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0][..]);
        let mut sent = 0;
        while sent < 0x10_0000 {
            assert!(matches!(codec.decode(&mut kept), Ok(None)), "refused after {sent} bytes");
            assert_eq!(kept.len(), 14 + sent);
            kept.extend_from_slice(&[b'a'; 4096]);
            sent += 4096;
        }
        assert!(matches!(codec.decode(&mut kept), Err(ProtocolError::Overflow)));
    }

    #[test]
    fn goes_on_after_a_refusal() {
        let mut codec = Codec::new().max_size(4);
        let mut kept = BytesMut::from(&[frame(0x81, b"too long"), frame(0x81, b"next")].concat()[..]);
        assert!(codec.decode(&mut kept).is_err());
        assert!(matches!(codec.decode(&mut kept), Ok(Some(Frame::Text(text))) if text == "next"));
    }

    #[test]
    fn takes_any_number_of_fragments_and_text_that_is_not_utf8() {
        let mut codec = Codec::new();
        let mut kept = BytesMut::from(&frame(0x01, b"\xFF")[..]);
        assert!(matches!(codec.decode(&mut kept), Ok(Some(Frame::Continuation(Item::FirstText(_))))));
        for _ in 0..1000 {
            kept.extend_from_slice(&frame(0x00, b""));
            assert!(matches!(codec.decode(&mut kept), Ok(Some(Frame::Continuation(Item::Continue(_))))));
        }
    }
}
