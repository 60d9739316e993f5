//! The opening handshake (RFC 6455, 4.2): what a request must have to become a socket, and the answer to one that has it.
//! It must not know who asks, nor for which room.

use super::deflate::Deflate;
use crate::room::fanout::batch::Form;
use actix_http::ws::hash_key;
use actix_web::{
    HttpResponse, HttpResponseBuilder,
    dev::RequestHead,
    http::{
        Method, StatusCode, Version,
        header::{self, HeaderMap, HeaderName},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};

/// The subprotocol that is echoed.
pub(crate) const PROTOCOL: &str = "livehouse.v1";
/// The one version of the protocol.
pub(crate) const VERSION: &str = "13";
const KEY_BYTES: usize = 16;

/// Why a request is no handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoHandshake {
    /// Another method than GET.
    Method,
    /// It asks for no upgrade to websocket.
    NoUpgrade,
    /// It asks for another version of the protocol.
    Version,
    /// It lacks something, or has something that no handshake has.
    Malformed(&'static str),
}

/// A handshake as it must be.
#[derive(Debug, PartialEq, Eq)]
pub struct Handshake {
    key: String,
    speaks_ours: bool,
    deflate: Option<Deflate>,
}

impl Handshake {
    /// Judges a request that was sent with this method.
    /// Errors: Where it is none.
    pub fn of(method: &Method, head: &RequestHead) -> Result<Self, NoHandshake> {
        let headers = head.headers();
        if method != Method::GET {
            return Err(NoHandshake::Method);
        }
        if !is_upgrade(headers) {
            return Err(NoHandshake::NoUpgrade);
        }
        if head.version != Version::HTTP_11 {
            return Err(NoHandshake::Malformed("it is not HTTP/1.1"));
        }
        if !tokens(headers, header::CONNECTION).any(|token| token.eq_ignore_ascii_case("upgrade")) {
            return Err(NoHandshake::Malformed("Connection does not name upgrade"));
        }
        if has_body(headers) {
            return Err(NoHandshake::Malformed("it has a body"));
        }
        match only(headers, header::SEC_WEBSOCKET_VERSION) {
            Some(VERSION) => {}
            Some(_) => return Err(NoHandshake::Version),
            None => return Err(NoHandshake::Malformed("there is not one Sec-WebSocket-Version")),
        }
        let key = only(headers, header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key));
        let key = key.ok_or(NoHandshake::Malformed("Sec-WebSocket-Key is not the base64 of 16 bytes"))?;
        let speaks_ours = protocols(headers).any(|protocol| protocol == PROTOCOL);
        let offers = headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS).filter_map(|line| line.to_str().ok());
        let deflate = Deflate::of(offers);
        Ok(Self { key: key.to_owned(), speaks_ours, deflate })
    }

    /// The same, with every message as it is.
    pub(crate) fn without_deflate(self) -> Self {
        Self { deflate: None, ..self }
    }

    /// Whether the client may compress what it sends.
    pub fn deflates(&self) -> bool {
        self.deflate.is_some()
    }

    /// How it takes what is said to all.
    pub(crate) fn form(&self) -> Form {
        self.deflate.map_or(Form::Plain, |deflate| deflate.form())
    }

    /// The answer that opens the socket.
    pub fn answer(&self) -> HttpResponseBuilder {
        let mut answer = HttpResponse::build(StatusCode::SWITCHING_PROTOCOLS);
        let accept = hash_key(self.key.as_bytes());
        answer.upgrade("websocket").insert_header((header::SEC_WEBSOCKET_ACCEPT, accept.as_slice()));
        if self.speaks_ours {
            answer.insert_header((header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL));
        }
        if let Some(deflate) = self.deflate {
            answer.insert_header((header::SEC_WEBSOCKET_EXTENSIONS, deflate.to_string()));
        }
        answer
    }
}

/// What a client offers to speak, on however many lines.
pub(crate) fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    tokens(headers, header::SEC_WEBSOCKET_PROTOCOL)
}

/// A list to choose from may be ignored (RFC 9110, 7.8), and is: the HTTP server hands on what comes behind a head only where
/// `websocket` stands alone in it, so that a socket that was opened for a list would hear nothing.
fn is_upgrade(headers: &HeaderMap) -> bool {
    only(headers, header::UPGRADE).is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"))
}

