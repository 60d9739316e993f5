//! One encoder's socket with its session: bytes in, events out, and answers back.
//! It must not know who lets encoders in.

use crate::media::rtmp::{
    refusal::Refusal,
    session::{Event, Session},
};
use bytes::BytesMut;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// What is read from a socket at once.
const READ_BYTES: usize = 16 << 10;
/// What we say fits into any socket's buffer; who does not take it for so long is gone.
const WRITE_WAIT: Duration = Duration::from_secs(5);

/// A connection, without its host.
#[derive(Debug)]
pub(super) struct Peer {
    socket: TcpStream,
    session: Session,
    input: BytesMut,
}

impl Peer {
    pub(super) fn new(socket: TcpStream, session: Session) -> Self {
        Peer { socket, session, input: BytesMut::new() }
    }

    /// The next event; none once the connection is gone, refused when nothing comes for `patience`.
    pub(super) async fn next(&mut self, patience: Duration) -> Result<Option<Event>, Refusal> {
        loop {
            let event = self.session.read(&mut self.input)?;
            if self.write().await.is_err() {
                return Ok(None);
            }
            if event.is_some() {
                return Ok(event);
            }
            self.input.reserve(READ_BYTES);
            match timeout(patience, self.socket.read_buf(&mut self.input)).await {
                Ok(Ok(0) | Err(_)) => return Ok(None),
                Ok(Ok(_)) => {}
                Err(_) => return Err(Refusal::Idle),
            }
        }
    }

    /// The key is right.
    pub(super) fn admit(&mut self) {
        self.session.admit();
    }

    /// Says why it ends, and closes, at the latest after `patience`.
    pub(super) async fn refuse(mut self, refusal: &Refusal, patience: Duration) {
        self.session.refuse(refusal);
        if self.write().await.is_err() || self.socket.shutdown().await.is_err() {
            return;
        }
        let mut unread = [0; 4096];
        let read_on = async { while self.socket.read(&mut unread).await.is_ok_and(|bytes| bytes > 0) {} };
        // Whether it has read our words or not, it had its time.
        let _ = timeout(patience, read_on).await;
    }

    async fn write(&mut self) -> io::Result<()> {
        let output = self.session.take_output();
        if output.is_empty() {
            return Ok(());
        }
        timeout(WRITE_WAIT, self.socket.write_all(&output)).await?
    }
}
