//! The way in: connecting from a chosen address and shaking hands. It must not know what is said inside.

use super::link::{Line, Link};
use crate::crowd::target::Target;
use actix_http::ws::hash_key;
use reqwest::header::HeaderValue;
use serde_json::Value;
use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::net::{TcpSocket, TcpStream};

/// A key need not differ from socket to socket for the answer to be checked.
const KEY: &str = "bGl2ZWhvdXNlIGNyb3dkIQ==";
const LONGEST_ANSWER: usize = 64 << 10;
/// Receive buffer of a viewer that is to stop reading, in bytes; the kernel's own would swallow minutes of chat.
const SLOW_RECEIVE_BUFFER: u32 = 16 << 10;

/// Why a socket did not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The server's answer: status, and its code where the body has one.
    Status {
        status: u16,
        code: String,
    },
    Unreachable(String),
}

impl Refusal {
    /// The name under which it is counted.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Status { status, code } if code.is_empty() => format!("{status}"),
            Self::Status { status, code } => format!("{status} {code}"),
            Self::Unreachable(why) => why.clone(),
        }
    }
}

/// What one socket asks for.
pub(crate) struct Knock<'a> {
    pub target: &'a Target,
    /// Path and query below the target's base.
    pub path: &'a str,
    pub token: Option<&'a str>,
    pub from: Option<IpAddr>,
    pub slow: bool,
}

