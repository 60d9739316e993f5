//! The bus over Redis or Valkey: pub/sub between the nodes, and commands for what they count together.
//! It must not know what the words mean, nor what is counted.

mod address;
mod backoff;
pub(crate) mod commands;
mod listener;
pub(super) mod message;
pub(crate) mod names;
pub(crate) mod probe;
mod receiver;
mod speaker;
mod subscriptions;
#[cfg(test)]
mod tests;

use super::{
    Bus, Exchange, Listening, Topic,
    ear::{self, Ear, EarSender},
};
use crate::{
    config::RedisUrl,
    domain::{BootId, StreamId},
    metrics::Metrics,
};
use address::Address;
use bytes::Bytes;
pub(crate) use commands::{Away, COMMAND_MAX, Commands};
use listener::Listener;
use names::Names;
use probe::Patience;
use receiver::Receiver;
use speaker::Speaker;
#[cfg(test)]
use speaker::WORDS_BYTES_MAX;
use std::sync::Arc;
use subscriptions::Subscriptions;
#[cfg(test)]
pub(crate) use tests::samples;
use tokio::{sync::watch, task::JoinSet};

/// What was started: the way to the other nodes, what is heard of them, and the way to ask Redis itself.
pub(crate) struct Started {
    pub bus: Bus,
    pub ear: Ear,
    pub commands: Commands,
    /// All of it works for as long as this lives.
    pub tasks: Tasks,
}

/// What works for the bus, until it is dropped.
pub(crate) struct Tasks {
    _running: JoinSet<()>,
}

/// Starts listening and speaking, on this runtime. Redis need not be there; then it is unsure.
/// Errors: where the URL is none that the client takes.
pub(crate) fn start(
    url: &RedisUrl,
    names: Names,
    boot: BootId,
    patience: Patience,
    metrics: Metrics,
) -> ::redis::RedisResult<Started> {
    let address = Address::new(url)?;
    let (connection, to_speak) = watch::channel(None);
    let (speaker, voice) = Speaker::new(names.clone(), boot, patience.answer, to_speak, metrics.clone());
    let (ear_sender, ear) = ear::open(metrics.clone());
    let subscriptions = Arc::new(Subscriptions::default());
    let exchange = Redis { speaker, subscriptions: subscriptions.clone(), ear: ear_sender.clone() };
    let receiver = Receiver { names: names.clone(), boot, subscriptions, ear: ear_sender, metrics };
    let listener = Listener { address: address.clone(), patience, receiver, connection };
    let (commands, keep_connection) = Commands::new(address, names, patience);
    let mut running = JoinSet::new();
    running.spawn(listener.run());
    running.spawn(voice.run());
    running.spawn(keep_connection);
    let bus = Bus::by(Arc::new(exchange));
    Ok(Started { bus, ear, commands, tasks: Tasks { _running: running } })
}

/// The exchange of one node.
struct Redis {
    speaker: Speaker,
    subscriptions: Arc<Subscriptions>,
    ear: EarSender,
}

impl Exchange for Redis {
    fn say(&self, topic: Topic, words: Bytes) {
        self.speaker.say(topic, words);
    }

    fn listen(&self, stream: StreamId) -> Listening {
        self.subscriptions.listen(stream)
    }

    fn is_sure(&self) -> bool {
        self.ear.is_sure()
    }
}
