//! Puts messages together from RTMP chunks, behind the guard; memory grows by what came, never by what is announced.
//! It must not know what messages mean, but for the two that are about chunks themselves.

pub(crate) mod guard;
mod header;
#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;

use super::refusal::Refusal;
use bytes::{Buf, Bytes, BytesMut};
use guard::Guard;
use header::{BasicHeader, MessageHeader};

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Milliseconds; begins anew after 2^32.
    pub time: u32,
    pub kind: u8,
    pub body: Bytes,
}

/// Length of chunks until a peer announces another.
const CHUNK_BYTES_AT_START: usize = 128;
const SET_CHUNK_SIZE: u8 = 1;
const ABORT: u8 = 2;

/// Reads one peer's chunks.
#[derive(Debug)]
pub(crate) struct ChunkReader {
    guard: Guard,
    chunk_bytes: usize,
    streams: Vec<ChunkStream>,
    open: Option<OpenChunk>,
}

/// The chunk whose header was read.
#[derive(Clone, Copy, Debug)]
struct OpenChunk {
    /// Its place in `streams`.
    stream: usize,
    /// Bytes that are still to come.
    left: usize,
}

/// What is remembered of a chunk stream from one chunk to the next.
#[derive(Debug, Default)]
struct ChunkStream {
    id: u32,
    time: u32,
    /// What a message without a time of its own adds to it.
    step: u32,
    is_extended: bool,
    length: usize,
    kind: u8,
    /// As much of the message under way as came; none between messages.
    body: Option<BytesMut>,
}

impl ChunkReader {
    /// Of a peer whose chunks begin with what is read next.
    pub(crate) fn new(guard: Guard) -> Self {
        ChunkReader { guard, chunk_bytes: CHUNK_BYTES_AT_START, streams: Vec::new(), open: None }
    }

    /// What is counted of this peer.
    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }

    /// The same, to count what is read beside chunks.
    pub(crate) fn guard_mut(&mut self) -> &mut Guard {
        &mut self.guard
    }

    /// Room that is taken for messages under way, which grows by what came.
    #[cfg(test)]
    fn kept_bytes(&self) -> usize {
        self.streams.iter().filter_map(|stream| stream.body.as_ref()).map(BytesMut::capacity).sum()
    }

    /// The key is accepted: messages may be so long.
    pub(crate) fn admit(&mut self, message_bytes: usize) {
        self.guard.admit(message_bytes);
    }

    /// Takes bytes up to the end of the next message; none where more are needed.
    pub(crate) fn read(&mut self, input: &mut BytesMut) -> Result<Option<Message>, Refusal> {
        loop {
            let Some(chunk) = self.open_chunk(input)? else { return Ok(None) };
            if !self.read_payload(chunk, input)? {
                return Ok(None);
            }
            let Some(message) = self.take_message(chunk.stream) else { continue };
            match message.kind {
                SET_CHUNK_SIZE => {
                    self.chunk_bytes = self.guard.chunk_bytes(number(&message)? & 0x7FFF_FFFF)?
                }
                ABORT => self.abort(number(&message)?),
                _ => return Ok(Some(message)),
            }
        }
    }

    /// The chunk under way, or the next one once its header is whole.
    fn open_chunk(&mut self, input: &mut BytesMut) -> Result<Option<OpenChunk>, Refusal> {
        if let Some(open) = self.open {
            return Ok(Some(open));
        }
        let Some(basic) = BasicHeader::read(input) else { return Ok(None) };
        let known = self.streams.iter().position(|stream| stream.id == basic.stream);
        let was_extended = known.is_some_and(|place| self.streams[place].is_extended);
        let Some(header) = MessageHeader::read(basic.format, was_extended, &input[basic.bytes..]) else {
            return Ok(None);
        };
        let place = match known {
            Some(place) => place,
            None => self.add_stream(basic)?,
        };
        let bytes = basic.bytes + header.bytes;
        self.guard.read(bytes)?;
        input.advance(bytes);
        let stream = &mut self.streams[place];
        let have = stream.continue_or_begin(basic.format, header, &self.guard)?;
        let open = OpenChunk { stream: place, left: self.chunk_bytes.min(stream.length - have) };
        self.open = Some(open);
        Ok(self.open)
    }

    fn add_stream(&mut self, basic: BasicHeader) -> Result<usize, Refusal> {
        // Those that descend from librtmp begin their control stream without the message stream's id (format 1).
        if basic.format > 1 {
            return Err(Refusal::Protocol("a chunk stream that begins without a whole header"));
        }
        self.guard.open_stream(self.streams.len())?;
        self.streams.push(ChunkStream { id: basic.stream, ..ChunkStream::default() });
        Ok(self.streams.len() - 1)
    }

    /// Takes what has come of a chunk; whether that was all.
    fn read_payload(&mut self, mut chunk: OpenChunk, input: &mut BytesMut) -> Result<bool, Refusal> {
        let bytes = chunk.left.min(input.len());
        self.guard.read(bytes)?;
        self.guard.keep(bytes)?;
        if let Some(body) = &mut self.streams[chunk.stream].body {
            body.extend_from_slice(&input[..bytes]);
        }
        input.advance(bytes);
        chunk.left -= bytes;
        self.open = (chunk.left > 0).then_some(chunk);
        Ok(chunk.left == 0)
    }

    /// The message of a chunk stream, if it is whole.
    fn take_message(&mut self, place: usize) -> Option<Message> {
        let stream = &mut self.streams[place];
        let body = stream.body.take_if(|body| body.len() == stream.length)?.freeze();
        self.guard.release(body.len());
        Some(Message { time: stream.time, kind: stream.kind, body })
    }

    /// The peer will not end the message that it has begun on a chunk stream.
    fn abort(&mut self, id: u32) {
        let stream = self.streams.iter_mut().find(|stream| stream.id == id);
        if let Some(body) = stream.and_then(|stream| stream.body.take()) {
            self.guard.release(body.len());
        }
    }
}

impl ChunkStream {
    /// What a chunk's header means here; how much of its message came before.
    fn continue_or_begin(
        &mut self,
        format: u8,
        header: MessageHeader,
        guard: &Guard,
    ) -> Result<usize, Refusal> {
        if let Some(body) = &self.body {
            return match format {
                3 => Ok(body.len()),
                _ => Err(Refusal::Protocol("a message that begins before the one under way has ended")),
            };
        }
        let length = header.length.unwrap_or(self.length);
        guard.begin_message(length)?;
        self.length = length;
        self.kind = header.kind.unwrap_or(self.kind);
        self.is_extended = header.is_extended;
        self.step = header.time.unwrap_or(self.step);
        self.time = if format == 0 { self.step } else { self.time.wrapping_add(self.step) };
        self.body = Some(BytesMut::new());
        Ok(0)
    }
}

/// The number that a message about chunks consists of.
fn number(message: &Message) -> Result<u32, Refusal> {
    let four = message.body.get(..4).and_then(|four| four.try_into().ok());
    four.map(u32::from_be_bytes).ok_or(Refusal::Protocol("a control message that is too short"))
}
