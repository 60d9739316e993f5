//! One compressed message back as it was written (RFC 7692, section 7.2.2), under a limit.
//! It must not know what the message says, nor keep anything of it for the next.

use crate::wire::{Close, framing::DEFLATE_TAIL};
use actix_web::web::Bytes;
use flate2::{Decompress, FlushDecompress, Status};

/// How much is expected to come of a byte: most messages need no second piece of memory.
const USUAL_RATIO: usize = 4;

/// Inflates a message to at most `bytes_max` bytes; it is read no further than it takes to know that it has more. No message
/// refers to the one before, which is agreed on with every client, so that nothing is kept in between.
/// Errors: [`Close::TooBig`] where it has more; [`Close::BadUtf8`], the code of data that is not what it should be, where it is
/// no compressed data.
pub(crate) fn inflate(message: &[u8], bytes_max: usize) -> Result<Bytes, Close> {
    let mut inflater = Decompress::new(false);
    let mut inflated = Vec::with_capacity(message.len().saturating_mul(USUAL_RATIO).min(bytes_max + 1));
    // A message may end with a last block, of which the sender's empty one is left out, too.
    if read(&mut inflater, message, &mut inflated, bytes_max)? != Status::StreamEnd {
        read(&mut inflater, &DEFLATE_TAIL, &mut inflated, bytes_max)?;
    }
    Ok(inflated.into())
}

/// Reads all of `bytes`, be it in several streams.
fn read(
    inflater: &mut Decompress,
    mut bytes: &[u8],
    inflated: &mut Vec<u8>,
    bytes_max: usize,
) -> Result<Status, Close> {
    loop {
        let before = inflater.total_in();
        let status =
            inflater.decompress_vec(bytes, inflated, FlushDecompress::Sync).map_err(|_| Close::BadUtf8)?;
        bytes = &bytes[(inflater.total_in() - before) as usize..];
        if inflated.len() > bytes_max {
            return Err(Close::TooBig);
        }
        let is_full = inflated.len() == inflated.capacity();
        match status {
            Status::StreamEnd if bytes.is_empty() => return Ok(status),
            Status::StreamEnd => inflater.reset(false),
            // There may be more of what was read already.
            _ if is_full => grow(inflated, bytes_max),
            _ if bytes.is_empty() => return Ok(status),
            _ => return Err(Close::BadUtf8),
        }
    }
}

/// Makes room for as much again, and for one byte too many at most.
fn grow(inflated: &mut Vec<u8>, bytes_max: usize) {
    let more = inflated.len().max(64).min(bytes_max + 1 - inflated.len());
    inflated.reserve_exact(more);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use flate2::{Compress, Compression, FlushCompress};

    /// As a client sends it, at this level; 0 compresses nothing.
    pub(crate) fn deflate(text: &[u8], level: u32) -> Vec<u8> {
        let mut compress = Compress::new(Compression::new(level), false);
        let mut out = Vec::with_capacity(text.len() * 2 + 100);
        compress.compress_vec(text, &mut out, FlushCompress::Sync).unwrap();
        assert_eq!(out.split_off(out.len() - 4), DEFLATE_TAIL);
        out
    }

    #[test]
    fn what_was_compressed_comes_back_whatever_its_length_and_level() {
        for level in [0, 1, 6, 9] {
            for length in [0, 1, 63, 64, 65, 4095, 4096] {
                let text: Vec<u8> = (0..length).map(|at| (at * at % 251) as u8).collect();
                assert_eq!(inflate(&deflate(&text, level), 4096), Ok(text.into()), "{level}, {length}");
            }
        }
    }

    #[test]
    fn one_byte_too_many_is_too_big_and_of_a_bomb_no_more_is_kept() {
        let fits = vec![b'a'; 4096];
        assert_eq!(inflate(&deflate(&fits, 6), 4096).map(|bytes| bytes.len()), Ok(4096));
        for length in [4097, 10 << 20] {
            let bomb = deflate(&vec![b'a'; length], 9);
            assert_eq!(inflate(&bomb, 4096), Err(Close::TooBig), "{length}");
            let mut inflated = Vec::new();
            assert_eq!(read(&mut Decompress::new(false), &bomb, &mut inflated, 4096), Err(Close::TooBig));
            assert_eq!(inflated.capacity(), 4097, "room for one byte too many");
        }
    }

    #[test]
    fn nothing_is_kept_of_what_came_before() {
        let mut compress = Compress::new(Compression::new(6), false);
        let mut said = |text: &[u8]| {
            let mut out = Vec::with_capacity(500);
            compress.compress_vec(text, &mut out, FlushCompress::Sync).unwrap();
            out.truncate(out.len() - 4);
            out
        };
        let text = b"it was the best of times, it was the worst of times";
        let (first, second) = (said(text), said(text));
        assert_eq!(inflate(&first, 4096), Ok(Bytes::from_static(text)));
        assert_eq!(inflate(&second, 4096), Err(Close::BadUtf8), "it refers to the one before");
    }

    #[test]
    fn a_last_block_ends_no_message() {
        let mut compress = Compress::new(Compression::new(6), false);
        let mut out = Vec::with_capacity(500);
        compress.compress_vec(b"Hello", &mut out, FlushCompress::Finish).unwrap();
        assert_eq!(inflate(&out, 5), Ok(Bytes::from_static(b"Hello")), "with nothing after it");
        let twice = [&out[..], &out].concat();
        assert_eq!(inflate(&twice, 10), Ok(Bytes::from_static(b"HelloHello")));
        assert_eq!(inflate(&twice, 9), Err(Close::TooBig));
        out.push(0);
        assert_eq!(inflate(&out, 5), Ok(Bytes::from_static(b"Hello")), "as RFC 7692, section 7.2.3.5 has it");
    }

    #[test]
    fn what_is_no_compressed_data_is_bad_data() {
        for bytes in [&[7][..], &[0xff; 40], b"plain text", &[0x06, 0xff, 0xff]] {
            assert_eq!(inflate(bytes, 4096), Err(Close::BadUtf8), "{bytes:?}");
        }
    }
}
