//! Who lets encoders in and takes what they send.
//! It must not know how they speak.

use crate::media::rtmp::{
    flv::Piece,
    refusal::{Reason, Refusal},
};
use futures_util::future::BoxFuture;
use std::{net::IpAddr, sync::Arc};

/// Somebody who wants to send. It is not shown, for its key's sake.
pub(crate) struct Asked {
    /// As it came: unbounded by anything but a message's 16 kB, and secret.
    pub key: String,
    pub from: IpAddr,
    /// The program, as it calls itself.
    pub agent: Option<String>,
}

/// Knows the keys.
pub(crate) trait Host: Send + Sync + 'static {
    type Sink: Sink;

    /// Looks at a key. The reason is shown to whoever set up the encoder, as far as that shows it.
    fn admit(self: Arc<Self>, asked: Asked) -> BoxFuture<'static, Result<Self::Sink, Reason>>;
}

/// Takes what one publisher sends. Dropping it without [`Sink::close`] is as [`Closed::Lost`].
pub(crate) trait Sink: Send + 'static {
    /// Takes a piece; meanwhile nothing is read, so that a publisher is slowed down. An error ends the publisher, who is told why.
    fn push(&mut self, piece: Piece) -> impl Future<Output = Result<(), Reason>> + Send;

    /// Resolves once the publisher is to go, with the reason that it is told, whatever it sends or does not.
    fn sent_away(&mut self) -> impl Future<Output = Reason> + Send;

    /// The publisher has ended.
    fn close(self, why: Closed);
}

/// How a publisher ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// It has said so.
    Finished,
    /// Its connection is gone.
    Lost,
    /// It was sent away, be it by its [`Sink`].
    Refused(Refusal),
}
