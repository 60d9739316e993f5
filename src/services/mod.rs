//! What every handler may reach: the streams, keys and counters of one server.
//! It must not know any resource.

pub(crate) mod course;
pub(crate) mod images;
pub(crate) mod picture;
pub(crate) mod site;
pub(crate) mod tries;
pub(crate) mod warnings;

use self::{
    course::Course,
    images::ImageMaker,
    picture::{PictureParts, ends::Ends},
    site::Site,
    tries::Tries,
    warnings::Warnings,
};
use crate::{
    auth::{Hasher, Keys, Throttled, setup::SetupToken},
    bus::Bus,
    config::Config,
    connections::limits::Connections,
    domain::webhook::address::Allowed,
    identity::Identities,
    metrics::Metrics,
    room::front::streams::Streams,
    store::{Store, audit_queue::AuditQueue},
    webhooks::Hints,
    wire::{Code, Refusal},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The parts of one server. Cheap to clone; found by handlers as `web::Data<Services>`.
#[derive(Clone)]
pub(crate) struct Services {
    pub store: Store,
    /// What handlers do to streams, and the way to the rooms.
    pub streams: Streams,
    /// What the operator has decided.
    pub config: Arc<Config>,
    /// What its administrators have decided.
    pub site: Site,
    /// How its last hour went.
    pub course: Course,
    /// The way to other nodes.
    pub bus: Bus,
    /// Signs and checks tokens.
    pub keys: Keys,
    /// Says whose a token is.
    pub identities: Identities,
    /// What the first administrator shows.
    pub setup: SetupToken,
    /// Hashes and checks passwords.
    pub hasher: Hasher,
    /// Makes avatars and covers.
    pub images: ImageMaker,
    /// What is counted.
    pub metrics: Metrics,
    /// How often one may try to log in or register.
    pub tries: Tries,
    /// Open sockets, to be closed when their session ends.
    pub connections: Connections,
    /// The way to the audit record.
    pub audit_queue: AuditQueue,
    /// What there is for pictures.
    pub picture: PictureParts,
    /// Ends pictures that may not go on.
    pub picture_ends: Ends,
    /// Whether the server is on its way out.
    pub draining: Draining,
    /// The way to webhooks.
    pub webhooks: WebhookParts,
    /// What its operator should hear, once a minute.
    pub warnings: Arc<Warnings>,
}

/// What handlers do with webhooks. Cheap to clone.
#[derive(Clone)]
pub(crate) struct WebhookParts {
    /// Where they say that there is something.
    pub hints: Hints,
    /// Which addresses they may lead to.
    pub allowed: Arc<Allowed>,
}

impl Services {
    /// Counts that a limit was reached, and gives back what whoever reached it is refused with.
    pub(crate) fn limit_reached(&self, too_many: Throttled) -> Throttled {
        self.metrics.limit_hits.of(too_many.limit).inc();
        too_many
    }
}

/// Whether the server is on its way out. Clones share the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    /// From now on it is.
    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is.
    pub(crate) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Fails where it is.
    /// Errors: `unavailable`.
    pub(crate) fn refuse(&self) -> Result<(), Refusal> {
        match self.has_begun() {
            true => Err(Refusal::new(Code::Unavailable, "The server is stopping.").retry_after(1000)),
            false => Ok(()),
        }
    }
}
