//! One HTTP exchange over a line: a request goes out, an answer comes back. It must not know what is asked for.

use super::line::Line;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const LONGEST_ANSWER: usize = 1 << 20;
const DEFLATE: &[u8] = b"permessage-deflate";
const MOST_HEADERS: usize = 64;

/// A server's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    /// `Sec-WebSocket-Accept`, if there is one.
    pub accept: Option<Vec<u8>>,
    /// Whether what comes may be compressed.
    pub deflates: bool,
    /// How long the body is; without that it ends with the line.
    length: Option<usize>,
    /// The body; of a socket that opened, what came ahead over it.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON, or null.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        self.length.is_some_and(|length| self.body.len() >= length)
    }

    /// What these bytes begin with: an answer once its head is whole.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Self>, String> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut head = httparse::Response::new(&mut headers);
        let parsed = head.parse(bytes).map_err(|_| "not an HTTP answer")?;
        let (httparse::Status::Complete(end), Some(status)) = (parsed, head.code) else { return Ok(None) };
        let value = |name| head.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        let length = || std::str::from_utf8(value("content-length")?.value).ok()?.parse().ok();
        // A body in chunks is no body of Livehouse, and is not waited for.
        let has_none = status == 101 || value("transfer-encoding").is_some();
        Ok(Some(Self {
            status,
            accept: value("sec-websocket-accept").map(|header| header.value.to_vec()),
            deflates: value("sec-websocket-extensions")
                .is_some_and(|header| header.value.starts_with(DEFLATE)),
            length: if has_none { Some(0) } else { length() },
            body: bytes[end..].to_vec(),
        }))
    }
}

/// Sends the request and waits for the answer, or says in a few words why there is none.
pub(crate) async fn exchange(line: &mut Line, request: &[u8]) -> Result<Answer, String> {
    let lost = |error: std::io::Error| error.kind().to_string();
    line.write_all(request).await.map_err(lost)?;
    line.flush().await.map_err(lost)?;
    let mut bytes = Vec::with_capacity(1024);
    loop {
        let read = line.read_buf(&mut bytes).await.map_err(lost)?;
        match Answer::parse(&bytes)? {
            Some(answer) if read == 0 || answer.is_whole() => return Ok(answer),
            None if read == 0 => return Err("no answer".into()),
            _ if bytes.len() > LONGEST_ANSWER => return Err("an endless answer".into()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio_util::either::Either;

    /// What is made of an answer that comes in these pieces and then ends.
    async fn answered(pieces: &[&str]) -> Result<Answer, String> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let say = async {
            server.read_exact(&mut [0; 3]).await.unwrap();
            for piece in pieces {
                server.write_all(piece.as_bytes()).await.unwrap();
                tokio::task::yield_now().await;
            }
            drop(server);
        };
        let mut line = Either::Left(client);
        tokio::join!(exchange(&mut line, b"ask"), say).0
    }

    #[tokio::test]
    async fn a_body_is_as_long_as_its_head_says_or_as_the_line_lives() {
        let said = answered(&["HTTP/1.1 503 X\r\nContent-Le", "ngth: 4\r\n\r\nfu", "ll"]).await.unwrap();
        assert_eq!((said.status, said.body), (503, b"full".to_vec()));
        let ended = answered(&["HTTP/1.1 200 OK\r\n\r\nto the", " end"]).await.unwrap();
        assert_eq!((ended.status, ended.body), (200, b"to the end".to_vec()));
    }

    #[tokio::test]
    async fn what_comes_ahead_over_an_open_socket_is_kept() {
        let head = "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-ACCEPT:  right \r\n\r\n";
        let opened = answered(&[head, "\u{1}"]).await.unwrap();
        assert_eq!((opened.status, opened.accept.as_deref()), (101, Some(&b"right"[..])));
        let opened = answered(&[&format!("{head}\u{1}frame")]).await.unwrap();
        assert_eq!(opened.body, b"\x01frame");
    }

    #[tokio::test]
    async fn what_is_no_answer_is_told() {
        assert_eq!(answered(&["SSH-2.0-x\r\n"]).await.unwrap_err(), "not an HTTP answer");
        assert_eq!(answered(&[]).await.unwrap_err(), "no answer");
        assert_eq!(answered(&["HTTP/1.1 200 OK\r\nContent-"]).await.unwrap_err(), "no answer");
        let endless = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(LONGEST_ANSWER));
        assert_eq!(answered(&[&endless]).await.unwrap_err(), "an endless answer");
    }
}
