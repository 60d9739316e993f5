//! The gate: what sessions share on one worker, and who a token belongs to.
//! It must not know of single viewers.

use super::limits::Connections;
use crate::{
    auth::{Keys, TokenError},
    config::Limits,
    domain::{
        ids::{ConnectionId, SessionId, StreamId},
        time::Millis,
    },
    metrics::Metrics,
    room::{
        core::roster::Account,
        fanout::{audience::Audience, shard::Shard},
        front::streams::Desk,
        message::{Line, Tell},
    },
    store::{
        accounts::{
            sessions::{self, Session},
            users::User,
        },
        audit_queue::Trail,
    },
    wire::{
        problem::{Code, Refusal},
        view::UserRef,
    },
};
use actix::{Addr, Recipient};
use std::{cell::RefCell, net::IpAddr, rc::Rc, sync::Arc, time::Duration};

/// What the sessions of a worker share.
#[derive(Clone)]
pub struct Gate {
    /// The store and the way to the rooms.
    pub desk: Desk,
    /// Checks tokens.
    pub keys: Keys,
    /// All open connections.
    pub connections: Connections,
    /// The way to the record.
    pub trail: Trail,
    /// The limits.
    pub limits: Arc<Limits>,
    /// Counts.
    pub metrics: Metrics,
    /// How often the server pings.
    pub heartbeat: Duration,
    /// This worker's viewers.
    pub audience: Rc<RefCell<Audience>>,
    /// This worker's shard.
    pub shard: Addr<Shard>,
    /// Which worker this is, counted from 0.
    pub worker: usize,
}

/// An account proved by a token, and until when.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who.
    pub user: User,
    /// The login the token belongs to.
    pub session: Session,
    /// When the token ends.
    pub expires_at: Millis,
}

impl Identity {
    /// As a room knows it, from this address.
    pub fn account(&self, address: IpAddr) -> Account {
        Account {
            user: UserRef::from(&self.user),
            created_at: self.user.created_at,
            is_admin: self.user.is_admin,
            session_id: self.session.id,
            address,
        }
    }
}

/// Whose a token is: its signature, its time, and whether its session is still alive.
///
/// # Errors
/// `token_expired`, `unauthenticated`, or `unavailable` where the database is away.
pub async fn identify(desk: &Desk, keys: &Keys, token: &str, now: Millis) -> Result<Identity, Refusal> {
    let claims = keys.verify(token, now).map_err(|error| match error {
        TokenError::Expired => Refusal::new(Code::TokenExpired, "The access token has ended; refresh it."),
        _ => bad_token(),
    })?;
    let alive = desk.store.reading(move |conn| sessions::alive(conn, claims.session_id, now)).await;
    let alive = alive.map_err(|error| crate::room::actor::room::unavailable(&error))?;
    let (session, user) = alive.filter(|(_, user)| user.id == claims.user_id).ok_or_else(bad_token)?;
    Ok(Identity { user, session, expires_at: claims.expires_at })
}

impl Gate {
    /// How to reach a session of this worker.
    pub fn line(&self, connection: ConnectionId, stream: StreamId, session: Recipient<Tell>) -> Line {
        Line { connection, stream, session, shard: self.shard.clone(), worker: self.worker }
    }

    /// Whether a session has ended: asked once more when a connection has been signed in, since between the look at its token
    /// and that moment a revocation finds nothing to close. A database that is away ends nothing.
    pub async fn has_ended(self, session: SessionId) -> bool {
        let alive = self.desk.store.reading(move |conn| sessions::alive(conn, session, Millis::now())).await;
        matches!(alive, Ok(None))
    }
}

fn bad_token() -> Refusal {
    Refusal::new(Code::Unauthenticated, "The access token is not valid.")
}
