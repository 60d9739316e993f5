//! Speaking: a bounded queue, and one task that says all that waits in one round trip. What cannot be said is lost at once, for
//! later it is of no use. It must not know what is said.

use super::{address::no_answer, message::Message, names::Names};
use crate::{
    bus::Topic,
    domain::{BootId, Millis},
    logging::Recurring,
    metrics::Metrics,
};
use bytes::Bytes;
use redis::{Pipeline, RedisResult, aio::MultiplexedConnection};
use std::{io, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};

/// What may wait to be said.
const WAITING_MAX: usize = 1_024;
/// Of that, in one round trip.
const AT_ONCE: usize = 64;
/// Longer words are for whoever says them to split.
pub(crate) const WORDS_BYTES_MAX: usize = 256 * 1024;

struct Said {
    topic: Topic,
    words: Bytes,
}

/// The end that never waits.
pub(super) struct Speaker {
    queue: mpsc::Sender<Said>,
    metrics: Metrics,
}

/// The other end.
pub(super) struct Voice {
    queue: mpsc::Receiver<Said>,
    pub(super) names: Names,
    pub(super) boot: BootId,
    /// How long Redis may take to answer.
    pub(super) answer: Duration,
    pub(super) connection: watch::Receiver<Option<MultiplexedConnection>>,
    metrics: Metrics,
}

impl Speaker {
    /// Both ends, of which the other says what waits for as long as it is polled.
    pub(super) fn new(
        names: Names,
        boot: BootId,
        answer: Duration,
        connection: watch::Receiver<Option<MultiplexedConnection>>,
        metrics: Metrics,
    ) -> (Self, Voice) {
        let (sender, queue) = mpsc::channel(WAITING_MAX);
        let voice = Voice { queue, names, boot, answer, connection, metrics: metrics.clone() };
        (Self { queue: sender, metrics }, voice)
    }

    pub(super) fn say(&self, topic: Topic, words: Bytes) {
        if words.len() > WORDS_BYTES_MAX {
            self.metrics.bus_dropped.of("size").inc();
        } else if self.queue.try_send(Said { topic, words }).is_err() {
            self.metrics.bus_dropped.of("queue").inc();
        }
    }
}

impl Voice {
    pub(super) async fn run(mut self) {
        let fault = Recurring::new("nothing can be said to other nodes");
        let mut batch = Vec::with_capacity(AT_ONCE);
        while self.queue.recv_many(&mut batch, AT_ONCE).await > 0 {
            let answered = timeout(self.answer, self.say_all(&batch)).await;
            match answered.unwrap_or_else(|_| Err(no_answer())) {
                Ok(()) => {
                    fault.worked();
                    self.metrics.bus_said.inc_by(batch.len() as u64);
                }
                Err(error) => {
                    fault.failed(error);
                    self.lose(batch.len());
                }
            }
            batch.clear();
        }
    }

    async fn say_all(&self, batch: &[Said]) -> RedisResult<()> {
        let connection = self.connection.borrow().clone();
        let mut connection = connection.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))?;
        let mut pipeline = Pipeline::with_capacity(batch.len());
        for Said { topic, words } in batch {
            let message = Message { from: self.boot, sent: Millis::by_the_system(), words: words.clone() };
            pipeline.cmd("PUBLISH").arg(self.names.channel(*topic)).arg(message.write()).ignore();
        }
        pipeline.exec_async(&mut connection).await
    }

    /// What waited meanwhile is as old.
    fn lose(&mut self, said: usize) {
        let mut lost = said as u64;
        while self.queue.try_recv().is_ok() {
            lost += 1;
        }
        self.metrics.bus_dropped.of("error").inc_by(lost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_finds_no_room_is_counted_and_so_is_what_cannot_be_said() {
        let (_none, connection) = watch::channel(None);
        let metrics = Metrics::new();
        let answer = Duration::from_secs(1);
        let (speaker, voice) =
            Speaker::new(Names::of("house"), BootId::new(), answer, connection, metrics.clone());
        let dropped = |reason| metrics.bus_dropped.of(reason).get();
        (0..WAITING_MAX).for_each(|_| speaker.say(Topic::House, Bytes::from_static(b"x")));
        assert_eq!(dropped("queue"), 0);
        speaker.say(Topic::House, Bytes::from_static(b"one more"));
        assert_eq!(dropped("queue"), 1);
        speaker.say(Topic::House, Bytes::from(vec![b'x'; WORDS_BYTES_MAX + 1]));
        assert_eq!((dropped("size"), dropped("error")), (1, 0));

        drop(speaker);
        voice.run().await;
        assert_eq!((dropped("error"), metrics.bus_said.get()), (WAITING_MAX as u64, 0));
    }
}
