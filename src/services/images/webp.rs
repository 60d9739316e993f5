//! What the frames of a WebP say of their own size, which need not be what its header says.
//! It must not decode anything.

/// Name, size and first bytes of a chunk with a lossy frame, up to its width and height (RFC 9649, 2.5; RFC 6386, 9.1).
const HEAD: usize = 18;
/// Where those begin, and what stands before them.
const SIZE: usize = 14;
const START_CODE: [u8; 3] = [0x9d, 0x01, 0x2a];
/// Of both numbers: the other two bits say how to scale.
const FOURTEEN_BITS: u16 = 0x3fff;

/// Whether a frame is larger than the image: the decoder finds that out when it has decoded it. All places are looked at,
/// so that nobody need read the chunks as the decoder does.
pub(super) fn has_larger_frame(bytes: &[u8], (width, height): (u32, u32)) -> bool {
    let is_frame = |head: &&[u8]| head.starts_with(b"VP8 ") && head[SIZE - 3..SIZE] == START_CODE;
    let mut frames = bytes.windows(HEAD).filter(is_frame);
    frames.any(|head| number(head, SIZE) > width || number(head, SIZE + 2) > height)
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]) & FOURTEEN_BITS)
}
