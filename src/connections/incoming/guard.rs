//! Counts RFC 6455 headers in front of the codec and refuses a frame at its header, before anything of it is kept.
//! It must not know of sockets or of what a text means, and it never allocates.

use super::{
    header::{Header, Kind},
    utf8::Utf8,
};
use crate::wire::Close;

/// What a client may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLimits {
    /// Longest message in bytes, its fragments together.
    pub frame_bytes: usize,
    /// Most fragments of one message.
    pub fragments: usize,
    /// Whether binary messages are taken; Livehouse speaks text alone.
    pub binary: bool,
    /// Whether messages may be compressed (RFC 7692): their first frame says which are.
    pub deflate: bool,
}

impl FrameLimits {
    /// Text alone, up to `frame_bytes` bytes in up to 64 fragments.
    pub fn text(frame_bytes: usize) -> Self {
        FrameLimits { frame_bytes, fragments: 64, binary: false, deflate: false }
    }

    /// How many bytes a message may have as it travels. What cannot be compressed becomes a little longer by trying.
    pub(crate) fn travelling_bytes(&self, is_compressed: bool) -> usize {
        let longer = if is_compressed { self.frame_bytes / 64 + 64 } else { 0 };
        self.frame_bytes.saturating_add(longer)
    }
}

/// How far a chunk was read, and what ended the reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admitted {
    /// All of it, and the frame goes on.
    Whole,
    /// The first so many bytes, with which a frame ends; offer the rest next.
    FrameEnd(usize),
    /// A rule is broken: nothing that came since the last frame's end may be used, and nothing more may be read.
    Refused(Close),
}

/// Reads what one client sends, header by header.
#[derive(Debug)]
pub(crate) struct Guard {
    limits: FrameLimits,
    progress: Progress,
    message: Option<Message>,
}

/// How far the frame is that is under way.
#[derive(Clone, Copy, Debug)]
enum Progress {
    Header(Header),
    Payload(Payload),
    Refused(Close),
}

/// A frame whose header was read and allowed.
#[derive(Clone, Copy, Debug)]
struct Payload {
    kind: Kind,
    last: bool,
    mask: [u8; 4],
    length: u64,
    read: u64,
    close_code: u16,
    close_reason: Utf8,
}

/// A message whose last frame has not ended.
#[derive(Clone, Copy, Debug)]
struct Message {
    text: bool,
    /// What it says is known once it is whole and inflated, so its bytes are only counted.
    compressed: bool,
    bytes: u64,
    fragments: usize,
    utf8: Utf8,
}

impl Guard {
    /// A guard at the start of a connection.
    pub(crate) fn new(limits: FrameLimits) -> Self {
        Guard { limits, progress: Progress::Header(Header::default()), message: None }
    }

    /// Reads `chunk` up to the end of a frame, its own end, or the first byte that breaks a rule.
    pub(crate) fn admit(&mut self, chunk: &[u8]) -> Admitted {
        match self.read_frame(chunk) {
            Ok(Some(end)) => Admitted::FrameEnd(end),
            Ok(None) => Admitted::Whole,
            Err(close) => {
                self.progress = Progress::Refused(close);
                Admitted::Refused(close)
            }
        }
    }

    /// Where in `chunk` the frame ends, if it does.
    fn read_frame(&mut self, chunk: &[u8]) -> Result<Option<usize>, Close> {
        let (mut payload, start) = match self.progress {
            Progress::Refused(close) => return Err(close),
            Progress::Payload(payload) => (payload, 0),
            Progress::Header(header) => match self.read_header(header, chunk)? {
                Some(opened) => opened,
                None => return Ok(None),
            },
        };
        let end = chunk.len().min(start.saturating_add(payload.left()));
        self.read_payload(&mut payload, &chunk[start..end])?;
        if payload.left() > 0 {
            self.progress = Progress::Payload(payload);
            return Ok(None);
        }
        self.end(&payload)?;
        self.progress = Progress::Header(Header::default());
        Ok(Some(end))
    }

    fn read_header(&mut self, mut header: Header, chunk: &[u8]) -> Result<Option<(Payload, usize)>, Close> {
        for (at, byte) in chunk.iter().enumerate() {
            header.push(*byte);
            let kind = header.kind().ok_or(Close::Protocol)?;
            self.check(&header, kind)?;
            if header.is_whole() {
                return Ok(Some((self.open(&header, kind)?, at + 1)));
            }
        }
        self.progress = Progress::Header(header);
        Ok(None)
    }

