//! Webhooks at work: finds what each has not had in logs and notices, and sends it, on a thread of its own.
//! It must not know what a room is, nor who made a webhook.

pub(crate) mod hints;
mod message;
mod overseer;
mod pile;
mod turns;
mod way;
mod worker;

pub(crate) use hints::Hints;
pub(crate) use overseer::{Running, start};
pub(crate) use way::Ways;

use crate::{auth::Keys, domain::BootId, metrics::Metrics, store::Store};
use std::time::Duration;

/// What all webhooks of a server need to be told anything.
pub(crate) struct Parts {
    pub store: Store,
    pub keys: Keys,
    pub metrics: Metrics,
    pub ways: Ways,
    pub hints: Hints,
    pub pace: crate::config::WebhookPace,
    /// This run of the server, among those that share the database.
    pub boot: BootId,
    /// Where the site is, for links.
    pub site: Option<String>,
}

impl Parts {
    /// How long a node may deliver a webhook before it says so again: longer than a try.
    fn lease(&self) -> Duration {
        self.pace.try_within * 3
    }
}
