//! Chunks as peers write them, for tests.
//! It must not know what messages mean.

/// A chunk stream id, a kind, and a body in one chunk with a whole header.
pub(crate) fn message(stream: u32, time: u32, kind: u8, body: &[u8]) -> Vec<u8> {
    [header(stream, time, kind, body.len()), body.to_vec()].concat()
}

/// The same in chunks of so many bytes.
pub(crate) fn message_in_chunks(stream: u32, time: u32, kind: u8, body: &[u8], size: usize) -> Vec<u8> {
    let mut chunks = body.chunks(size);
    let mut bytes = header(stream, time, kind, body.len());
    bytes.extend(chunks.next().unwrap_or_default());
    for chunk in chunks {
        bytes.extend(basic(3, stream));
        bytes.extend(chunk);
    }
    bytes
}

/// A whole header that announces so many bytes.
pub(crate) fn header(stream: u32, time: u32, kind: u8, length: usize) -> Vec<u8> {
    let mut bytes = basic(0, stream);
    bytes.extend(&time.to_be_bytes()[1..]);
    bytes.extend(&(length as u32).to_be_bytes()[1..]);
    bytes.push(kind);
    bytes.extend(1_u32.to_le_bytes());
    bytes
}

/// The first bytes of a chunk.
pub(crate) fn basic(format: u8, stream: u32) -> Vec<u8> {
    match stream {
        2..=63 => vec![format << 6 | stream as u8],
        64..=319 => vec![format << 6, (stream - 64) as u8],
        _ => vec![format << 6 | 1, ((stream - 64) & 255) as u8, ((stream - 64) >> 8) as u8],
    }
}
