//! Listening: one connection, its subscriptions, and the proof that it still hears; made anew where it does not.
//! It must not know what is heard.

use super::{
    address::{Address, no_answer},
    backoff::{Backoff, chance},
    message::Message,
    probe::{Patience, Probe, Step},
    receiver::{LastHeard, Receiver},
    subscriptions::Changes,
};
use crate::{
    bus::{Heard, Topic},
    domain::{Millis, StreamId},
    logging::Recurring,
};
use bytes::Bytes;
use redis::{AsyncConnectionConfig, RedisError, RedisResult, aio::MultiplexedConnection};
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::watch,
    time::{sleep, sleep_until, timeout},
};

/// Channels in one SUBSCRIBE, so that each has its answer in time.
const CHANNELS_AT_ONCE: usize = 500;

/// What listens for one node.
pub(super) struct Listener {
    pub address: Address,
    pub patience: Patience,
    pub receiver: Receiver,
    /// The connection, for who speaks; none while there is none.
    pub connection: watch::Sender<Option<MultiplexedConnection>>,
}

impl Listener {
    /// Listens for as long as it is polled.
    pub(super) async fn run(self) {
        let fault = Recurring::new("other nodes are not heard");
        let mut backoff = Backoff::between(self.patience.backoff);
        let mut was_sure = false;
        self.receiver.ear.hear(Heard::Unsure);
        loop {
            let lost = self.listen_until_lost(|| {
                fault.worked();
                backoff.worked();
                if std::mem::replace(&mut was_sure, true) {
                    self.receiver.metrics.bus_reconnects.inc();
                }
            });
            let Err(error) = lost.await;
            fault.failed(error);
            self.lose();
            sleep(backoff.wait(chance())).await;
        }
    }

    fn lose(&self) {
        self.connection.send_replace(None);
        self.receiver.subscriptions.lost();
        if self.receiver.ear.is_sure() {
            self.receiver.metrics.bus_up.set(0);
            self.receiver.ear.hear(Heard::Unsure);
        }
    }

    /// One connection, from its beginning to its end; `sure` is called once it has proved that it hears.
    async fn listen_until_lost(&self, mut sure: impl FnMut()) -> RedisResult<std::convert::Infallible> {
        let last = Arc::new(LastHeard::default());
        let mut connection = self.connect(last.clone()).await?;
        self.subscribe_to_all(&mut connection).await?;
        let mut probe = Probe::new(&self.patience);
        loop {
            if last.at().is_some() && !self.receiver.ear.is_sure() {
                self.receiver.metrics.bus_up.set(1);
                self.receiver.ear.hear(Heard::Sure);
                sure();
            }
            if last.is_closed() {
                return Err(io::Error::from(io::ErrorKind::ConnectionReset).into());
            }
            match probe.step(last.at(), Instant::now()) {
                Step::Lost => return Err(silent()),
                Step::Ask => self.say_to_itself(&connection).await?,
                Step::Wait(until) => tokio::select! {
                    () = sleep_until(until.into()) => {}
                    () = last.news() => {}
                    () = self.receiver.subscriptions.changed() => self.follow(&mut connection).await?,
                },
            }
        }
    }

    async fn connect(&self, last: Arc<LastHeard>) -> RedisResult<MultiplexedConnection> {
        let receiver = self.receiver.clone();
        let config = AsyncConnectionConfig::new().set_push_sender(move |push| receiver.take(push, &last));
        self.address.connect(config, self.patience.connect).await
    }

    /// Says nothing to itself, which proves that it hears.
    async fn say_to_itself(&self, connection: &MultiplexedConnection) -> RedisResult<()> {
        let boot = self.receiver.boot;
        let message = Message { from: boot, sent: Millis::by_the_system(), words: Bytes::new() };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.receiver.names.own(boot)).arg(message.write());
        let mut connection = connection.clone();
        in_time(self.patience.answer, publish.exec_async(&mut connection)).await
    }

    /// From here on there is something to say by, too.
    async fn subscribe_to_all(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let names = &self.receiver.names;
        let own = [names.channel(Topic::House), names.own(self.receiver.boot)];
        in_time(self.patience.answer, connection.subscribe(&own[..])).await?;
        let streams = self.receiver.subscriptions.connected();
        self.subscribe(connection, &streams).await?;
        self.connection.send_replace(Some(connection.clone()));
        Ok(())
    }

    async fn follow(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let Changes { begin, end } = self.receiver.subscriptions.take();
        for streams in end.chunks(CHANNELS_AT_ONCE) {
            in_time(self.patience.answer, connection.unsubscribe(self.channels(streams))).await?;
        }
        self.subscribe(connection, &begin).await
    }

    async fn subscribe(
        &self,
        connection: &mut MultiplexedConnection,
        streams: &[StreamId],
    ) -> RedisResult<()> {
        for streams in streams.chunks(CHANNELS_AT_ONCE) {
            in_time(self.patience.answer, connection.subscribe(self.channels(streams))).await?;
            self.receiver.subscriptions.begun(streams);
        }
        Ok(())
    }

    fn channels(&self, streams: &[StreamId]) -> Vec<String> {
        streams.iter().map(|stream| self.receiver.names.channel(Topic::Stream(*stream))).collect()
    }
}

async fn in_time<T>(within: Duration, asking: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    timeout(within, asking).await.unwrap_or_else(|_| Err(no_answer()))
}

fn silent() -> RedisError {
    io::Error::new(io::ErrorKind::TimedOut, "nothing comes any more, not even what is said from here").into()
}
