//! What the rest of the house may ask of the picture's thread, and what that thread tells.
//! It must not know who asks.

use super::{board::Board, hls::Reader};
use crate::domain::{
    StreamId, UserId,
    stream::{
        ingest_key::KeyVersion,
        picture::{IngestProtocol, IngestWarning, MediaServer, Picture, Publisher},
    },
};
use futures_util::future::BoxFuture;
use std::{net::IpAddr, sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot};

/// Names one publisher or viewer of a picture: 128 random bits, which are a guest's right to end it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MediaSessionId(pub String);

/// Whose a session is, and who asks for its end: only its owner may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Account(UserId),
    /// Who came by a key, which is known again by this.
    Key(String),
    /// A guest's is whoever's has its id.
    Anybody,
}

/// What a session holds for as long as it lives: its drop tells whoever gave it that the session is over, however it ended.
pub(crate) struct Held(#[allow(dead_code)] Box<dyn Send>);

impl Held {
    /// Holds this guard until the session ends.
    pub(crate) fn new(guard: impl Send + 'static) -> Self {
        Self(Box::new(guard))
    }

    /// Holds nothing, for whom nobody needs to be told.
    #[cfg(test)]
    pub(crate) fn nothing() -> Self {
        Self::new(())
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}

/// A publisher by WHIP who may.
#[derive(Debug)]
pub(crate) struct Publish {
    pub stream: StreamId,
    pub owner: Owner,
    /// By which key it came; none by a login.
    pub key: Option<KeyVersion>,
    /// Takes the place of a publisher who still sends.
    pub takes_over: bool,
    pub agent: Option<String>,
    /// An SDP that offers to send.
    pub offer: String,
    pub from: IpAddr,
    /// Kept by its session, and dropped with it; dropped at once where it is refused.
    pub held: Held,
}

/// A publisher who sends to another media server, and may: its packets never come here.
#[derive(Debug)]
pub(crate) struct Announce {
    pub stream: StreamId,
    pub owner: Owner,
    /// By which key it came.
    pub key: KeyVersion,
    pub protocol: IngestProtocol,
    pub via: MediaServer,
    pub agent: Option<String>,
    /// Kept by its session, and dropped with it; dropped at once where it is refused.
    pub held: Held,
}

/// A viewer by WHEP who may see the stream.
#[derive(Debug)]
pub(crate) struct View {
    pub stream: StreamId,
    pub owner: Owner,
    /// An SDP that offers to receive.
    pub offer: String,
    pub from: IpAddr,
    /// Kept by its session, and dropped with it; dropped at once where it is refused.
    pub held: Held,
}

/// A session that has begun.
#[derive(Debug)]
pub(crate) struct Answered {
    pub session: MediaSessionId,
    /// The answer, an SDP with our addresses.
    pub answer: String,
}

/// Why a publisher or viewer is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the offer is not an SDP that can be read: {0}")]
    Sdp(String),
    /// A codec that a publisher offers alone and that is not carried.
    #[error("{0} is not carried: send H.264 with Opus")]
    Codec(String),
    #[error("the viewer has none of the picture's codecs")]
    NoCommonCodec,
    #[error("there is no picture")]
    NoPicture,
    #[error("another encoder is sending to this stream")]
    Conflict,
    #[error("too many at once ({limit})")]
    TooMany { limit: &'static str, retry_after: Duration },
    #[error("the picture's thread does not answer")]
    Unavailable,
}

impl Refused {
    /// The code of the interface.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Refused::Sdp(_) | Refused::Codec(_) => "invalid_field",
            Refused::NoCommonCodec => "no_common_codec",
            Refused::NoPicture => "no_picture",
            Refused::Conflict => "conflict",
            Refused::TooMany { limit, .. } if is_of_one_address(limit) => "rate_limited",
            Refused::TooMany { .. } | Refused::Unavailable => "overloaded",
        }
    }
}

/// Whether a limit holds for each address; the others are the server's.
pub(crate) fn is_of_one_address(limit: &str) -> bool {
    limit.ends_with("_PER_IP")
}

/// Why a picture is ended from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CutReason {
    /// The stream has ended.
    Ended,
    /// The stream is deleted.
    Deleted,
    /// This key is no longer valid: it concerns who came by it, and nobody else.
    KeyRotated(KeyVersion),
    /// Its host is disabled or gone.
    HostGone,
    /// Its host may write nowhere on the site.
    Barred,
    /// A moderator has sent it away.
    Removed,
    /// Another node has a source of this stream.
    Elsewhere,
}

/// What the picture's thread tells, as it happens; a lost one is made up for by the next [`Told::Source`], of which some
/// come after the end, too.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// How the picture of a stream is and who sends it, in one piece, so that nobody reads a picture without its publisher:
    /// whenever the picture changes, once a second for each stream with a publisher or a viewer, and for some seconds after.
    Source {
        stream: StreamId,
        picture: Picture,
        publisher: Option<Publisher>,
        warnings: Vec<IngestWarning>,
        /// Whether the picture is another than when it was told last.
        is_news: bool,
    },
    /// A publisher has been sent away or refused after its offer was taken; `code` is of the interface.
    Refused(StreamId, &'static str, String),
}