impl Knock<'_> {
    pub(crate) async fn open(&self) -> Result<Link, Refusal> {
        if self.target.tls {
            return self.open_tls().await;
        }
        let stream = self.connect().await.map_err(|error| Refusal::Unreachable(error.kind().to_string()))?;
        self.shake_hands(stream).await
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let to = self.target.address;
        let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if self.slow {
            socket.set_recv_buffer_size(SLOW_RECEIVE_BUFFER)?;
        }
        if let Some(from) = self.from {
            socket.bind(SocketAddr::new(from, 0))?;
        }
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    async fn shake_hands(&self, stream: TcpStream) -> Result<Link, Refusal> {
        let lost = |error: io::Error| Refusal::Unreachable(error.kind().to_string());
        let request = self.request();
        let mut left = request.as_bytes();
        while !left.is_empty() {
            stream.writable().await.map_err(lost)?;
            match stream.try_write(left) {
                Ok(written) => left = &left[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(lost(error)),
            }
        }
        let mut answer = Vec::with_capacity(1024);
        loop {
            stream.readable().await.map_err(lost)?;
            match stream.try_read_buf(&mut answer) {
                Ok(0) => {
                    return Err(judge(&answer).err().unwrap_or(Refusal::Unreachable("no answer".into())));
                }
                Ok(_) if answer.len() > LONGEST_ANSWER => {
                    return Err(Refusal::Unreachable("an endless answer".into()));
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(error) => return Err(lost(error)),
            }
            let Some(end) = head_end(&answer) else { continue };
            if !answer.starts_with(b"HTTP/1.1 101") && is_short(&answer, end) {
                continue;
            }
            judge(&answer)?;
            return Ok(Link::new(Line::Plain(stream), answer.split_off(end)));
        }
    }

    fn request(&self) -> String {
        let Target { authority, base, subprotocol, .. } = self.target;
        let mut request = format!(
            "GET {base}{} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n",
            self.path
        );
        if let Some(subprotocol) = subprotocol {
            request.push_str(&format!("Sec-WebSocket-Protocol: {subprotocol}\r\n"));
        }
        if let Some(token) = self.token {
            request.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        request + "\r\n"
    }

    async fn open_tls(&self) -> Result<Link, Refusal> {
        let lost = |error: reqwest::Error| Refusal::Unreachable(error.to_string());
        let client =
            reqwest::Client::builder().http1_only().local_address(self.from).build().map_err(lost)?;
        let mut request = client
            .get(format!("https://{}{}{}", self.target.authority, self.target.base, self.path))
            .header("upgrade", "websocket")
            .header("connection", "upgrade")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", KEY);
        if let Some(subprotocol) = self.target.subprotocol {
            request = request.header("sec-websocket-protocol", subprotocol);
        }
        if let Some(token) = self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.map_err(lost)?;
        let status = answer.status().as_u16();
        if status != 101 {
            let body = answer.bytes().await.map_err(lost)?;
            return Err(Refusal::Status { status, code: code_in(&body) });
        }
        check_accept(answer.headers().get("sec-websocket-accept").map(HeaderValue::as_bytes))?;
        Ok(Link::new(Line::Tls(Box::new(answer.upgrade().await.map_err(lost)?)), Vec::new()))
    }
}

fn head_end(answer: &[u8]) -> Option<usize> {
    answer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// Whether a refusal's body, as long as its head says, is not all here yet.
fn is_short(answer: &[u8], end: usize) -> bool {
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    answer.len() - end < length.unwrap_or(0)
}

fn judge(answer: &[u8]) -> Result<(), Refusal> {
    let line = String::from_utf8_lossy(&answer[..answer.len().min(64)]).into_owned();
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    match status {
        Some(101) => check_accept(header(answer, "sec-websocket-accept")),
        Some(status) => Err(Refusal::Status { status, code: code_in(answer) }),
        None => Err(Refusal::Unreachable("not an HTTP answer".into())),
    }
}

/// That the answer is one to this key, as RFC 6455, 4.1 wants it: anything else comes from no WebSocket server.
fn check_accept(accept: Option<&[u8]>) -> Result<(), Refusal> {
    match accept {
        Some(accept) if accept == hash_key(KEY.as_bytes()) => Ok(()),
        Some(_) => Err(Refusal::Unreachable("a wrong Sec-WebSocket-Accept".into())),
        None => Err(Refusal::Unreachable("no Sec-WebSocket-Accept".into())),
    }
}

/// The value of a header in the head of an answer.
fn header<'a>(answer: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let head = &answer[..head_end(answer).unwrap_or(answer.len())];
    head.split(|&byte| byte == b'\n').find_map(|line| {
        let at = line.iter().position(|&byte| byte == b':')?;
        line[..at].eq_ignore_ascii_case(name.as_bytes()).then(|| line[at + 1..].trim_ascii())
    })
}

/// The `code` of the problem document that an answer ends with.
fn code_in(answer: &[u8]) -> String {
    let body = answer.iter().position(|&byte| byte == b'{').map_or(&[][..], |at| &answer[at..]);
    let code =
        serde_json::from_slice::<Value>(body).ok().and_then(|body| Some(body["code"].as_str()?.to_owned()));
    code.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_carries_the_problems_code() {
        let body = r#"{"status":429,"code":"rate_limited"}"#;
        let answer =
            format!("HTTP/1.1 429 Too Many Requests\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let refusal = Refusal::Status { status: 429, code: "rate_limited".into() };
        assert_eq!(judge(answer.as_bytes()), Err(refusal.clone()));
        assert_eq!(refusal.name(), "429 rate_limited");
    }

    #[test]
    fn a_body_is_waited_for_until_it_is_as_long_as_said() {
        let head = b"HTTP/1.1 503 X\r\nContent-Length: 4\r\n\r\n";
        let end = head_end(head).unwrap();
        assert!(is_short(head, end));
        assert!(!is_short(&[&head[..], b"full"].concat(), end));
    }

    #[test]
    fn what_is_not_http_is_no_answer() {
        assert!(matches!(judge(b"SSH-2.0"), Err(Refusal::Unreachable(_))));
    }

    #[test]
    fn an_answer_to_another_key_is_no_handshake() {
        let answer = |accept: &str| format!("HTTP/1.1 101 Switching Protocols\r\n{accept}\r\n");
        let right = String::from_utf8(hash_key(KEY.as_bytes()).to_vec()).unwrap();
        assert_eq!(judge(answer(&format!("sec-websocket-ACCEPT:  {right} \r\n")).as_bytes()), Ok(()));
        for wrong in
            ["", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "Sec-WebSocket-Accept:\r\n"]
        {
            assert!(matches!(judge(answer(wrong).as_bytes()), Err(Refusal::Unreachable(_))), "{wrong}");
        }
    }
}
