//! The parts of a server, started in the order in which they need each other.
//! It must not know of listeners.

use crate::{
    auth::{Hasher, Keys, Throttle},
    config::Config,
    connections::limits::Connections,
    http::Services,
    metrics::Metrics,
    room::{
        core::core_parts::CoreParts,
        front::{registry::RoomRegistry, streams::Streams},
        journal::Journal,
        operations::{SignedOut, publish::SignOut},
        parts::RoomParts,
        viewer_counts::ViewerCounts,
    },
    services::Draining,
    store::{self, Store, audit_queue::AuditQueue},
    wire::Close,
};
use actix::Actor;
use anyhow::Context;
use std::sync::Arc;

/// Everything but the listeners.
pub(super) struct Parts {
    /// What handlers reach.
    pub services: Services,
}

impl Parts {
    /// Store, metrics, keys, journal, registry.
    pub(super) async fn start(config: Config) -> anyhow::Result<Parts> {
        let config = Arc::new(config);
        let metrics = Metrics::new();
        let store = open_store(&config).await?.counting(metrics.clone());
        // Its thread ends with the last room.
        let (journal, _thread) =
            Journal::start(store.clone(), metrics.clone()).context("the journal's thread")?;
        let viewer_counts = ViewerCounts::default();
        let limits = Arc::new(config.limits.clone());
        let connections = Connections::new(limits.clone(), metrics.clone());
        let sign_out = sign_out(connections.clone());
        let core = CoreParts {
            viewer_counts: viewer_counts.clone(),
            metrics: metrics.clone(),
            limits,
            flush_window: config.flush_window,
        };
        let parts = RoomParts { store: store.clone(), journal, sign_out: sign_out.clone(), core };
        let registry = RoomRegistry::new(parts).start();
        let services = Services {
            audit_queue: AuditQueue::start(store.clone(), metrics.clone()),
            streams: Streams::new(store.clone(), registry, viewer_counts, sign_out),
            store,
            keys: Keys::new(&config.secret_key, config.secret_key_previous.as_ref()),
            hasher: Hasher::new(&metrics),
            throttle: Throttle::new(&config.limits),
            connections,
            draining: Draining::default(),
            warnings: Arc::default(),
            metrics,
            config,
        };
        Ok(Parts { services })
    }
}

fn sign_out(connections: Connections) -> SignOut {
    Arc::new(move |who| match who {
        SignedOut::Session(session) => connections.close_session(session, Close::Revoked),
        SignedOut::Account { user, kept } => connections.close_user(user, kept, Close::Revoked),
    })
}

/// Opening migrates, which may take its time.
async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let url = config.database_url.expose();
    let opened = tokio::task::spawn_blocking(move || {
        let store = Store::open(&url)?;
        let restored = store.begin_epoch_if_restored()?;
        Ok((store, restored))
    });
    match opened.await? {
        Ok((store, restored)) => {
            if let Some(why) = restored {
                log::warn!("{why}: a new epoch begins, in which clients forget their places in the logs");
            }
            Ok(store)
        }
        // It names the database itself.
        Err(error @ store::Error::Unusable(_)) => Err(error.into()),
        Err(error) => Err(error).with_context(|| format!("the database {}", config.database_url.masked())),
    }
}