fn has_body(headers: &HeaderMap) -> bool {
    let has_length = headers.get_all(header::CONTENT_LENGTH).any(|length| length != "0");
    has_length || headers.contains_key(header::TRANSFER_ENCODING)
}

fn is_key(key: &str) -> bool {
    BASE64_STANDARD.decode(key).is_ok_and(|key| key.len() == KEY_BYTES)
}

/// The value of a header that is there once, and is plain text.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut lines = headers.get_all(name);
    let line = lines.next().filter(|_| lines.next().is_none())?;
    line.to_str().ok().map(str::trim)
}

/// The members of a header that is a list, on however many lines.
fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn good() -> Vec<(&'static str, &'static str)> {
        vec![
            ("Connection", "keep-alive, Upgrade"),
            ("Upgrade", "WebSocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", KEY),
        ]
    }

    fn judge(version: Version, lines: &[(&str, &str)]) -> Result<Handshake, NoHandshake> {
        let request = lines.iter().fold(TestRequest::get().version(version), |request, line| {
            request.append_header((line.0, line.1))
        });
        Handshake::of(&Method::GET, request.to_http_request().head())
    }

    fn with(name: &'static str, value: Option<&'static str>) -> Result<Handshake, NoHandshake> {
        let mut lines = good();
        lines.retain(|line| line.0 != name);
        lines.extend(value.map(|value| (name, value)));
        judge(Version::HTTP_11, &lines)
    }

    #[test]
    fn a_handshake_is_answered_with_its_key_and_our_protocol_on_whichever_line_it_stands() {
        assert_eq!(with("X", None), Ok(Handshake { key: KEY.to_owned(), speaks_ours: false, deflate: None }));
        let mut lines = good();
        lines.extend([("Sec-WebSocket-Protocol", "bearer.x"), ("Sec-WebSocket-Protocol", "y, livehouse.v1")]);
        let handshake = judge(Version::HTTP_11, &lines).unwrap();
        let answer = handshake.answer().finish();
        assert_eq!(answer.headers().get("sec-websocket-accept").unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(answer.headers().get("sec-websocket-protocol").unwrap(), PROTOCOL);
    }

    #[test]
    fn what_asks_for_something_else_is_told_what_there_is() {
        for upgrade in
            [None, Some("mywebsocket"), Some("websocket/13"), Some("websocket, foo"), Some("h2c"), Some("")]
        {
            assert_eq!(with("Upgrade", upgrade), Err(NoHandshake::NoUpgrade), "{upgrade:?}");
        }
        for version in ["8", "7", "12", "14", "013", "13, 8", "x"] {
            assert_eq!(with("Sec-WebSocket-Version", Some(version)), Err(NoHandshake::Version), "{version}");
        }
    }

    #[test]
    fn what_is_no_handshake_is_malformed() {
        let is_malformed = |judged| matches!(judged, Err(NoHandshake::Malformed(_)));
        for (name, value) in [
            ("Connection", None),
            ("Connection", Some("keep-alive")),
            ("Connection", Some("upgraded")),
            ("Sec-WebSocket-Version", None),
            ("Sec-WebSocket-Key", None),
            ("Sec-WebSocket-Key", Some("")),
            ("Sec-WebSocket-Key", Some("c2hvcnQ=")),
            ("Sec-WebSocket-Key", Some("dGhlIHNhbXBsZSBub25jZTEyMw==")),
            ("Sec-WebSocket-Key", Some("dGhlIHNhbXBsZSBub25jZQ=")),
            ("Transfer-Encoding", Some("chunked")),
            ("Content-Length", Some("1")),
        ] {
            assert!(is_malformed(with(name, value)), "{name}: {value:?}");
        }
        let mut twice = good();
        twice.push(("Sec-WebSocket-Key", KEY));
        assert!(is_malformed(judge(Version::HTTP_11, &twice)));
        assert!(is_malformed(judge(Version::HTTP_10, &good())));
        assert!(with("Content-Length", Some("0")).is_ok());
        let head = TestRequest::get().to_http_request();
        assert_eq!(Handshake::of(&Method::HEAD, head.head()), Err(NoHandshake::Method));
    }
}
