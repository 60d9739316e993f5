//! Tells webhooks that a picture has come, and that it is gone; one after the other, so that none overtakes the other.
//! It must not know who sends it, nor which webhooks there are.

use crate::{
    domain::{
        StreamId,
        stream::picture::{Picture, PictureState},
    },
    http::Services,
    room::hooks,
    store::{self, streams as of_house},
};
use std::collections::HashSet;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Changes that may wait for the database.
const WAITING_MAX: usize = 1024;

/// Where changes are left.
#[derive(Clone)]
pub(super) struct Tell(Sender<(StreamId, Picture)>);

/// A way to the task that stores them.
pub(super) fn way() -> (Tell, Receiver<(StreamId, Picture)>) {
    let (sender, receiver) = channel(WAITING_MAX);
    (Tell(sender), receiver)
}

impl Tell {
    /// The picture of a stream is like this now.
    pub(super) fn changed(&self, stream: StreamId, picture: Picture) {
        if self.0.try_send((stream, picture)).is_err() {
            log::warn!("webhooks do not hear of the picture of {stream}: too much waits for the database");
        }
    }
}

/// Stores what is told for webhooks, for as long as it is polled.
pub(super) async fn store(services: Services, mut changes: Receiver<(StreamId, Picture)>) {
    let mut live = HashSet::new();
    while let Some((stream, picture)) = changes.recv().await {
        let is_news = match picture.state {
            PictureState::Live => live.insert(stream),
            PictureState::None => live.remove(&stream),
            _ => false,
        };
        if !is_news || !services.webhooks.hints.are_wanted() {
            continue;
        }
        if let Err(error) = services.store.write(move |tx| tell(tx, stream, picture)).await {
            log::warn!("webhooks do not hear of the picture of {stream}: {error}");
        }
        services.webhooks.hints.stored([]);
    }
}

fn tell(tx: &mut store::Tx<'_>, stream: StreamId, picture: Picture) -> store::Result<()> {
    let now = of_house::now(tx)?;
    hooks::picture(tx, stream, picture, now)
}
