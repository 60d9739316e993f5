//! The header of one RTMP chunk (Adobe's RTMP 1.0, section 5.3.1), read from bytes that may end anywhere.
//! It must not know what came before it, but for what it is told.

/// Where an extended timestamp follows.
const EXTENDED: u32 = 0xFF_FFFF;

/// The first one to three bytes of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BasicHeader {
    /// How much of the message's header follows: 0 is all, 3 is nothing.
    pub format: u8,
    /// Chunk stream id, 2 to 65,599.
    pub stream: u32,
    /// Its own length in bytes.
    pub bytes: usize,
}

impl BasicHeader {
    /// None where more bytes are needed.
    pub(crate) fn read(input: &[u8]) -> Option<Self> {
        let first = *input.first()?;
        let (stream, bytes) = match first & 0x3F {
            0 => (64 + u32::from(*input.get(1)?), 2),
            1 => (64 + u32::from(*input.get(1)?) + 256 * u32::from(*input.get(2)?), 3),
            short => (u32::from(short), 1),
        };
        Some(BasicHeader { format: first >> 6, stream, bytes })
    }
}

/// What is said of a message, as far as its chunk's header repeats it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MessageHeader {
    /// Milliseconds: absolute in format 0, else since the message before.
    pub time: Option<u32>,
    /// Whether the time stands in four bytes of its own; then it does so in the chunks that follow, too.
    pub is_extended: bool,
    /// Length of the message in bytes.
    pub length: Option<usize>,
    pub kind: Option<u8>,
    /// Its own length in bytes.
    pub bytes: usize,
}

impl MessageHeader {
    /// What follows a basic header of `format`; `was_extended` is of the header before on the same chunk stream.
    /// None where more bytes are needed.
    pub(crate) fn read(format: u8, was_extended: bool, input: &[u8]) -> Option<Self> {
        let mut header = MessageHeader {
            bytes: [11, 7, 3, 0][usize::from(format & 3)],
            is_extended: was_extended,
            ..MessageHeader::default()
        };
        // Format 0 ends with the message stream's id: each connection has one that counts.
        let fields = input.get(..header.bytes)?;
        if format <= 2 {
            let time = of_24_bits(&fields[..3]);
            header.time = Some(time);
            header.is_extended = time == EXTENDED;
        }
        if format <= 1 {
            header.length = usize::try_from(of_24_bits(&fields[3..6])).ok();
            header.kind = Some(fields[6]);
        }
        if header.is_extended {
            let time = input.get(header.bytes..header.bytes + 4)?;
            header.bytes += 4;
            header.time = header.time.and(time.try_into().ok().map(u32::from_be_bytes));
        }
        Some(header)
    }
}

fn of_24_bits(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
