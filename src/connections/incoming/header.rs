//! The header of a client's WebSocket frame (RFC 6455 §5.2), read byte by byte.
//! It must not know what is allowed where, only what one header says.

/// What a frame is; pings and pongs are the same to whoever counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A further fragment of the message that has begun.
    Continuation,
    /// The start of a text, or the whole.
    Text,
    /// The start of a binary message, or the whole.
    Binary,
    /// The end of the connection.
    Close,
    PingOrPong,
}

impl Kind {
    /// Whether it may stand between the fragments of a message.
    pub(crate) fn is_control(self) -> bool {
        matches!(self, Kind::Close | Kind::PingOrPong)
    }
}

/// A header as far as it came: 2 bytes, then 0, 2 or 8 of length, then 4 of mask.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Header {
    bytes: [u8; 14],
    filled: usize,
}

/// The longest header of a masked frame, in bytes.
pub(crate) const HEADER_BYTES_MAX: usize = 14;
/// The bit of a first byte that says so of the message that begins with it.
pub(crate) const COMPRESSED: u8 = 0x40;
const MASK_BYTES: usize = 4;
const LENGTH_OF_16_BITS: u8 = 126;
const LENGTH_OF_64_BITS: u8 = 127;

impl Header {
    /// Takes the next byte; not to be called once the header is whole.
    pub(crate) fn push(&mut self, byte: u8) {
        self.bytes[self.filled] = byte;
        self.filled += 1;
    }

    /// How many bytes came.
    pub(crate) fn filled(&self) -> usize {
        self.filled
    }

    /// Whether all came; never before the second.
    pub(crate) fn is_whole(&self) -> bool {
        self.filled >= 2 && self.filled == self.length_end() + MASK_BYTES
    }

    /// Whether the last byte to come completed the length.
    pub(crate) fn length_is_new(&self) -> bool {
        self.filled >= 2 && self.filled == self.length_end()
    }

    /// The kind, none where the opcode is reserved. From the first byte on.
    pub(crate) fn kind(&self) -> Option<Kind> {
        match self.bytes[0] & 0x0F {
            0 => Some(Kind::Continuation),
            1 => Some(Kind::Text),
            2 => Some(Kind::Binary),
            8 => Some(Kind::Close),
            9 | 10 => Some(Kind::PingOrPong),
            _ => None,
        }
    }

    /// Whether it ends its message. From the first byte on.
    pub(crate) fn is_last(&self) -> bool {
        self.bytes[0] & 0x80 != 0
    }

    /// Whether a bit of an extension is set that is never agreed on. From the first byte on.
    pub(crate) fn has_reserved_bits(&self) -> bool {
        self.bytes[0] & 0x30 != 0
    }

    /// Whether it says that its message is compressed (RFC 7692, section 6). From the first byte on.
    pub(crate) fn is_compressed(&self) -> bool {
        self.bytes[0] & COMPRESSED != 0
    }

    /// Whether the payload is masked, as a client's must be. From the second byte on.
    pub(crate) fn is_masked(&self) -> bool {
        self.bytes[1] & 0x80 != 0
    }

    /// Whether the length is written in its short form, up to 125 bytes. From the second byte on.
    pub(crate) fn is_short(&self) -> bool {
        self.short_length() < LENGTH_OF_16_BITS
    }

    /// The payload's length in bytes, none where it is not written in the shortest form or has the top bit set.
    /// From the last byte of the length on.
    pub(crate) fn length(&self) -> Option<u64> {
        let of_16_bits = || u64::from(u16::from_be_bytes([self.bytes[2], self.bytes[3]]));
        match self.short_length() {
            LENGTH_OF_16_BITS => Some(of_16_bits()).filter(|length| *length >= u64::from(LENGTH_OF_16_BITS)),
            LENGTH_OF_64_BITS => {
                let bytes = self.bytes[2..10].try_into().ok().map(u64::from_be_bytes);
                bytes.filter(|length| (0x1_0000..1 << 63).contains(length))
            }
            short => Some(u64::from(short)),
        }
    }

    /// What the payload is XORed with. From the last byte on.
    pub(crate) fn mask(&self) -> [u8; 4] {
        let at = self.length_end();
        [self.bytes[at], self.bytes[at + 1], self.bytes[at + 2], self.bytes[at + 3]]
    }

    fn short_length(&self) -> u8 {
        self.bytes[1] & 0x7F
    }

    fn length_end(&self) -> usize {
        match self.short_length() {
            LENGTH_OF_16_BITS => 4,
            LENGTH_OF_64_BITS => 10,
            _ => 2,
        }
    }
}
