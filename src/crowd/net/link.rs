//! One open WebSocket: bytes in, whole texts out, pings answered. It must not know what a text says.

use super::{
    frame::{self, Front},
    line::Line,
};
use crate::crowd::stamp::Clock;
use flate2::{Decompress, FlushDecompress};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::either::Either;

/// Most a thread's buffer grows to: the longest message the crowd reads.
const LONGEST_MESSAGE: usize = 16 << 20;
const FIRST_BUFFER: usize = 256 << 10;

/// How a socket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The server closed it, with a code where it said one.
    Closed(Option<u16>),
    /// The line broke.
    Lost(String),
    /// The server sent what RFC 6455 does not allow.
    Broken(&'static str),
}

/// The buffer that all sockets of one thread read into, one after the other, and when that was.
pub(crate) struct Scratch {
    bytes: Vec<u8>,
    clock: Clock,
    read_us: u64,
    /// What a compressed message says.
    text: Vec<u8>,
}

impl Scratch {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { bytes: vec![0; FIRST_BUFFER], clock, read_us: 0, text: Vec::new() }
    }
}

/// How a text came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Came {
    pub read_us: u64,
    /// As many as travelled, whatever they say.
    pub bytes: usize,
}

/// Texts to answer with.
pub(crate) type Answers = Vec<&'static str>;

pub(crate) struct Link {
    /// None once it has been given away.
    line: Option<Line>,
    /// Bytes of a message that is not all here yet.
    partial: Vec<u8>,
    /// Fragments before the current one.
    fragments: Option<Vec<u8>>,
    /// Where what comes may be compressed: one context for all of it.
    inflate: Option<Decompress>,
    out: Vec<u8>,
    mask: u32,
}

impl Link {
    /// `ahead` is what arrived together with the handshake's answer, which says whether what comes may be compressed.
    pub(crate) fn new(line: Line, ahead: Vec<u8>, deflates: bool) -> Self {
        let inflate = deflates.then(|| Decompress::new(false));
        let (fragments, out) = (None, Vec::new());
        Self { line: Some(line), partial: ahead, fragments, inflate, out, mask: 0x9e37_79b9 }
    }

    /// Queues a text; [`Link::poll`] writes it.
    pub(crate) fn say(&mut self, text: &str) {
        let key = next_mask(&mut self.mask);
        frame::encode(&mut self.out, frame::TEXT, text.as_bytes(), key);
    }

    /// Bytes that are waiting to be written.
    pub(crate) fn unwritten(&self) -> usize {
        self.out.len()
    }

    /// The bare socket, for a viewer that will read no more frames.
    pub(crate) fn plain(&self) -> Option<&TcpStream> {
        match &self.line {
            Some(Either::Left(stream)) => Some(stream),
            _ => None,
        }
    }

    /// Lets somebody else read the bare socket from here on; with it comes what has been read of a message.
    pub(crate) fn give_away(mut self) -> Option<(TcpStream, Vec<u8>)> {
        match self.line.take() {
            Some(Either::Left(stream)) => Some((stream, std::mem::take(&mut self.partial))),
            _ => None,
        }
    }

    /// Runs until the socket ends. `hear` gets each text with how it came, and may append texts to answer with.
    pub(crate) async fn run(
        &mut self,
        scratch: &std::cell::RefCell<Scratch>,
        mut hear: impl FnMut(&[u8], Came, &mut Answers),
    ) -> Ending {
        poll_fn(|cx| self.poll(cx, &mut scratch.borrow_mut(), &mut hear)).await
    }

