//! Who sends to a media server with the right of this house: what that server calls them, and the session that stands for them
//! on the picture's thread. An entry goes with its session. It must not know how a server is spoken to.

use crate::{
    domain::{
        StreamId,
        stream::picture::{IngestProtocol, MediaServer},
    },
    media::handle::{Held, MediaSessionId, Owner},
};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Instant,
};
use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};

/// Publishers that may wait to be sent away at their server; there are not more of them than `PUBLISHERS`.
const SENT_AWAY_WAITING: usize = 1024;
/// Of so many it is remembered that they were sent away; beyond that the oldest is forgotten.
const SENT_AWAY_MAX: usize = 1024;

/// A publisher as its media server names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemoteClient {
    pub server: MediaServer,
    /// Its number or name there.
    pub id: String,
    pub protocol: IngestProtocol,
    /// The application there, where the server has some.
    pub app: String,
    /// What it sends is called so there.
    pub name: String,
}

impl RemoteClient {
    fn is(&self, server: MediaServer, id: &str) -> bool {
        self.server == server && self.id == id
    }
}

/// One publisher that was let in.
#[derive(Clone, Debug)]
pub(crate) struct Remote {
    pub stream: StreamId,
    pub client: RemoteClient,
    /// None until the picture's thread has let it in.
    pub session: Option<MediaSessionId>,
    /// Who may end that.
    pub owner: Owner,
    /// When its server last said that it goes on, if it ever has.
    pub beat: Option<Instant>,
    /// Since when its server has not answered, if it does not.
    pub unanswered: Option<Instant>,
    /// Whether its server has said that it is gone.
    has_ended: bool,
}

/// All of one node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct RemotePublishers(Arc<Shared>);

struct Shared {
    open: Mutex<Open>,
    sent_away: Sender<Remote>,
}

#[derive(Default)]
struct Open {
    by_number: HashMap<u64, Remote>,
    begun: u64,
    sent_away: VecDeque<(MediaServer, String)>,
}

/// A publisher that is being let in.
pub(crate) struct Entering {
    publishers: RemotePublishers,
    number: u64,
}

/// An entry, which goes when this is dropped: with the session.
struct Lease {
    publishers: RemotePublishers,
    number: u64,
}

impl RemotePublishers {
    /// None yet; second come those who are to be sent away at their server, since the house has ended them.
    pub(crate) fn new() -> (Self, Receiver<Remote>) {
        let (sent_away, receiver) = channel(SENT_AWAY_WAITING);
        (Self(Arc::new(Shared { open: Mutex::default(), sent_away })), receiver)
    }

    /// Enters one that is being let in; what is returned second is for the picture's thread to keep.
    pub(crate) fn begin(&self, stream: StreamId, client: RemoteClient, owner: Owner) -> (Entering, Held) {
        let mut open = self.0.open.lock();
        open.begun += 1;
        let number = open.begun;
        let remote =
            Remote { stream, client, session: None, owner, beat: None, unanswered: None, has_ended: false };
        open.by_number.insert(number, remote);
        let lease = Lease { publishers: self.clone(), number };
        (Entering { publishers: self.clone(), number }, Held::new(lease))
    }

    /// All that are there.
    pub(crate) fn all(&self) -> Vec<Remote> {
        self.0.open.lock().by_number.values().cloned().collect()
    }

    /// Whoever sends to a stream by way of a server.
    pub(crate) fn of(&self, stream: StreamId) -> Option<Remote> {
        let open = self.0.open.lock();
        open.by_number.values().find(|remote| remote.stream == stream && remote.session.is_some()).cloned()
    }

    /// Whether this one of a server sends to a stream.
    pub(crate) fn has(&self, stream: StreamId, server: MediaServer, id: &str) -> bool {
        self.with(stream, server, id, |_| ()).is_some()
    }

    /// Its server says that it goes on; false where nobody knows it here.
    pub(crate) fn beats(&self, stream: StreamId, server: MediaServer, id: &str, now: Instant) -> bool {
        self.with(stream, server, id, |remote| remote.beat = Some(now)).is_some()
    }

    /// Its server does not answer when it is asked for it, or does.
    pub(crate) fn answered(&self, remote: &Remote, unanswered: Option<Instant>) {
        let client = &remote.client;
        self.with(remote.stream, client.server, &client.id, |remote| remote.unanswered = unanswered);
    }

    /// Its server says that it is gone, so that it need not be sent away there. None where nobody knows it here.
    pub(crate) fn end(&self, stream: StreamId, server: MediaServer, id: &str) -> Option<Remote> {
        self.with(stream, server, id, |remote| {
            remote.has_ended = true;
            remote.clone()
        })
    }

