//! Open connections by address, account and login: their limits, and how to close them all at once.
//! It must not know of rooms; it holds a line to each session, not the session.

use crate::{
    auth::Network,
    config::Limits,
    domain::{Login, SessionId, UserId},
    metrics::Metrics,
    room::reply::ConnectionHandle,
    wire::{Close, Code, Refusal},
};
use parking_lot::Mutex;
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::Arc,
};

/// All open connections of this node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Connections {
    open: Arc<Mutex<Open>>,
    limits: Arc<Limits>,
    metrics: Metrics,
}

#[derive(Default)]
struct Open {
    total: u64,
    /// By IPv4 address or IPv6 /64, as one subscriber has them.
    by_network: HashMap<Network, u64>,
    by_user: HashMap<UserId, VecDeque<Entry>>,
    sign_ins: u64,
}

struct Entry {
    login: Login,
    handle: ConnectionHandle,
    /// Which sign-in of the connection it is.
    serial: u64,
}

/// How long a refused client should wait, in milliseconds.
const RETRY_AFTER_MS: i64 = 5000;

impl Connections {
    pub(crate) fn new(limits: Arc<Limits>, metrics: Metrics) -> Self {
        Self { open: Arc::default(), limits, metrics }
    }

    /// A place for one more connection from this address.
    /// Errors: `overloaded` where the server has all it takes, `rate_limited` where the address has.
    pub(crate) fn admit(&self, address: IpAddr) -> Result<Place, Refusal> {
        let network = Network::from(address);
        let mut open = self.open.lock();
        if !self.limits.connections.allows(open.total + 1) {
            self.metrics.limit_hits.of("CONNECTIONS").inc();
            return Err(Refusal::overloaded());
        }
        let here = open.by_network.entry(network).or_default();
        if !self.limits.connections_per_ip.allows(*here + 1) {
            self.metrics.limit_hits.of("CONNECTIONS_PER_IP").inc();
            let refusal = Refusal::new(Code::RateLimited, "Too many connections from your address.");
            return Err(refusal.retry_after(RETRY_AFTER_MS));
        }
        *here += 1;
        open.total += 1;
        self.metrics.ws_connections.inc();
        Ok(Place { connections: self.clone(), network })
    }

    /// A connection belongs to an account as long as what is returned lives. One too many closes the account's oldest.
    pub(crate) fn sign_in(&self, user: UserId, login: Login, handle: ConnectionHandle) -> SignedIn {
        let mut open = self.open.lock();
        open.sign_ins += 1;
        let serial = open.sign_ins;
        let of_user = open.by_user.entry(user).or_default();
        // Once more is not twice.
        of_user.retain(|one| one.handle.connection != handle.connection);
        of_user.push_back(Entry { login, handle, serial });
        if !self.limits.connections_per_user.allows(of_user.len() as u64)
            && let Some(oldest) = of_user.pop_front()
        {
            self.metrics.limit_hits.of("CONNECTIONS_PER_USER").inc();
            oldest.handle.close(Close::Replaced);
        }
        self.metrics.signed_in_connections.inc();
        SignedIn { connections: self.clone(), user, serial }
    }

    /// Closes what was opened with a session or a key.
    pub(crate) fn close_login(&self, login: Login, because: Close) {
        let open = self.open.lock();
        let of_login = open.by_user.values().flatten().filter(|one| one.login == login);
        of_login.for_each(|one| one.handle.close(because));
    }

    /// Closes what an account has open with any of its sessions but one.
    pub(crate) fn close_sessions(&self, user: UserId, except: Option<SessionId>, because: Close) {
        let is_to_go = |login: Login| login.session().is_some_and(|session| Some(session) != except);
        let open = self.open.lock();
        let of_user = open.by_user.get(&user).into_iter().flatten();
        of_user.filter(|one| is_to_go(one.login)).for_each(|one| one.handle.close(because));
    }

    /// Closes all that an account has open.
    pub(crate) fn close_user(&self, user: UserId, because: Close) {
        let open = self.open.lock();
        open.by_user.get(&user).into_iter().flatten().for_each(|one| one.handle.close(because));
    }

    /// Whether an account has any.
    pub(crate) fn has(&self, user: UserId) -> bool {
        self.open.lock().by_user.contains_key(&user)
    }

    /// How many there are.
    pub(crate) fn total(&self) -> u64 {
        self.open.lock().total
    }

    /// Addresses and accounts that something is kept of.
    pub(crate) fn rows(&self) -> usize {
        let open = self.open.lock();
        open.by_network.len() + open.by_user.len()
    }
}

/// A connection's place among all; dropping it gives the place back.
pub(crate) struct Place {
    connections: Connections,
    network: Network,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock();
        open.total -= 1;
        if let Some(here) = open.by_network.get_mut(&self.network) {
            *here -= 1;
            if *here == 0 {
                open.by_network.remove(&self.network);
            }
        }
        self.connections.metrics.ws_connections.dec();
    }
}

/// A connection's belonging to an account; dropping it ends that.
pub(crate) struct SignedIn {
    connections: Connections,
    user: UserId,
    serial: u64,
}

impl Drop for SignedIn {
    fn drop(&mut self) {
        self.connections.metrics.signed_in_connections.dec();
        let mut open = self.connections.open.lock();
        let Some(of_user) = open.by_user.get_mut(&self.user) else { return };
        of_user.retain(|one| one.serial != self.serial);
        if of_user.is_empty() {
            open.by_user.remove(&self.user);
        }
    }
}
