//! RTMP's handshake in its plain form (section 5.2): three packets of fixed length each way, which prove nothing.
//! It must not know what is said afterwards.

use crate::media::rtmp::{chunks::guard::Guard, refusal::Refusal};
use bytes::{Buf, BufMut, BytesMut};

const VERSION: u8 = 3;
const PACKET: usize = 1536;
/// How a TLS client begins: somebody has set up `rtmps`.
const TLS: u8 = 0x16;

/// How far a handshake is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Handshake {
    /// The version and the peer's packet are awaited.
    Hello,
    /// The peer's echo of ours is awaited.
    Echo,
    Done,
}

impl Handshake {
    /// Takes what has come, and writes what is to be answered.
    pub(super) fn read(
        &mut self,
        input: &mut BytesMut,
        output: &mut BytesMut,
        guard: &mut Guard,
    ) -> Result<(), Refusal> {
        if *self == Handshake::Hello {
            check_version(input)?;
            if input.len() <= PACKET {
                return Ok(());
            }
            guard.read(1 + PACKET)?;
            input.advance(1);
            answer(&input[..PACKET], output);
            input.advance(PACKET);
            *self = Handshake::Echo;
        }
        if *self == Handshake::Echo && input.len() >= PACKET {
            guard.read(PACKET)?;
            input.advance(PACKET);
            *self = Handshake::Done;
        }
        Ok(())
    }
}

fn check_version(input: &BytesMut) -> Result<(), Refusal> {
    match input.first() {
        None | Some(&VERSION) => Ok(()),
        Some(&TLS) => Err(Refusal::Protocol("TLS is not spoken here, the address begins with rtmp://")),
        Some(_) => Err(Refusal::Protocol("its first byte is not version 3")),
    }
}

/// Our version, our packet and the echo of theirs. Its bytes are there to be told from others; nothing is secret in them.
fn answer(theirs: &[u8], output: &mut BytesMut) {
    output.put_u8(VERSION);
    output.put_bytes(0, 8);
    output.extend((8..PACKET).map(|at| ((at * 167) >> 3) as u8));
    output.put_slice(theirs);
}
