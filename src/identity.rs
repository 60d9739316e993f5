//! Who somebody is, once a token or a key has proved it: the one identity of REST calls, sockets and rooms.
//! It must not know what anybody may do, nor how a token came.

use crate::{
    auth::{Keys, Throttle, TokenError, account_key::AccountKey},
    domain::{KeyScope, Login, Millis, SessionId, accounts::key::Grant},
    metrics::Metrics,
    store::{
        self, Conn, Store, User,
        accounts::{
            key_uses::KeyUses,
            keys::{self, Key},
            sessions,
        },
    },
    wire::{Code, Refusal, view::UserRef},
};
use std::{net::IpAddr, time::Instant};

/// A verified account, as a room needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub user: UserRef,
    /// When the account was made.
    pub created_at: Millis,
    /// Whether an operator of the server; no key is one's.
    pub is_admin: bool,
    /// What it came with.
    pub login: Login,
    /// How far its rights reach with that.
    pub grant: Grant,
    /// Whether what it writes is marked as a bot's.
    pub is_bot: bool,
    /// From where, for the record.
    pub address: IpAddr,
}

/// An account proved by a token or a key, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// The account; by a key, never as an operator.
    pub user: User,
    /// What it was proved with.
    pub login: Login,
    /// How far its rights reach with that.
    pub grant: Grant,
    /// Whether what it writes is marked as a bot's.
    pub is_bot: bool,
    /// When the token or the key ends; none where it does not.
    pub expires_at: Option<Millis>,
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
            login: self.login,
            grant: self.grant,
            is_bot: self.is_bot,
            address: self.address,
        }
    }

    /// The session it came with.
    /// Errors: `forbidden` where it came with a key.
    pub(crate) fn session(&self) -> Result<SessionId, Refusal> {
        self.login.session().ok_or_else(no_key_may)
    }

    /// Fails where it came with a key that has not this scope.
    /// Errors: `forbidden`.
    pub(crate) fn require(&self, scope: KeyScope) -> Result<(), Refusal> {
        require_one_of(self.grant, &[scope])
    }

    fn by_session(user: User, session: SessionId, expires_at: Millis, address: IpAddr) -> Self {
        let (login, grant) = (Login::Session(session), Grant::Full);
        Self { user, login, grant, is_bot: false, expires_at: Some(expires_at), address }
    }

    fn by_key(user: User, key: &Key, address: IpAddr) -> Self {
        Self {
            user: User { is_admin: false, ..user },
            login: Login::Key(key.id),
            grant: Grant::Scoped(key.scopes),
            is_bot: key.is_bot,
            expires_at: key.expires_at,
            address,
        }
    }
}

/// Says whose a token is. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Identities {
    pub store: Store,
    /// Of access tokens.
    pub keys: Keys,
    /// Counts wrong keys.
    pub throttle: Throttle,
    /// The way to the record of when keys were used.
    pub uses: KeyUses,
    pub metrics: Metrics,
}

impl Identities {
    /// Whose an access token or a key is: whether it is good, its time, and whether what it is of is still in force.
    /// Errors: `token_expired`, `unauthenticated`, or `unavailable` where the database is away; `rate_limited` for wrong keys.
    pub(crate) async fn identify(
        &self,
        token: &str,
        address: IpAddr,
        now: Millis,
    ) -> Result<Identity, Refusal> {
        match AccountKey::is_meant_by(token) {
            true => self.by_key(token, address, now).await,
            false => self.by_token(token, address, now).await,
        }
    }

    async fn by_token(&self, token: &str, address: IpAddr, now: Millis) -> Result<Identity, Refusal> {
        let claims = self.keys.verify(token, now).map_err(|error| match error {
            TokenError::Expired => {
                Refusal::new(Code::TokenExpired, "The access token has ended; refresh it.")
            }
            TokenError::Invalid => bad_token(),
        })?;
        let alive = self.store.read(move |conn| sessions::alive(conn, claims.session_id, now)).await;
        let alive = alive.map_err(|error| Refusal::database_away(&error))?;
        let (session, user) = alive.filter(|(_, user)| user.id == claims.user_id).ok_or_else(bad_token)?;
        Ok(Identity::by_session(user, session.id, claims.expires_at, address))
    }

    async fn by_key(&self, text: &str, address: IpAddr, now: Millis) -> Result<Identity, Refusal> {
        let Ok(key) = text.parse::<AccountKey>() else { return Err(self.wrong_key(address)) };
        let hash = key.hash();
        let found = self.store.read(move |conn| keys::by_hash(conn, &hash)).await;
        let found = found.map_err(|error| Refusal::database_away(&error))?;
        let (key, user) = found.ok_or_else(|| self.wrong_key(address))?;
        if key.has_ended(now) {
            return Err(Refusal::new(Code::TokenExpired, "The time of this key is over."));
        }
        if key.is_to_be_noted(now) {
            self.uses.note(key.id, now);
        }
        Ok(Identity::by_key(user, &key, address))
    }

    /// Wrong keys are counted by address; a right one is never refused for them.
    fn wrong_key(&self, address: IpAddr) -> Refusal {
        let Err(too_many) = self.throttle.wrong_account_key(address, Instant::now()) else {
            return Refusal::new(Code::Unauthenticated, "This is not a key in force.");
        };
        self.metrics.limit_hits.of(too_many.limit).inc();
        Refusal::new(Code::RateLimited, "Too many wrong keys.").retry_after(too_many.retry_after_ms)
    }

    /// Whether what somebody came with has ended: asked once more when a connection has been signed in, since between the look
    /// at its token and that moment a revocation finds nothing to close. A database that is away ends nothing.
    pub(crate) async fn has_ended(self, login: Login, address: IpAddr) -> bool {
        let alive = self.store.read(move |conn| account_of(conn, login, address, Millis::now())).await;
        matches!(alive, Ok(None))
    }
}

/// The account of a login that is still in force.
pub(crate) fn account_of(
    conn: &mut Conn,
    login: Login,
    address: IpAddr,
    now: Millis,
) -> store::Result<Option<Account>> {
    let identity = match login {
        Login::Session(id) => sessions::alive(conn, id, now)?.map(|(session, user)| {
            Identity::by_session(user, session.id, session.refresh_expires_at, address)
        }),
        Login::Key(id) => {
            keys::alive(conn, id, now)?.map(|(key, user)| Identity::by_key(user, &key, address))
        }
    };
    Ok(identity.map(|identity| identity.account()))
}

/// Fails where a key has none of these scopes; the refusal names them.
/// Errors: `forbidden`.
pub(crate) fn require_one_of(grant: Grant, scopes: &[KeyScope]) -> Result<(), Refusal> {
    if scopes.iter().any(|scope| grant.covers(*scope)) {
        return Ok(());
    }
    let names: Vec<String> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
    Err(Refusal::new(Code::Forbidden, format!("This key has not the scope {}.", names.join(" or "))))
}

/// What no scope names.
pub(crate) fn no_key_may() -> Refusal {
    Refusal::new(Code::Forbidden, "No scope of a key allows this. Log in.")
}

fn bad_token() -> Refusal {
    Refusal::new(Code::Unauthenticated, "The access token is not valid.")
}
