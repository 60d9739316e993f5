//! Offers that are being read on other threads, while packets go on.
//! It must not know what becomes of an answer.

use crate::media::{
    handle::{Answered, Publish, Refused, View},
    hub::places::Place,
    webrtc::{Accepted, Acceptor, Role},
};
use futures_util::{
    StreamExt,
    future::{FutureExt, LocalBoxFuture},
    stream::FuturesUnordered,
};
use std::{net::IpAddr, sync::Arc};
use tokio::sync::oneshot;

/// Offers that are read at one time; one more is refused.
const OFFERS_MAX: usize = 64;

/// Who made an offer, and waits for its answer.
pub(super) type Answer = oneshot::Sender<Result<Answered, Refused>>;

/// What is offered.
pub(super) enum Asking {
    Publish(Publish),
    View(View),
}

impl Asking {
    pub(super) fn from(&self) -> IpAddr {
        match self {
            Asking::Publish(publish) => publish.from,
            Asking::View(view) => view.from,
        }
    }
}

/// An offer that has been read.
pub(super) struct Offer {
    pub asking: Asking,
    pub place: Place,
    pub accepted: Result<Accepted, Refused>,
    pub answer: Answer,
}

/// Those that are being read.
pub(super) struct Offers {
    acceptor: Arc<Acceptor>,
    reading: FuturesUnordered<LocalBoxFuture<'static, Offer>>,
}

impl Offers {
    pub(super) fn new(acceptor: Acceptor) -> Self {
        Self { acceptor: Arc::new(acceptor), reading: FuturesUnordered::new() }
    }

    pub(super) fn has_room(&self) -> bool {
        self.reading.len() < OFFERS_MAX
    }

    /// Begins to read one.
    pub(super) fn read(&self, asking: Asking, place: Place, answer: Answer) {
        let (role, sdp) = match &asking {
            Asking::Publish(publish) => (Role::Publisher, publish.offer.clone()),
            Asking::View(view) => (Role::Viewer, view.offer.clone()),
        };
        let acceptor = self.acceptor.clone();
        let reading = tokio::task::spawn_blocking(move || acceptor.accept(role, &sdp));
        let offer = async move {
            let accepted = reading.await.unwrap_or(Err(Refused::Unavailable));
            Offer { asking, place, accepted, answer }
        };
        self.reading.push(offer.boxed_local());
    }

    /// The next that has been read; none while none is.
    pub(super) async fn next(&mut self) -> Option<Offer> {
        self.reading.next().await
    }
}
