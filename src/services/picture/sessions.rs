//! Who sends and sees a picture by WebRTC: with which login, and from which room, which the picture's thread does not know.
//! It must not end anything; an entry goes with its session.

use crate::{
    domain::{ConnectionId, Login, StreamId, UserId},
    media::handle::{Held, MediaSessionId, Owner},
};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Instant,
};

/// One publisher or viewer.
#[derive(Clone, Debug)]
pub(crate) struct MediaSession {
    /// None until the picture's thread has let it in.
    pub id: Option<MediaSessionId>,
    pub stream: StreamId,
    /// With which account and login; none for a guest, and for who came by the key of an encoder.
    pub login: Option<(UserId, Login)>,
    /// Who may end it.
    pub owner: Owner,
    pub part: Part,
    /// A viewer's: since when nobody of it was seen in the room.
    pub alone_since: Instant,
    /// A viewer's: whether it was seen in the room at all. Where there are several nodes, it may be there at another one.
    pub was_here: bool,
}

/// What somebody does with a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Publisher,
    /// With the connection in the room that it belongs to, if it named one.
    Viewer(Option<ConnectionId>),
}

/// All of one server. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct MediaSessions(Arc<Mutex<Open>>);

#[derive(Debug, Default)]
struct Open {
    by_number: HashMap<u64, MediaSession>,
    begun: u64,
}

/// A session that is being let in.
pub(crate) struct Beginning {
    sessions: MediaSessions,
    number: u64,
}

/// A session's entry, which goes when this is dropped.
struct Lease {
    sessions: MediaSessions,
    number: u64,
}

impl MediaSessions {
    /// Enters one that is being let in; what is returned second is for the picture's thread to keep.
    pub(crate) fn begin(&self, session: MediaSession) -> (Beginning, Held) {
        let mut open = self.0.lock();
        open.begun += 1;
        let number = open.begun;
        open.by_number.insert(number, session);
        let lease = Lease { sessions: self.clone(), number };
        (Beginning { sessions: self.clone(), number }, Held::new(lease))
    }

    /// Those of which this is true.
    pub(crate) fn find(&self, is_it: impl Fn(&MediaSession) -> bool) -> Vec<MediaSession> {
        self.0.lock().by_number.values().filter(|session| is_it(session)).cloned().collect()
    }

    /// Whether one is still there.
    pub(crate) fn has(&self, id: &MediaSessionId) -> bool {
        self.0.lock().by_number.values().any(|session| session.id.as_ref() == Some(id))
    }

    /// Notes that somebody of these viewers is in the room.
    pub(crate) fn seen(&self, ids: &HashSet<MediaSessionId>, now: Instant) {
        let mut open = self.0.lock();
        let named = open.by_number.values_mut();
        named
            .filter(|session| session.id.as_ref().is_some_and(|id| ids.contains(id)))
            .for_each(|session| (session.alone_since, session.was_here) = (now, true));
    }
}

impl Beginning {
    /// It was let in, under this name.
    pub(crate) fn is(&self, id: &MediaSessionId) {
        if let Some(session) = self.sessions.0.lock().by_number.get_mut(&self.number) {
            session.id = Some(id.clone());
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.sessions.0.lock().by_number.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_lives_as_long_as_what_its_session_holds() {
        let sessions = MediaSessions::default();
        let session = MediaSession {
            id: None,
            stream: StreamId::new(),
            login: None,
            owner: Owner::Anybody,
            part: Part::Viewer(None),
            alone_since: Instant::now(),
            was_here: false,
        };
        let (beginning, held) = sessions.begin(session.clone());
        let (other, refused) = sessions.begin(session);
        let id = MediaSessionId("one".to_owned());
        beginning.is(&id);
        drop(refused);
        other.is(&MediaSessionId("other".to_owned()));
        assert!(sessions.has(&id) && sessions.find(|_| true).len() == 1);
        drop(held);
        assert!(sessions.find(|_| true).is_empty());
    }
}
