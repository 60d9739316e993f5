//! WebSocket framing of what the server says, done once for all viewers (RFC 6455, section 5.2: unmasked).
//! It must not know who reads.

use bytes::{BufMut, BytesMut};

/// A ping without payload.
pub(crate) const PING: [u8; 2] = [0x89, 0];

/// The first byte of a text frame that is a whole message.
const TEXT: u8 = 0x81;
/// The same of a message that is compressed (RFC 7692, section 6).
const DEFLATED_TEXT: u8 = 0xc1;

/// What a flush of a compressor ends with, and each compressed message leaves out (RFC 7692, section 7.2.1).
pub(crate) const DEFLATE_TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// Appends one text frame.
pub(crate) fn push_text(out: &mut BytesMut, text: &str) {
    push(out, TEXT, text.as_bytes());
}

/// Appends one text frame of which this is the compressed payload.
pub(crate) fn push_deflated(out: &mut BytesMut, payload: &[u8]) {
    push(out, DEFLATED_TEXT, payload);
}

fn push(out: &mut BytesMut, first: u8, payload: &[u8]) {
    out.reserve(payload.len() + 10);
    out.put_u8(first);
    match payload.len() {
        length @ ..126 => out.put_u8(length as u8),
        length @ 126..=0xffff => {
            out.put_u8(126);
            out.put_u16(length as u16);
        }
        length => {
            out.put_u8(127);
            out.put_u64(length as u64);
        }
    }
    out.put_slice(payload);
}

/// Reads back the texts of a run of frames made by [`push_text`]: for readers of another protocol (server-sent events).
pub(crate) fn texts(frames: &[u8]) -> impl Iterator<Item = &str> {
    payloads(frames).map_while(|(payload, _)| std::str::from_utf8(payload).ok())
}

/// The payload of each of a run of frames, with where in the run the frame ends.
pub(crate) fn payloads(frames: &[u8]) -> impl Iterator<Item = (&[u8], usize)> {
    let mut rest = frames;
    std::iter::from_fn(move || {
        let (payload, after) = split_frame(rest)?;
        rest = after;
        Some((payload, frames.len() - after.len()))
    })
}

/// Where the frame ends of which `at` is a part, in a run of frames; `at` itself where one begins there.
pub(crate) fn end_of_frame(frames: &[u8], at: usize) -> usize {
    let mut rest = frames;
    while frames.len() - rest.len() < at {
        let Some((_, next)) = split_frame(rest) else { return frames.len() };
        rest = next;
    }
    frames.len() - rest.len()
}

/// The payload of the first frame, and what comes after it.
fn split_frame(frames: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[_, short], rest) = frames.split_first_chunk::<2>()?;
    let (length, rest) = match short {
        126 => rest.split_first_chunk::<2>().map(|(n, rest)| (u16::from_be_bytes(*n) as usize, rest))?,
        127 => rest.split_first_chunk::<8>().map(|(n, rest)| (u64::from_be_bytes(*n) as usize, rest))?,
        short => (short as usize, rest),
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_length_class_are_read_back() {
        let lengths = [0, 1, 125, 126, 127, 65_535, 65_536];
        let mut frames = BytesMut::new();
        lengths.iter().for_each(|&n| push_text(&mut frames, &"x".repeat(n)));
        let read: Vec<_> = texts(&frames).map(str::len).collect();
        assert_eq!(read, lengths);
    }

    #[test]
    fn a_frame_that_has_begun_is_followed_to_its_end_and_no_further() {
        let mut frames = BytesMut::new();
        ["a".repeat(3), "b".repeat(200)].iter().for_each(|text| push_text(&mut frames, text));
        assert_eq!([0, 1, 4, 5].map(|at| end_of_frame(&frames, at)), [0, 5, 5, 5]);
        assert_eq!([6, 208, 209].map(|at| end_of_frame(&frames, at)), [209, 209, 209]);
    }
}
