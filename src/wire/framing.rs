//! WebSocket framing of what the server says, done once for all viewers (RFC 6455, section 5.2: unmasked).
//! It must not know who reads.

use bytes::{BufMut, BytesMut};

/// A ping without payload.
pub(crate) const PING: [u8; 2] = [0x89, 0];

/// Appends one text frame.
pub(crate) fn push_text(out: &mut BytesMut, text: &str) {
    out.reserve(text.len() + 10);
    out.put_u8(0x81); // FIN, text
    match text.len() {
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
    out.put_slice(text.as_bytes());
}

/// Reads back the texts of a run of frames made by [`push_text`]: for readers of another protocol (server-sent events).
pub(crate) fn texts(mut frames: &[u8]) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (text, rest) = split_frame(frames)?;
        frames = rest;
        std::str::from_utf8(text).ok()
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
