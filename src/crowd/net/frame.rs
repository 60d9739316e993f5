//! RFC 6455 as a client needs it: server frames out of a buffer, masked client frames into one.
//! It must not know sockets, nor what a frame says.

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// One frame as the server sent it, its payload still in the buffer it was read into.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame<'a> {
    pub fin: bool,
    pub opcode: u8,
    /// Whether the message that begins with it is compressed (RFC 7692).
    pub compressed: bool,
    pub payload: &'a [u8],
}

/// What the front of a buffer holds.
#[derive(Debug, PartialEq)]
pub(crate) enum Front<'a> {
    /// A whole frame and the bytes it takes.
    Whole(Frame<'a>, usize),
    /// Not all of it is here yet.
    Partial,
    /// Not what a server may send.
    Broken(&'static str),
}

/// Looks at the front of `bytes` for one frame.
pub(crate) fn front(bytes: &[u8]) -> Front<'_> {
    let [first, second, rest @ ..] = bytes else { return Front::Partial };
    if first & 0x30 != 0 {
        return Front::Broken("an extension bit that was not negotiated");
    }
    if second & 0x80 != 0 {
        return Front::Broken("a masked frame from the server");
    }
    let (length, header) = match second & 0x7f {
        126 => match rest.first_chunk::<2>() {
            Some(size) => (u64::from(u16::from_be_bytes(*size)), 4),
            None => return Front::Partial,
        },
        127 => match rest.first_chunk::<8>() {
            Some(size) => (u64::from_be_bytes(*size), 10),
            None => return Front::Partial,
        },
        short => (u64::from(short), 2),
    };
    let Some(end) = usize::try_from(length).ok().and_then(|length| length.checked_add(header)) else {
        return Front::Broken("a length beyond this machine");
    };
    match bytes.get(header..end) {
        Some(payload) => {
            let (fin, compressed) = (first & 0x80 != 0, first & 0x40 != 0);
            Front::Whole(Frame { fin, opcode: first & 0x0f, compressed, payload }, end)
        }
        None => Front::Partial,
    }
}

/// Appends one whole masked frame to `out`.
pub(crate) fn encode(out: &mut Vec<u8>, opcode: u8, payload: &[u8], key: [u8; 4]) {
    out.push(0x80 | opcode);
    match payload.len() {
        short @ 0..=125 => out.push(0x80 | short as u8),
        middle @ 126..=0xffff => {
            out.push(0x80 | 126);
            out.extend_from_slice(&(middle as u16).to_be_bytes());
        }
        long => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&key);
    out.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
}

/// The close frame of who leaves, as a browser says it that closes a tab.
pub(crate) fn goodbye(key: [u8; 4]) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&mut out, CLOSE, &1001u16.to_be_bytes(), key);
    out
}

/// The code of a close frame's payload, where it has one.
pub(crate) fn close_code(payload: &[u8]) -> Option<u16> {
    payload.first_chunk::<2>().map(|code| u16::from_be_bytes(*code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_frame(payload: &[u8]) -> Vec<u8> {
        let mut out = vec![0x80 | TEXT];
        match payload.len() {
            short @ 0..=125 => out.push(short as u8),
            middle @ 126..=0xffff => {
                out.push(126);
                out.extend_from_slice(&(middle as u16).to_be_bytes());
            }
            long => {
                out.push(127);
                out.extend_from_slice(&(long as u64).to_be_bytes());
            }
        }
        out.extend_from_slice(payload);
        out
    }

    #[test]
    fn a_frame_of_every_length_class_is_read_and_measured() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let mut bytes = server_frame(&payload);
            let whole = bytes.len();
            bytes.extend_from_slice(b"next");
            let Front::Whole(frame, end) = front(&bytes) else { panic!("{length}: not whole") };
            assert_eq!((frame.fin, frame.opcode, frame.payload, end), (true, TEXT, &payload[..], whole));
        }
    }

    #[test]
    fn every_cut_of_a_frame_is_partial() {
        let bytes = server_frame(&[b'y'; 300]);
        for cut in 0..bytes.len() {
            assert_eq!(front(&bytes[..cut]), Front::Partial, "cut at {cut}");
        }
    }

    #[test]
    fn a_masked_or_extended_server_frame_is_broken() {
        assert!(matches!(front(&[0x81, 0x81, 0, 0, 0, 0, 0]), Front::Broken(_)));
        assert!(matches!(front(&[0xa1, 0x01, 0]), Front::Broken(_)));
    }

    #[test]
    fn a_client_frame_unmasks_to_what_was_put_in() {
        let mut out = Vec::new();
        encode(&mut out, TEXT, b"hello there", [1, 2, 3, 4]);
        assert_eq!(out[..2], [0x81, 0x80 | 11]);
        let clear: Vec<u8> = out[6..].iter().zip([1u8, 2, 3, 4].iter().cycle()).map(|(b, k)| b ^ k).collect();
        assert_eq!(clear, b"hello there");
    }
}
