//! Line ends in the heads of requests: CRLF and nothing else (RFC 9112, 2.2). The HTTP parser takes a bare LF, and where two
//! parsers differ on where a line ends, one of them can be lied to. It must not judge anything else, nor keep a head.
//!
//! A bare LF is handed on as NUL, which no head may hold: the parser refuses it with 400. Only what is surely a head is
//! looked at: behind a body in chunks, or an upgrade, this is blind for the rest of the connection.

use super::connection_limiter::Admitted;
use crate::room::fanout::socket::Connection;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest line of which the value is looked at; of a longer one, only the name.
const LINE_MAX: usize = 64;

/// A connection that hands on heads with good line ends only.
pub(super) struct Checked {
    connection: Connection,
    _place: Option<Admitted>,
    heads: Heads,
}

impl Checked {
    /// A connection that has been accepted, with its place among all.
    pub(super) fn new(connection: Connection, place: Option<Admitted>) -> Self {
        Self { connection, _place: place, heads: Heads::new() }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl AsyncRead for Checked {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.connection).poll_read(cx, buf);
        self.heads.check(&mut buf.filled_mut()[before..]);
        read
    }
}

impl AsyncWrite for Checked {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}

/// Follows the bytes of one connection.
struct Heads {
    at: At,
    line: Vec<u8>,
    last: u8,
    body: Body,
}

/// Where in the bytes one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before the first line of a head, where empty lines are passed over.
    Start,
    Head,
    /// In a body, with so many bytes left.
    Body(u64),
    Blind,
}

/// What comes behind the head, as far as it has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Sized(u64),
    Unknown,
}

impl Heads {
    fn new() -> Self {
        Self { at: At::Start, line: Vec::new(), last: 0, body: Body::Sized(0) }
    }

    /// Looks at what has come, and puts NUL where a line ends without a return.
    fn check(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            let seen = match self.at {
                At::Blind => return,
                At::Body(left) => self.pass(left, bytes.len()),
                At::Start | At::Head => {
                    self.take(&mut bytes[0]);
                    1
                }
            };
            bytes = &mut bytes[seen..];
        }
    }

    fn pass(&mut self, left: u64, there: usize) -> usize {
        let passed = left.min(there as u64);
        self.at = if passed == left { At::Start } else { At::Body(left - passed) };
        passed as usize
    }

    fn take(&mut self, byte: &mut u8) {
        let is_bare = *byte == b'\n' && self.last != b'\r';
        self.last = *byte;
        match *byte {
            b'\n' if is_bare => {
                *byte = 0;
                self.at = At::Blind;
            }
            b'\n' => self.end_line(),
            b'\r' => {}
            other if self.line.len() < LINE_MAX => self.line.push(other),
            _ => {}
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        match (self.at, line.is_empty()) {
            (At::Start, true) => {}
            (At::Start, false) => (self.at, self.body) = (At::Head, Body::Sized(0)),
            (_, false) => self.note(&line),
            (_, true) => {
                self.at = match self.body {
                    Body::Sized(0) => At::Start,
                    Body::Sized(length) => At::Body(length),
                    Body::Unknown => At::Blind,
                }
            }
        }
    }

    fn note(&mut self, line: &[u8]) {
        // What one line has made unsure no later one makes sure again.
        if self.body == Body::Unknown {
            return;
        }
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        if name.eq_ignore_ascii_case(b"content-length") {
            let value =
                std::str::from_utf8(&line[name.len()..]).ok().and_then(|value| value.strip_prefix(':'));
            let length = value.and_then(|value| value.trim().parse().ok());
            self.body = length.filter(|_| line.len() < LINE_MAX).map_or(Body::Unknown, Body::Sized);
        }
        if name.eq_ignore_ascii_case(b"transfer-encoding") || name.eq_ignore_ascii_case(b"upgrade") {
            self.body = Body::Unknown;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// What is handed on of bytes that come in pieces of this size.
    fn handed_on(text: &str, piece: usize) -> String {
        let (mut heads, mut bytes) = (Heads::new(), text.as_bytes().to_vec());
        bytes.chunks_mut(piece).for_each(|piece| heads.check(piece));
        String::from_utf8(bytes).unwrap()
    }

    const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    #[test]
    fn a_bare_line_end_in_a_head_becomes_what_no_head_may_hold() {
        for (sent, came) in [
            ("GET / HTTP/1.1\nHost: x\r\n\r\n", "GET / HTTP/1.1\0Host: x\r\n\r\n"),
            ("GET / HTTP/1.1\r\nHost: x\n\r\n", "GET / HTTP/1.1\r\nHost: x\0\r\n"),
            ("GET / HTTP/1.1\r\nHost: x\r\n\n", "GET / HTTP/1.1\r\nHost: x\r\n\0"),
            ("\nGET / HTTP/1.1\r\n\r\n", "\0GET / HTTP/1.1\r\n\r\n"),
        ] {
            for piece in [1, 7, 1000] {
                assert_eq!(handed_on(sent, piece), came);
                assert_eq!(handed_on(&format!("{GET}\r\n{sent}"), piece), format!("{GET}\r\n{came}"));
            }
        }
    }

    #[test]
    fn bodies_may_hold_anything_and_the_head_behind_them_may_not() {
        let post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length:  3\r\n\r\na\nb";
        for piece in [1, 5, 1000] {
            assert_eq!(handed_on(&format!("{post}{GET}"), piece), format!("{post}{GET}"));
            assert_eq!(
                handed_on(&format!("{post}GET / HTTP/1.1\n"), piece),
                format!("{post}GET / HTTP/1.1\0")
            );
        }
    }

    #[test]
    fn what_is_not_surely_a_head_is_left_alone() {
        for line in
            ["Transfer-Encoding: chunked", "Upgrade: websocket", "Content-Length: x", "content-length: +1x"]
        {
            let text = format!("POST / HTTP/1.1\r\n{line}\r\n\r\na\nb\n");
            assert_eq!(handed_on(&text, 3), text);
        }
        for first in ["Upgrade: websocket", "Transfer-Encoding: chunked", "Content-Length: x"] {
            let text = format!("GET / HTTP/1.1\r\n{first}\r\nContent-Length: 0\r\n\r\na\nb\n");
            assert_eq!(handed_on(&text, 3), text, "what comes later in the head makes nothing sure again");
        }
        let padded = format!("POST / HTTP/1.1\r\nContent-Length:{}3\r\n\r\na\nb", " ".repeat(100));
        assert_eq!(handed_on(&padded, 3), padded);
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_are_handed_on_alike_but_for_one(
            bytes in vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..200),
            piece in 1..50usize,
        ) {
            let (mut whole, mut pieces) = (bytes.clone(), bytes.clone());
            Heads::new().check(&mut whole);
            let mut heads = Heads::new();
            pieces.chunks_mut(piece).for_each(|piece| heads.check(piece));
            prop_assert_eq!(&whole, &pieces);
            let changed: Vec<_> = bytes.iter().zip(&whole).filter(|(sent, came)| sent != came).collect();
            prop_assert!(changed.is_empty() || changed == [(&b'\n', &0)]);
        }
    }
}
