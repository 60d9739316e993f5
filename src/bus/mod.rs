//! The bus: what the nodes of one house say to each other, at once and perhaps in vain; what is lost here, the database has.
//! It must not know rooms, nor what the words mean.

#[cfg(test)]
pub(crate) mod contract;
pub(crate) mod ear;
#[cfg(test)]
pub(crate) mod memory;
pub(crate) mod presence;
pub(crate) mod quotas;
pub(crate) mod redis;

use crate::domain::{BootId, StreamId};
use bytes::Bytes;
use std::sync::Arc;

/// What is said, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// To all nodes that listen to a stream.
    Stream(StreamId),
    /// To all nodes.
    House,
}

/// What a node hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Another node has said this.
    Words {
        topic: Topic,
        /// Which node has said it.
        from: BootId,
        words: Bytes,
    },
    /// From now on something may be said that is not heard here.
    Unsure,
    /// From now on everything is heard again; what was said before may have been missed.
    Sure,
}

/// What carries the words.
pub(crate) trait Exchange: Send + Sync {
    /// Says something to all others. Never waits: what finds no room is counted and lost.
    fn say(&self, topic: Topic, words: Bytes);

    /// Listens to a stream until the guard is dropped.
    fn listen(&self, stream: StreamId) -> Listening;

    /// Whether what is said is heard, as far as is known.
    fn is_sure(&self) -> bool;
}

/// A stream is listened to for as long as this lives.
pub(crate) struct Listening {
    /// Ends the listening when it is dropped.
    _guard: Option<Box<dyn Send>>,
    begun: Option<tokio::sync::oneshot::Receiver<()>>,
}

impl Listening {
    /// Nobody else says anything.
    pub(crate) fn to_nobody() -> Self {
        Self { _guard: None, begun: None }
    }

    /// What is said is heard once `begun` resolves; dropping `guard` ends it.
    pub(crate) fn new(guard: Box<dyn Send>, begun: tokio::sync::oneshot::Receiver<()>) -> Self {
        Self { _guard: Some(guard), begun: Some(begun) }
    }

    /// Resolves when all that is said is heard, or when there is no hope that it will be soon; then heads repair it.
    pub(crate) fn begun(&mut self) -> impl Future<Output = ()> + use<> {
        let begun = self.begun.take();
        async move {
            if let Some(begun) = begun {
                // Whoever would answer may be gone.
                _ = tokio::time::timeout(BEGIN_MAX, begun).await;
            }
        }
    }
}

/// The longest a room waits for its first word.
const BEGIN_MAX: std::time::Duration = std::time::Duration::from_millis(100);

/// The way to the other nodes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Bus {
    exchange: Option<Arc<dyn Exchange>>,
}

impl Bus {
    /// There are no others, or none but the database to reach them by.
    pub(crate) fn alone() -> Self {
        Self { exchange: None }
    }

    /// A way by this exchange.
    pub(crate) fn by(exchange: Arc<dyn Exchange>) -> Self {
        Self { exchange: Some(exchange) }
    }

    /// Whether anybody could hear what is said.
    pub(crate) fn has_others(&self) -> bool {
        self.exchange.is_some()
    }

    /// Whether what others say is heard, as far as is known.
    pub(crate) fn is_sure(&self) -> bool {
        self.exchange.as_ref().is_some_and(|exchange| exchange.is_sure())
    }

    /// Says something to all others. Never waits.
    pub(crate) fn say(&self, topic: Topic, words: Bytes) {
        if let Some(exchange) = &self.exchange {
            exchange.say(topic, words);
        }
    }

    /// Listens to a stream until the guard is dropped.
    pub(crate) fn listen(&self, stream: StreamId) -> Listening {
        self.exchange.as_ref().map_or_else(Listening::to_nobody, |exchange| exchange.listen(stream))
    }
}