    /// Whether the house has ended it, not long ago.
    pub(crate) fn was_sent_away(&self, server: MediaServer, id: &str) -> bool {
        self.0.open.lock().sent_away.iter().any(|(of, gone)| *of == server && gone == id)
    }

    fn with<T>(
        &self,
        stream: StreamId,
        server: MediaServer,
        id: &str,
        act: impl FnOnce(&mut Remote) -> T,
    ) -> Option<T> {
        let mut open = self.0.open.lock();
        let is_it = |remote: &&mut Remote| remote.stream == stream && remote.client.is(server, id);
        open.by_number.values_mut().find(is_it).map(act)
    }
}

impl Entering {
    /// The picture's thread has let it in, under this name. False where the house has ended it meanwhile, or its server has said
    /// that it is gone.
    pub(crate) fn is(&self, session: &MediaSessionId) -> bool {
        let mut open = self.publishers.0.open.lock();
        open.by_number.get_mut(&self.number).is_some_and(|remote| {
            remote.session = Some(session.clone());
            !remote.has_ended
        })
    }

    /// Its server is told that it may not send after all, so that it need not be sent away there.
    pub(crate) fn is_refused(&self) {
        if let Some(remote) = self.publishers.0.open.lock().by_number.get_mut(&self.number) {
            remote.has_ended = true;
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Shared { open, sent_away } = &*self.publishers.0;
        let mut open = open.lock();
        let Some(remote) = open.by_number.remove(&self.number) else { return };
        if remote.has_ended || remote.session.is_none() {
            return;
        }
        if open.sent_away.len() >= SENT_AWAY_MAX {
            open.sent_away.pop_front();
        }
        open.sent_away.push_back((remote.client.server, remote.client.id.clone()));
        // Where nobody takes it any more, this server is on its way out, and takes no picture from anybody.
        if let Err(TrySendError::Full(remote)) = sent_away.try_send(remote) {
            log::warn!("{} is not told to send {} away", remote.client.server, remote.client.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(id: &str) -> RemoteClient {
        RemoteClient {
            server: MediaServer::Nginx,
            id: id.to_owned(),
            protocol: IngestProtocol::Rtmp,
            app: "live".to_owned(),
            name: "n".to_owned(),
        }
    }

    fn session(id: &str) -> MediaSessionId {
        MediaSessionId(id.to_owned())
    }

    #[test]
    fn who_is_ended_by_the_house_is_to_be_sent_away_and_who_went_is_not() {
        let (publishers, mut sent_away) = RemotePublishers::new();
        let stream = StreamId::new();
        let (entering, held) = publishers.begin(stream, client("1"), Owner::Anybody);
        assert!(entering.is(&session("one")) && publishers.of(stream).is_some());
        drop(held);
        assert_eq!(sent_away.try_recv().unwrap().client, client("1"));
        assert!(publishers.was_sent_away(MediaServer::Nginx, "1") && publishers.all().is_empty());

        let (entering, held) = publishers.begin(stream, client("2"), Owner::Anybody);
        assert!(entering.is(&session("two")));
        assert!(publishers.end(stream, MediaServer::Nginx, "1").is_none(), "a late word of an older one");
        assert_eq!(publishers.end(stream, MediaServer::Nginx, "2").unwrap().session, Some(session("two")));
        drop(held);
        assert!(sent_away.try_recv().is_err() && !publishers.was_sent_away(MediaServer::Nginx, "2"));
    }

    #[test]
    fn who_is_refused_or_goes_while_it_is_let_in_is_not_sent_away() {
        let (publishers, mut sent_away) = RemotePublishers::new();
        let stream = StreamId::new();
        drop(publishers.begin(stream, client("1"), Owner::Anybody).1);
        let (entering, held) = publishers.begin(stream, client("2"), Owner::Anybody);
        assert!(publishers.end(stream, MediaServer::Nginx, "2").is_some());
        assert!(!entering.is(&session("two")));
        drop(held);
        let (entering, held) = publishers.begin(stream, client("3"), Owner::Anybody);
        assert!(entering.is(&session("three")));
        entering.is_refused();
        drop(held);
        assert!(sent_away.try_recv().is_err());
    }

    #[test]
    fn of_those_who_were_sent_away_the_oldest_are_forgotten() {
        let (publishers, _sent_away) = RemotePublishers::new();
        for number in 0..=SENT_AWAY_MAX {
            let (entering, held) =
                publishers.begin(StreamId::new(), client(&number.to_string()), Owner::Anybody);
            entering.is(&session("s"));
            drop(held);
        }
        assert!(!publishers.was_sent_away(MediaServer::Nginx, "0"));
        assert!(publishers.was_sent_away(MediaServer::Nginx, "1"));
        assert_eq!(publishers.0.open.lock().sent_away.len(), SENT_AWAY_MAX);
    }
}