    /// Judges a header by the byte that came last.
    fn check(&self, header: &Header, kind: Kind) -> Result<(), Close> {
        match header.filled() {
            1 => self.check_kind(header, kind)?,
            2 if !header.is_masked() => return Err(Close::Protocol),
            2 if kind.is_control() && !header.is_short() => return Err(Close::Protocol),
            _ => {}
        }
        if header.length_is_new() {
            self.check_length(header, kind)?;
        }
        Ok(())
    }

    fn check_kind(&self, header: &Header, kind: Kind) -> Result<(), Close> {
        if header.has_reserved_bits() || header.is_compressed() && !self.may_be_compressed(kind) {
            return Err(Close::Protocol);
        }
        match (kind, self.message) {
            (Kind::Close | Kind::PingOrPong, _) if !header.is_last() => Err(Close::Protocol),
            (Kind::Continuation, None) | (Kind::Text | Kind::Binary, Some(_)) => Err(Close::Protocol),
            (Kind::Binary, None) if !self.limits.binary => Err(Close::Binary),
            (Kind::Continuation, Some(message)) if message.fragments >= self.limits.fragments => {
                Err(Close::TooBig)
            }
            _ => Ok(()),
        }
    }

    /// Its first frame says it of a whole message.
    fn may_be_compressed(&self, kind: Kind) -> bool {
        self.limits.deflate && matches!(kind, Kind::Text | Kind::Binary)
    }

    fn check_length(&self, header: &Header, kind: Kind) -> Result<(), Close> {
        let length = header.length().ok_or(Close::Protocol)?;
        if kind == Kind::Close && length == 1 {
            return Err(Close::Protocol); // half a close code
        }
        if kind.is_control() {
            return Ok(());
        }
        let (before, compressed) = match self.message {
            Some(message) => (message.bytes, message.compressed),
            None => (0, header.is_compressed()),
        };
        match before.checked_add(length) {
            Some(total) if total <= self.limits.travelling_bytes(compressed) as u64 => Ok(()),
            _ => Err(Close::TooBig),
        }
    }

    fn open(&mut self, header: &Header, kind: Kind) -> Result<Payload, Close> {
        let length = header.length().ok_or(Close::Protocol)?;
        if !kind.is_control() {
            let (text, compressed) = (kind == Kind::Text, header.is_compressed());
            let first = Message { text, compressed, bytes: 0, fragments: 0, utf8: Utf8::default() };
            let message = self.message.get_or_insert(first);
            message.bytes += length;
            message.fragments += 1;
        }
        let (last, mask) = (header.is_last(), header.mask());
        Ok(Payload { kind, last, mask, length, read: 0, close_code: 0, close_reason: Utf8::default() })
    }

    fn read_payload(&mut self, payload: &mut Payload, bytes: &[u8]) -> Result<(), Close> {
        match (payload.kind, &mut self.message) {
            (Kind::Close, _) => payload.read_close(bytes)?,
            (Kind::Text | Kind::Continuation, Some(message)) if message.text && !message.compressed => {
                message.utf8.push_masked(bytes, payload.mask_at(payload.read)).map_err(|_| Close::BadUtf8)?;
            }
            _ => {}
        }
        payload.read += bytes.len() as u64;
        Ok(())
    }

    fn end(&mut self, payload: &Payload) -> Result<(), Close> {
        if !payload.close_reason.is_whole() {
            return Err(Close::BadUtf8);
        }
        if payload.kind.is_control() || !payload.last {
            return Ok(());
        }
        match self.message.take() {
            Some(message) if !message.utf8.is_whole() => Err(Close::BadUtf8),
            _ => Ok(()),
        }
    }
}

impl Payload {
    fn left(&self) -> usize {
        usize::try_from(self.length - self.read).unwrap_or(usize::MAX)
    }

    /// The mask as it lies on the payload from its byte `at` on.
    fn mask_at(&self, at: u64) -> [u8; 4] {
        let mut mask = self.mask;
        mask.rotate_left((at % 4) as usize);
        mask
    }

    /// Two bytes of code, then a reason.
    fn read_close(&mut self, bytes: &[u8]) -> Result<(), Close> {
        let code_end = 2usize.saturating_sub(self.read as usize).min(bytes.len());
        let (code, reason) = bytes.split_at(code_end);
        for (byte, mask) in code.iter().zip(self.mask_at(self.read)) {
            self.close_code = self.close_code << 8 | u16::from(byte ^ mask);
        }
        let reason_at = self.read + code_end as u64;
        if !code.is_empty() && reason_at == 2 && !may_be_sent(self.close_code) {
            return Err(Close::Protocol);
        }
        self.close_reason.push_masked(reason, self.mask_at(reason_at)).map_err(|_| Close::BadUtf8)
    }
}

/// Whether a close frame may carry the code (RFC 6455 §7.4 and the registry): 1004 to 1006 and 1015 never travel.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
