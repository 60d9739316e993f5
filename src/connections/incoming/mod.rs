//! What a client sends, as whole messages: bytes through the guard, frame by frame through the codec, fragments put together
//! and inflated.
//! It must not know what a text means, nor write to the socket: pings, refusals and closes are its reader's to answer.

pub(crate) mod fuzz_harness;
pub(crate) mod guard;
pub(crate) mod header;
mod inflate;
#[cfg(test)]
mod tests;
pub(crate) mod utf8;

use self::{
    guard::{Admitted, FrameLimits, Guard},
    header::COMPRESSED,
};
use crate::wire::Close;
use actix_http::{
    error::PayloadError,
    ws::{Codec, Frame, Item},
};
use actix_web::web::{Bytes, BytesMut};
use bytestring::ByteString;
use futures_util::{Stream, StreamExt};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio_util::codec::Decoder;

/// What came from a client. Nothing follows a `Close`, a `Refused` or a `Lost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// A whole text.
    Text(ByteString),
    /// A whole binary message; only where the limits allow them.
    Binary(Bytes),
    /// A ping, to be answered with the same bytes.
    Ping(Bytes),
    /// A pong, which needs no answer.
    Pong,
    /// The client closes, with a code or without.
    Close(Option<u16>),
    /// The client broke a rule: close with this.
    Refused(Close),
    /// The connection is gone without a close.
    Lost,
}

impl Incoming {
    fn is_last(&self) -> bool {
        matches!(self, Incoming::Close(_) | Incoming::Refused(_) | Incoming::Lost)
    }
}

/// The messages in `payload`, under `limits`; `heard` is called for every chunk of bytes, as a sign of life.
///
/// After the last item `payload` is read no further; lend it (`&mut payload`) to read on and drop what comes.
pub fn incoming<S>(
    payload: S,
    limits: FrameLimits,
    heard: impl Fn() + 'static,
) -> impl Stream<Item = Incoming>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    Messages { payload, heard: Box::new(heard), inbox: Inbox::new(limits), ended: false }
}

struct Messages<S> {
    payload: S,
    heard: Box<dyn Fn()>,
    inbox: Inbox,
    ended: bool,
}

impl<S> Stream for Messages<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + Unpin,
{
    type Item = Incoming;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Incoming>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let came = loop {
            if let Some(came) = self.inbox.take() {
                break came;
            }
            match ready!(self.payload.poll_next_unpin(cx)) {
                Some(Ok(chunk)) => {
                    (self.heard)();
                    self.inbox.offer(chunk);
                }
                Some(Err(_)) | None => break Incoming::Lost,
            }
        };
        self.ended = came.is_last();
        Poll::Ready(Some(came))
    }
}

/// Chunks in, messages out, without a socket. It keeps a frame at most, and the fragments before it.
pub(crate) struct Inbox {
    guard: Guard,
    codec: Codec,
    bytes_max: usize,
    unread: Bytes,
    frame: BytesMut,
    fragments: BytesMut,
    message: Message,
    ended: bool,
}

/// What the first frame of a message says of the whole.
#[derive(Clone, Copy)]
struct Message {
    text: bool,
    compressed: bool,
}

impl Inbox {
    /// The inbox of a new connection.
    pub(crate) fn new(limits: FrameLimits) -> Self {
        Inbox {
            guard: Guard::new(limits),
            codec: Codec::new().max_size(limits.travelling_bytes(limits.deflate).max(CONTROL_BYTES_MAX)),
            bytes_max: limits.frame_bytes,
            unread: Bytes::new(),
            frame: BytesMut::new(),
            fragments: BytesMut::new(),
            message: Message { text: true, compressed: false },
            ended: false,
        }
    }

    /// Takes a chunk, once [`take`](Self::take) has nothing more to give.
    pub(crate) fn offer(&mut self, chunk: Bytes) {
        if !self.ended {
            self.unread = chunk;
        }
    }

    /// The next message that is complete.
    pub(crate) fn take(&mut self) -> Option<Incoming> {
        while !self.unread.is_empty() {
            let came = match self.guard.admit(&self.unread) {
                Admitted::Whole => {
                    self.frame.extend_from_slice(&self.unread);
                    self.unread.clear();
                    None
                }
                Admitted::FrameEnd(end) => {
                    self.frame.extend_from_slice(&self.unread.split_to(end));
                    self.decode()
                }
                Admitted::Refused(close) => Some(Incoming::Refused(close)),
            };
            let Some(came) = came else { continue };
            if came.is_last() {
                self.end();
            }
            return Some(came);
        }
        None
    }

    /// Bytes kept of what is not complete.
    pub(crate) fn kept(&self) -> usize {
        self.frame.len() + self.fragments.len()
    }

    /// What the frame says, which is whole.
    fn decode(&mut self) -> Option<Incoming> {
        // Taken, not reused: an idle connection keeps no buffer.
        let mut frame = std::mem::take(&mut self.frame);
        // The guard lets this be only where it was agreed on; the codec knows nothing of it.
        let compressed = frame.first().is_some_and(|first| first & COMPRESSED != 0);
        frame.iter_mut().take(1).for_each(|first| *first &= !COMPRESSED);
        match self.codec.decode(&mut frame) {
            Ok(Some(Frame::Text(text))) => Some(self.whole(Message { text: true, compressed }, text)),
            Ok(Some(Frame::Binary(bytes))) => Some(self.whole(Message { text: false, compressed }, bytes)),
            Ok(Some(Frame::Continuation(item))) => self.assemble(item, compressed),
            Ok(Some(Frame::Ping(bytes))) => Some(Incoming::Ping(bytes)),
            Ok(Some(Frame::Pong(_))) => Some(Incoming::Pong),
            Ok(Some(Frame::Close(reason))) => Some(Incoming::Close(reason.map(|reason| reason.code.into()))),
            Ok(None) | Err(_) => Some(Incoming::Refused(Close::Protocol)),
        }
    }

    fn assemble(&mut self, item: Item, compressed: bool) -> Option<Incoming> {
        let (Item::FirstText(bytes) | Item::FirstBinary(bytes) | Item::Continue(bytes) | Item::Last(bytes)) =
            &item;
        self.fragments.extend_from_slice(bytes);
        match item {
            Item::FirstText(_) => self.message = Message { text: true, compressed },
            Item::FirstBinary(_) => self.message = Message { text: false, compressed },
            Item::Continue(_) => {}
            Item::Last(_) => {
                let whole = std::mem::take(&mut self.fragments).freeze();
                return Some(self.whole(self.message, whole));
            }
        }
        None
    }

    /// A message that is complete, as it travelled.
    fn whole(&self, message: Message, bytes: Bytes) -> Incoming {
        let said = if message.compressed { inflate::inflate(&bytes, self.bytes_max) } else { Ok(bytes) };
        match said {
            Ok(bytes) if message.text => text_of(bytes),
            Ok(bytes) => Incoming::Binary(bytes),
            Err(close) => Incoming::Refused(close),
        }
    }

    fn end(&mut self) {
        self.ended = true;
        self.unread.clear();
        self.frame = BytesMut::new();
        self.fragments = BytesMut::new();
    }
}

/// The longest control frame, in bytes, which no limit on messages may cut.
const CONTROL_BYTES_MAX: usize = 125;

/// The guard has checked that this is UTF-8 unless it was compressed, and `ByteString` checks in any case: it cannot be made
/// of bytes unchecked but by `unsafe`.
fn text_of(bytes: Bytes) -> Incoming {
    ByteString::try_from(bytes).map_or(Incoming::Refused(Close::BadUtf8), Incoming::Text)
}
