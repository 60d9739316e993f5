//! What somebody has proved with that they are an account.
//! It must not know what that allows.

use crate::domain::ids::{KeyId, SessionId};

/// A session that was opened with a password, or a key that was given to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Login {
    Session(SessionId),
    Key(KeyId),
}

impl Login {
    /// The session; none where it was a key.
    pub(crate) fn session(self) -> Option<SessionId> {
        match self {
            Login::Session(id) => Some(id),
            Login::Key(_) => None,
        }
    }

    /// The key; none where it was a session.
    pub(crate) fn key(self) -> Option<KeyId> {
        match self {
            Login::Key(id) => Some(id),
            Login::Session(_) => None,
        }
    }
}
