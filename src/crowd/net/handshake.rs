//! The way in: a WebSocket's handshake. It must not know what is said inside.

use super::{
    http::{self, Answer},
    line,
    link::Link,
    target::Target,
};
use actix_http::ws::hash_key;
use std::net::IpAddr;

/// A key need not differ from socket to socket for the answer to be checked.
const KEY: &str = "bGl2ZWhvdXNlIGNyb3dkIQ==";

/// Why a socket did not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The server's answer: status, and its code where the body has one.
    Status { status: u16, code: String },
    /// There was no answer.
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
    /// Offers to take what is said compressed, as browsers do.
    pub deflate: bool,
}

impl Knock<'_> {
    pub(crate) async fn open(&self) -> Result<Link, Refusal> {
        let mut line = line::connect(self.target.address, self.target.tls.as_ref(), self.from, self.slow)
            .await
            .map_err(Refusal::Unreachable)?;
        let answer = http::exchange(&mut line, self.request().as_bytes()).await;
        let answer = answer.map_err(Refusal::Unreachable)?;
        judge(&answer)?;
        Ok(Link::new(line, answer.body, answer.deflates))
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
        if self.deflate {
            request.push_str("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
        }
        request + "\r\n"
    }
}

/// That the answer is one to this key, as RFC 6455, 4.1 wants it: anything else comes from no WebSocket server.
fn judge(answer: &Answer) -> Result<(), Refusal> {
    let no_socket = |why: &str| Err(Refusal::Unreachable(why.into()));
    match (answer.status, &answer.accept) {
        (101, Some(accept)) if *accept == hash_key(KEY.as_bytes()) => Ok(()),
        (101, Some(_)) => no_socket("a wrong Sec-WebSocket-Accept"),
        (101, None) => no_socket("no Sec-WebSocket-Accept"),
        (status, _) => {
            let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
            Err(Refusal::Status { status, code })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(answer: &str) -> Result<(), Refusal> {
        judge(&Answer::parse(answer.as_bytes()).unwrap().unwrap())
    }

    #[test]
    fn a_refusal_carries_the_problems_code() {
        let body = r#"{"status":429,"code":"rate_limited"}"#;
        let refusal = Refusal::Status { status: 429, code: "rate_limited".into() };
        assert_eq!(judged(&format!("HTTP/1.1 429 Too Many Requests\r\n\r\n{body}")), Err(refusal.clone()));
        assert_eq!(refusal.name(), "429 rate_limited");
    }

    #[test]
    fn an_answer_to_another_key_is_no_handshake() {
        let answer = |accept: &str| format!("HTTP/1.1 101 Switching Protocols\r\n{accept}\r\n");
        let right = String::from_utf8(hash_key(KEY.as_bytes()).to_vec()).unwrap();
        assert_eq!(judged(&answer(&format!("sec-websocket-ACCEPT:  {right} \r\n"))), Ok(()));
        for wrong in
            ["", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", "Sec-WebSocket-Accept:\r\n"]
        {
            assert!(matches!(judged(&answer(wrong)), Err(Refusal::Unreachable(_))), "{wrong}");
        }
    }
}