/// Whose stream a key of an encoder opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Admitted {
    pub stream: StreamId,
    /// Which key it is.
    pub key: KeyVersion,
}

/// Why a key opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyRefused {
    #[error("no such key")]
    Unknown,
    #[error("too many wrong keys from this address")]
    Throttled,
    /// A key of an account that has no stream on air nor scheduled.
    #[error("there is no stream to send to")]
    NoStream,
    #[error("the stream has ended")]
    Ended,
    /// Its host may write nowhere on the site.
    #[error("the host of this stream is banned from the site")]
    Barred,
    /// Another node has a source of this stream that still sends.
    #[error("another encoder is sending to this stream")]
    Conflict(StreamId),
    #[error("keys cannot be looked up now")]
    Unavailable,
}

/// Looks keys of encoders up, wherever they are kept; asked on the picture's thread, so it must not block.
pub(crate) trait IngestKeys: Send + Sync {
    /// Whose stream this key opens for somebody from that address.
    fn admit(&self, key: String, from: IpAddr) -> BoxFuture<'static, Result<Admitted, KeyRefused>>;

    /// Whether it still opens that stream, for who was let in meanwhile.
    fn still_opens(
        &self,
        key: String,
        from: IpAddr,
        stream: StreamId,
    ) -> BoxFuture<'static, Result<(), KeyRefused>>;
}

/// What the picture's thread is asked to do; each is done in its turn.
#[derive(Debug)]
pub(super) enum Order {
    Publish(Publish, oneshot::Sender<Result<Answered, Refused>>),
    View(View, oneshot::Sender<Result<Answered, Refused>>),
    Announce(Announce, oneshot::Sender<Result<MediaSessionId, Refused>>),
    Close { session: MediaSessionId, asked_by: Owner, said_goodbye: bool, done: oneshot::Sender<bool> },
    Cut { stream: StreamId, reason: CutReason, done: oneshot::Sender<()> },
}

/// Orders that may wait for the picture's thread.
const ORDERS_MAX: usize = 256;

/// The way to the picture's thread: a bounded channel of orders, and a table of what players may fetch. Cloning shares it.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    orders: mpsc::Sender<Order>,
    board: Arc<Board>,
}

impl Media {
    /// A way whose other end is returned, for the thread.
    pub(super) fn new(board: Arc<Board>) -> (Self, mpsc::Receiver<Order>) {
        let (orders, of_thread) = mpsc::channel(ORDERS_MAX);
        (Self { orders, board }, of_thread)
    }

    /// Begins a publisher; its stream is `waiting` once this is answered.
    pub(crate) async fn publish(&self, publish: Publish) -> Result<Answered, Refused> {
        self.ask(|answer| Order::Publish(publish, answer)).await.unwrap_or(Err(Refused::Unavailable))
    }

    /// Begins a viewer of a picture that is there.
    pub(crate) async fn view(&self, view: View) -> Result<Answered, Refused> {
        self.ask(|answer| Order::View(view, answer)).await.unwrap_or(Err(Refused::Unavailable))
    }

    /// Begins a publisher of another server; its stream is `live` once this is answered.
    pub(crate) async fn announce(&self, announce: Announce) -> Result<MediaSessionId, Refused> {
        self.ask(|answer| Order::Announce(announce, answer)).await.unwrap_or(Err(Refused::Unavailable))
    }

    /// Ends a session; false where there is none, or it is another's.
    pub(crate) async fn close(&self, session: &MediaSessionId, asked_by: Owner) -> bool {
        self.end(session, asked_by, true).await
    }

    /// The same for one that is gone without a goodbye: who comes back soon has only stalled.
    pub(crate) async fn lose(&self, session: &MediaSessionId, asked_by: Owner) -> bool {
        self.end(session, asked_by, false).await
    }

    async fn end(&self, session: &MediaSessionId, asked_by: Owner, said_goodbye: bool) -> bool {
        let session = session.clone();
        self.ask(|done| Order::Close { session, asked_by, said_goodbye, done }).await.unwrap_or(false)
    }

    /// Sends the publisher of a stream away, unless it is a key that is gone and it did not come by that; and its viewers, unless the
    /// reason concerns the publisher alone.
    pub(crate) async fn cut(&self, stream: StreamId, reason: CutReason) {
        self.insist(|done| Order::Cut { stream, reason, done }).await;
    }

    /// What players fetch of a stream by HLS; none where there is nothing to fetch.
    pub(crate) fn hls(&self, stream: StreamId) -> Option<Reader> {
        self.board.reader(stream)
    }

    /// None where the thread has too much to do, or is gone.
    async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.orders.try_send(order(answer)).ok()?;
        answered.await.ok()
    }

    /// For what must not be lost: waits for its turn.
    async fn insist(&self, order: impl FnOnce(oneshot::Sender<()>) -> Order) {
        let (done, is_done) = oneshot::channel();
        // An error, here and there, says that the thread has stopped, and all pictures with it.
        if self.orders.send(order(done)).await.is_ok() {
            let _ = is_done.await;
        }
    }
}
