//! Media servers of other projects: who sends to them with the right of this house, and how that is ended there.
//! It must not know what such a server asks, nor how it says so.

pub(crate) mod api;
pub(crate) mod publishers;

use self::{
    api::ServerApi,
    publishers::{Remote, RemotePublishers},
};
use crate::media::handle::Media;
use std::time::Duration;

/// How often it is tried to end a session while the picture's thread has too much to do.
const LOSE_TRIES: u32 = 20;
const LOSE_AGAIN: Duration = Duration::from_millis(50);

/// What handlers and chores need for them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ServerParts {
    /// Who sends there.
    pub publishers: RemotePublishers,
    /// The way to their API.
    pub api: ServerApi,
}

impl ServerParts {
    /// Ends what stands here for a publisher that is gone at its server; it is not sent away there. One that comes back soon
    /// has only stalled.
    pub(crate) async fn lose(&self, media: &Media, remote: &Remote) {
        let client = &remote.client;
        let Some(ended) = self.publishers.end(remote.stream, client.server, &client.id) else { return };
        // Who is only being let in is looked at once more when that is done.
        let Some(session) = ended.session else { return };
        for _ in 0..LOSE_TRIES {
            let is_over = media.lose(&session, ended.owner.clone()).await;
            if is_over || !self.publishers.has(remote.stream, client.server, &client.id) {
                return;
            }
            tokio::time::sleep(LOSE_AGAIN).await;
        }
        log::warn!("the picture's thread does not end a session of {}", remote.stream);
    }
}
