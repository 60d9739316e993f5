//! What a connection hears, as it comes: on to the ear, and a note of when. It runs within the connection's own task, so it
//! never waits. It must not know how a connection is made.

use super::{
    message::Message,
    names::{Channel, Names},
    subscriptions::Subscriptions,
};
use crate::{
    bus::{Heard, Topic, ear::EarSender},
    domain::{BootId, Millis},
    metrics::Metrics,
};
use parking_lot::Mutex;
use redis::{PushInfo, PushKind, Value};
use std::{convert::Infallible, sync::Arc, time::Instant};
use tokio::sync::Notify;

/// When something was heard on a connection last. Shared between it and who looks after it.
#[derive(Debug, Default)]
pub(super) struct LastHeard {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    at: Option<Instant>,
    is_closed: bool,
}

impl LastHeard {
    /// None where nothing was heard yet.
    pub(super) fn at(&self) -> Option<Instant> {
        self.state.lock().at
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.lock().is_closed
    }

    /// Waits for the first thing that is heard, or for the end.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    fn note(&self) {
        let before = self.state.lock().at.replace(Instant::now());
        if before.is_none() {
            self.news.notify_one();
        }
    }

    fn close(&self) {
        self.state.lock().is_closed = true;
        self.news.notify_one();
    }
}

/// Takes what one connection hears.
#[derive(Clone)]
pub(super) struct Receiver {
    pub names: Names,
    pub boot: BootId,
    pub subscriptions: Arc<Subscriptions>,
    pub ear: EarSender,
    pub metrics: Metrics,
}

impl Receiver {
    pub(super) fn take(&self, push: PushInfo, last: &LastHeard) -> Result<(), Infallible> {
        match (push.kind, <[Value; 2]>::try_from(push.data)) {
            (PushKind::Message, Ok([Value::BulkString(channel), Value::BulkString(bytes)])) => {
                last.note();
                self.hear(&channel, bytes);
            }
            (PushKind::Disconnection, _) => last.close(),
            _ => {}
        }
        Ok(())
    }

    fn hear(&self, channel: &[u8], bytes: Vec<u8>) {
        let Some(Channel::Of(topic)) = self.names.read(channel) else { return };
        if matches!(topic, Topic::Stream(stream) if !self.subscriptions.has(stream)) {
            return;
        }
        let Some(Message { from, sent, words }) = Message::read(bytes) else {
            // A newer node has said something: what it was, the database has.
            return self.ear.lose();
        };
        if from == self.boot {
            return;
        }
        self.metrics.bus_heard.inc();
        self.metrics.bus_lag_seconds.observe(Millis::by_the_system().since(sent).max(0) as f64 / 1e3);
        self.ear.hear(Heard::Words { topic, from, words });
    }
}
