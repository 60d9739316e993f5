//! The one point of publishing: what was stored is told from here, to rooms and to sockets, and from nowhere else.
//! It must not store anything, nor know what a room or a socket does with what it is told.

use super::effects::{Notice, Publication, SignedOut};
use crate::room::{
    front::registry::{Lobby, StreamGone},
    message::{AboutUser, Stored, TurnedDown},
};
use actix::{Addr, MailboxError};
use std::sync::Arc;

/// Closes the sockets of those whose tokens have died.
pub type SignOut = Arc<dyn Fn(SignedOut) + Send + Sync>;

/// The way to everybody who must hear of a commit. Cheap to clone.
#[derive(Clone)]
pub struct Publisher {
    lobby: Addr<Lobby>,
    sign_out: SignOut,
}

impl Publisher {
    /// A way to the rooms and, through `sign_out`, to the sockets of an account.
    pub fn new(lobby: Addr<Lobby>, sign_out: SignOut) -> Self {
        Self { lobby, sign_out }
    }

    /// Tells all of it; when this returns, it holds in every room of this node.
    pub async fn publish(&self, publication: Publication) {
        for notice in publication.notices {
            self.notify(notice).await;
        }
        for stored in publication.streams {
            said(self.lobby.send(stored).await);
        }
    }

    async fn notify(&self, notice: Notice) {
        match notice {
            Notice::SignedOut(who) => (self.sign_out)(who),
            Notice::RoomGone(stream) => said(self.lobby.send(StreamGone(stream)).await),
            Notice::Renamed(user) => said(self.lobby.send(AboutUser::Renamed(user)).await),
            Notice::Rejected { stream, author, comment } => {
                said(self.lobby.send(TurnedDown { stream, author, comment }).await);
            }
        }
    }
}

impl Publication {
    /// What one stream's room must hear; nothing where nothing has changed.
    pub fn of(stored: Stored, notices: Vec<Notice>) -> Self {
        let is_silent = stored.events.is_empty() && stored.stale.is_empty();
        Self { streams: if is_silent { Vec::new() } else { vec![stored] }, notices }
    }
}

/// The lobby lives as long as the server; a room reads the log when it opens again.
fn said(told: Result<(), MailboxError>) {
    if told.is_err() {
        log::warn!("the lobby is gone; the log has what a room was not told");
    }
}
