//! What every handler may reach: the desk, keys and counters of one server.
//! It must not know any resource.

use crate::{
    auth::{Hasher, Keys, Throttle},
    config::Config,
    connections::limits::Connections,
    http::middleware::warnings::Warnings,
    metrics::Metrics,
    room::front::streams::Desk,
    store::audit_queue::Trail,
    wire::problem::{Code, Refusal},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The parts of one server. Cheap to clone; found by handlers as `web::Data<App>`.
#[derive(Clone)]
pub struct App {
    /// The store and the way to the rooms.
    pub desk: Desk,
    /// What the operator has decided.
    pub config: Arc<Config>,
    /// Signs and checks tokens.
    pub keys: Keys,
    /// Hashes and checks passwords.
    pub hasher: Hasher,
    /// What is counted.
    pub metrics: Metrics,
    /// How often one may try to log in or register.
    pub throttle: Throttle,
    /// Open sockets, to be closed when their session ends.
    pub connections: Connections,
    /// The way to the audit record.
    pub trail: Trail,
    /// Whether the server is on its way out.
    pub draining: Draining,
    /// What its operator should hear, once a minute.
    pub warnings: Arc<Warnings>,
}

/// Whether the server is on its way out. Clones share the answer.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// From now on it is.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is.
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Fails where it is.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn refuse(&self) -> Result<(), Refusal> {
        match self.has_begun() {
            true => Err(Refusal::new(Code::Unavailable, "The server is stopping.").retry_after(1000)),
            false => Ok(()),
        }
    }
}
