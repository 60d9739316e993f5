//! Who somebody is, once a token has proved it: the one identity of REST calls, sockets and rooms.
//! It must not know what anybody may do, nor how a token came.

use crate::{
    auth::{Keys, TokenError},
    domain::{Millis, SessionId},
    store::{
        Store, User,
        accounts::sessions::{self, Session},
    },
    wire::{Code, Refusal, view::UserRef},
};
use std::net::IpAddr;

/// A verified account, as a room needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub user: UserRef,
    /// When the account was made.
    pub created_at: Millis,
    /// Whether an operator of the server.
    pub is_admin: bool,
    /// The login it came with.
    pub session_id: SessionId,
    /// From where, for the record.
    pub address: IpAddr,
}

/// An account proved by a token, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub user: User,
    /// The login the token belongs to.
    pub session: Session,
    /// When the token ends.
    pub expires_at: Millis,
    /// From where it came.
    pub address: IpAddr,
}

impl Identity {
    /// As a room knows it.
    pub(crate) fn account(&self) -> Account {
        Account {
            user: UserRef::from(&self.user),
            created_at: self.user.created_at,
            is_admin: self.user.is_admin,
            session_id: self.session.id,
            address: self.address,
        }
    }
}

/// Whose a token is: its signature, its time, and whether its session is still alive.
/// Errors: `token_expired`, `unauthenticated`, or `unavailable` where the database is away.
pub(crate) async fn identify(
    store: &Store,
    keys: &Keys,
    token: &str,
    address: IpAddr,
    now: Millis,
) -> Result<Identity, Refusal> {
    let claims = keys.verify(token, now).map_err(|error| match error {
        TokenError::Expired => Refusal::new(Code::TokenExpired, "The access token has ended; refresh it."),
        _ => bad_token(),
    })?;
    let alive = store.read(move |conn| sessions::alive(conn, claims.session_id, now)).await;
    let alive = alive.map_err(|error| Refusal::database_away(&error))?;
    let (session, user) = alive.filter(|(_, user)| user.id == claims.user_id).ok_or_else(bad_token)?;
    Ok(Identity { user, session, expires_at: claims.expires_at, address })
}

fn bad_token() -> Refusal {
    Refusal::new(Code::Unauthenticated, "The access token is not valid.")
}
