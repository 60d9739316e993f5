//! What the rest of the house may ask of the picture's thread, and what that thread tells.
//! It must not know who asks.

use crate::domain::{
    StreamId, UserId,
    stream::picture::{IngestWarning, Picture, Publisher},
};
use std::{net::IpAddr, time::Duration};

/// Names one publisher or viewer of a picture: 128 random bits, which are a guest's right to end it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MediaSessionId(pub String);

/// Whose a session is: only they may end it. A guest's, and one that came by key, is whoever's has its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Account(UserId),
    Anybody,
}

/// A publisher by WHIP who may.
#[derive(Debug)]
pub(crate) struct Publish {
    pub stream: StreamId,
    pub owner: Owner,
    /// Takes the place of a publisher who still sends.
    pub takes_over: bool,
    pub agent: Option<String>,
    /// Its SDP.
    pub offer: String,
    pub from: IpAddr,
}

/// A viewer by WHEP who may see the stream.
#[derive(Debug)]
pub(crate) struct View {
    pub stream: StreamId,
    pub owner: Owner,
    /// Its SDP.
    pub offer: String,
    pub from: IpAddr,
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

/// Why a picture is ended from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CutReason {
    /// The stream has ended.
    Ended,
    /// The stream is deleted.
    Deleted,
    /// The key with which it came is no longer valid.
    KeyRotated,
    /// Its host is disabled or gone.
    HostGone,
    /// A moderator has sent it away.
    Removed,
}

/// What the picture's thread tells, as it happens; a lost one is made up for by the next [`Told::Health`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// The picture of a stream has changed.
    Picture(StreamId, Picture),
    /// Once a second for each stream with a publisher, and once when it is gone.
    Health(StreamId, Picture, Option<Publisher>, Vec<IngestWarning>),
    /// A publisher has been sent away or refused after its offer was taken; `code` is of the interface.
    Refused(StreamId, &'static str, String),
}
