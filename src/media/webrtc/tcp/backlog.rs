//! What waits to be sent on one TCP connection: bounded, since a network that is slower than the picture never catches up.
//! It must not know sockets, nor what is in a packet.

use super::framing;
use bytes::BytesMut;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// About a second of a picture.
const BACKLOG_BYTES: usize = 256 << 10;
/// With no more than this waiting, a viewer who has missed some is sent pictures again.
const RESUME_BYTES: usize = 32 << 10;

/// The queue of one connection, between who sends and the task that writes.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    waiting: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: BytesMut,
    /// It was full, and packets are left out until it has nearly run empty.
    is_full: bool,
    is_closed: bool,
}

/// What is to be written next.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub bytes: BytesMut,
    /// Packets were left out, and there is room again.
    pub resumes: bool,
}

impl Backlog {
    /// Queues a packet, or leaves it out.
    pub(super) fn push(&self, packet: &[u8]) {
        let mut waiting = self.waiting.lock();
        waiting.is_full |= waiting.bytes.len() + packet.len() > BACKLOG_BYTES;
        if !waiting.is_full {
            framing::put(packet, &mut waiting.bytes);
            self.changed.notify_one();
        }
    }

    /// Nothing more is written.
    pub(super) fn close(&self) {
        self.waiting.lock().is_closed = true;
        self.changed.notify_one();
    }

    /// Waits for something to be written, at most so many bytes; none once it is closed.
    pub(super) async fn take(&self, bytes_max: usize) -> Option<Chunk> {
        loop {
            if let Some(taken) = self.take_now(bytes_max) {
                return taken;
            }
            self.changed.notified().await;
        }
    }

    /// None where there is nothing to do.
    fn take_now(&self, bytes_max: usize) -> Option<Option<Chunk>> {
        let mut waiting = self.waiting.lock();
        if waiting.is_closed && waiting.bytes.is_empty() {
            return Some(None);
        }
        if waiting.bytes.is_empty() {
            return None;
        }
        let length = waiting.bytes.len().min(bytes_max);
        let bytes = waiting.bytes.split_to(length);
        let resumes = waiting.is_full && waiting.bytes.len() <= RESUME_BYTES;
        waiting.is_full &= !resumes;
        Some(Some(Chunk { bytes, resumes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: usize = 1022;

    #[tokio::test]
    async fn what_does_not_fit_is_left_out_until_nearly_all_is_sent() {
        let backlog = Backlog::default();
        (0..300).for_each(|_| backlog.push(&[0; PACKET]));
        let mut sent = 0;
        loop {
            let chunk = backlog.take(16 << 10).await.unwrap();
            sent += chunk.bytes.len();
            if chunk.resumes {
                break;
            }
            backlog.push(&[0; PACKET]);
        }
        assert_eq!(sent, BACKLOG_BYTES - RESUME_BYTES);
        backlog.push(&[0; PACKET]);
        assert_eq!(backlog.waiting.lock().bytes.len(), RESUME_BYTES + 1024);
    }

    #[tokio::test]
    async fn a_closed_one_is_written_to_its_end() {
        let backlog = Backlog::default();
        backlog.push(&[7]);
        backlog.close();
        let chunk = Chunk { bytes: BytesMut::from(&[0, 1, 7][..]), resumes: false };
        assert_eq!(backlog.take(100).await, Some(chunk));
        assert_eq!(backlog.take(100).await, None);
    }
}
