//! Sessions: the names under which publishers and viewers are ended by who began them.
//! It must not know what a session does.

use crate::media::{
    handle::{Held, MediaSessionId, Owner},
    packet::PeerId,
};
use std::collections::HashMap;

#[derive(Debug)]
struct Session {
    peer: PeerId,
    owner: Owner,
    /// Its drop tells whoever gave it that the session is over.
    _held: Held,
}

/// All sessions; each belongs to one peer.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_id: HashMap<MediaSessionId, Session>,
    by_peer: HashMap<PeerId, MediaSessionId>,
}

impl Sessions {
    pub(super) fn insert(&mut self, id: MediaSessionId, peer: PeerId, owner: Owner, held: Held) {
        self.by_peer.insert(peer, id.clone());
        self.by_id.insert(id, Session { peer, owner, _held: held });
    }

    /// The peer of a session, if who asks may end it.
    pub(super) fn of(&self, id: &MediaSessionId, asked_by: &Owner) -> Option<PeerId> {
        let session = self.by_id.get(id)?;
        let may_end = session.owner == Owner::Anybody || session.owner == *asked_by;
        may_end.then_some(session.peer)
    }

    /// Forgets the session of a peer.
    pub(super) fn remove(&mut self, peer: PeerId) {
        if let Some(id) = self.by_peer.remove(&peer) {
            self.by_id.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::UserId;

    #[test]
    fn a_session_is_its_owners() {
        let (ana, bo) = (Owner::Account(UserId::new()), Owner::Account(UserId::new()));
        let key = |of: &str| Owner::Key(of.to_owned());
        let id = |text: &str| MediaSessionId(text.to_owned());
        let mut sessions = Sessions::default();
        sessions.insert(id("a"), PeerId(1), ana.clone(), Held::nothing());
        sessions.insert(id("b"), PeerId(2), Owner::Anybody, Held::nothing());
        sessions.insert(id("c"), PeerId(3), key("k"), Held::nothing());
        assert_eq!(sessions.of(&id("a"), &ana), Some(PeerId(1)));
        assert_eq!((sessions.of(&id("a"), &bo), sessions.of(&id("a"), &Owner::Anybody)), (None, None));
        assert_eq!(sessions.of(&id("b"), &Owner::Anybody), Some(PeerId(2)));
        assert_eq!(
            (sessions.of(&id("c"), &key("k")), sessions.of(&id("c"), &key("j"))),
            (Some(PeerId(3)), None)
        );
        assert_eq!((sessions.of(&id("c"), &ana), sessions.of(&id("c"), &Owner::Anybody)), (None, None));
        sessions.remove(PeerId(3));
        sessions.remove(PeerId(1));
        assert_eq!(sessions.of(&id("a"), &ana), None);
        assert_eq!((sessions.by_id.len(), sessions.by_peer.len()), (1, 1));
    }
}