    /// Writes what is queued and reads what is there; ready once the socket has ended.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        scratch: &mut Scratch,
        hear: &mut impl FnMut(&[u8], Came, &mut Answers),
    ) -> Poll<Ending> {
        if !self.partial.is_empty() {
            let ahead = std::mem::take(&mut self.partial);
            scratch.bytes[..ahead.len()].copy_from_slice(&ahead);
            scratch.read_us = scratch.clock.now_us();
            if let Err(ending) = self.digest(scratch, ahead.len(), hear) {
                return Poll::Ready(ending);
            }
        }
        loop {
            if let Err(error) = self.flush(cx) {
                return Poll::Ready(Ending::Lost(error.kind().to_string()));
            }
            let start = self.partial.len();
            if start == scratch.bytes.len() {
                if start >= LONGEST_MESSAGE {
                    return Poll::Ready(Ending::Broken("a message longer than 16 MiB"));
                }
                scratch.bytes.resize(start * 2, 0);
            }
            let mut buffer = ReadBuf::new(&mut scratch.bytes[start..]);
            let Some(line) = &mut self.line else { return Poll::Ready(Ending::Closed(None)) };
            let read = match ready!(Pin::new(line).poll_read(cx, &mut buffer)) {
                Ok(()) => buffer.filled().len(),
                Err(error) => return Poll::Ready(Ending::Lost(error.kind().to_string())),
            };
            if read == 0 {
                return Poll::Ready(Ending::Closed(None));
            }
            scratch.read_us = scratch.clock.now_us();
            if start > 0 {
                let partial = std::mem::take(&mut self.partial);
                scratch.bytes[..start].copy_from_slice(&partial);
            }
            if let Err(ending) = self.digest(scratch, start + read, hear) {
                return Poll::Ready(ending);
            }
        }
    }

    /// Takes all whole frames from the front of the buffer and keeps the rest.
    fn digest(
        &mut self,
        scratch: &mut Scratch,
        filled: usize,
        hear: &mut impl FnMut(&[u8], Came, &mut Answers),
    ) -> Result<(), Ending> {
        let Scratch { bytes, read_us, text, .. } = scratch;
        let (mut bytes, read_us, mut answers) = (&bytes[..filled], *read_us, Vec::new());
        loop {
            match frame::front(bytes) {
                Front::Whole(frame, end) => {
                    let came = Came { read_us, bytes: frame.payload.len() };
                    if frame.compressed {
                        self.inflate(&frame, text)?;
                        hear(text, came, &mut answers);
                    } else if frame.opcode == frame::TEXT && frame.fin {
                        hear(frame.payload, came, &mut answers);
                    } else {
                        self.take_other(&frame, read_us, hear, &mut answers)?;
                    }
                    bytes = &bytes[end..];
                }
                Front::Partial => break,
                Front::Broken(why) => return Err(Ending::Broken(why)),
            }
        }
        for answer in answers {
            self.say(answer);
        }
        self.partial = bytes.to_vec();
        Ok(())
    }

    /// What a compressed message says, in `text`.
    fn inflate(&mut self, frame: &frame::Frame<'_>, text: &mut Vec<u8>) -> Result<(), Ending> {
        let whole = frame.fin && frame.opcode == frame::TEXT;
        let Some(inflate) = self.inflate.as_mut().filter(|_| whole) else {
            return Err(Ending::Broken("compressed, where that may not be"));
        };
        text.clear();
        for mut bytes in [frame.payload, &[0, 0, 0xff, 0xff]] {
            loop {
                text.reserve(bytes.len().saturating_mul(4).max(64));
                let before = inflate.total_in();
                let read = inflate.decompress_vec(bytes, text, FlushDecompress::Sync);
                read.map_err(|_| Ending::Broken("what cannot be inflated"))?;
                bytes = &bytes[(inflate.total_in() - before) as usize..];
                // With room to spare, there is no more of it.
                if bytes.is_empty() && text.len() < text.capacity() {
                    break;
                }
            }
        }
        Ok(())
    }

    fn take_other(
        &mut self,
        frame: &frame::Frame<'_>,
        read_us: u64,
        hear: &mut impl FnMut(&[u8], Came, &mut Answers),
        answers: &mut Answers,
    ) -> Result<(), Ending> {
        match frame.opcode {
            frame::PING => {
                let key = next_mask(&mut self.mask);
                frame::encode(&mut self.out, frame::PONG, frame.payload, key);
            }
            frame::PONG => {}
            frame::CLOSE => return Err(Ending::Closed(frame::close_code(frame.payload))),
            frame::TEXT => self.fragments = Some(frame.payload.to_vec()),
            frame::CONTINUATION => {
                let Some(whole) = &mut self.fragments else {
                    return Err(Ending::Broken("a continuation of nothing"));
                };
                whole.extend_from_slice(frame.payload);
                if frame.fin {
                    let whole = self.fragments.take().unwrap_or_default();
                    hear(&whole, Came { read_us, bytes: whole.len() }, answers);
                }
            }
            _ => return Err(Ending::Broken("a frame that is neither text nor control")),
        }
        Ok(())
    }

    fn flush(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let Some(line) = &mut self.line else { return Ok(()) };
        while !self.out.is_empty() {
            match Pin::new(&mut *line).poll_write(cx, &self.out)? {
                Poll::Ready(0) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(written) => drop(self.out.drain(..written)),
                Poll::Pending => return Ok(()),
            }
        }
        let _ = Pin::new(line).poll_flush(cx)?;
        Ok(())
    }
}

impl Drop for Link {
    /// Leaves as a browser does that closes a tab: with a close frame, not waiting for the answer.
    fn drop(&mut self) {
        if let Some(Either::Left(stream)) = &self.line {
            let _ = stream.try_write(&frame::goodbye(next_mask(&mut self.mask)));
        }
    }
}

/// Masks guard proxies against scripted bytes; a load tester only has to vary them.
fn next_mask(state: &mut u32) -> [u8; 4] {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    state.to_be_bytes()
}
