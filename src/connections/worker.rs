//! What all sessions of one worker share.
//! It must not know of single viewers.

use super::limits::Connections;
use crate::{
    config::Limits,
    domain::{ConnectionId, StreamId},
    identity::Identities,
    metrics::Metrics,
    room::{
        fanout::shard::{Audience, Shard},
        front::streams::Streams,
        reply::{ConnectionHandle, Tell},
    },
    store::audit_queue::AuditQueue,
};
use actix::{Addr, Recipient};
use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

/// What the sessions of a worker share.
pub(crate) struct WorkerContext {
    /// The store and the way to the rooms.
    pub streams: Streams,
    /// Says whose a token is.
    pub identities: Identities,
    /// All open connections.
    pub connections: Connections,
    /// The way to the record.
    pub audit_queue: AuditQueue,
    pub limits: Arc<Limits>,
    pub metrics: Metrics,
    /// How often the server pings.
    pub heartbeat: Duration,
    /// This worker's viewers.
    pub audience: Rc<RefCell<Audience>>,
    /// This worker's shard.
    pub shard: Addr<Shard>,
    /// Which worker this is, counted from 0.
    pub number: usize,
}

impl WorkerContext {
    /// How to reach a session of this worker.
    pub(crate) fn handle(
        &self,
        connection: ConnectionId,
        stream: StreamId,
        session: Recipient<Tell>,
    ) -> ConnectionHandle {
        ConnectionHandle { connection, stream, session, shard: self.shard.clone(), worker: self.number }
    }
}
