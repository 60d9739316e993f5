//! Commands to Redis, on one connection that is made anew where it fails. Nobody waits for one that is not there.
//! It must not know what is kept there.

use super::{
    address::{Address, no_answer},
    backoff::{Backoff, chance},
    names::Names,
    probe::Patience,
};
use crate::logging::Recurring;
use redis::{
    AsyncConnectionConfig, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisResult, ScriptInvocation,
    ServerErrorKind, aio::MultiplexedConnection,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// What a command may take where somebody waits for it: then it is done without Redis.
pub(crate) const COMMAND_MAX: Duration = Duration::from_millis(100);

/// Redis has not answered, or with an error, which is in the log. What was asked may be done all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Redis is away")]
pub(crate) struct Away;

/// The way to ask Redis for something. Clones share the connection.
#[derive(Clone)]
pub(crate) struct Commands {
    names: Names,
    line: watch::Receiver<Line>,
    /// The greatest number of a connection that has failed.
    failed: Arc<watch::Sender<u64>>,
    fault: Arc<Recurring>,
}

/// How the connection stands.
#[derive(Clone)]
enum Line {
    /// It is being made for the first time.
    Begun,
    Up {
        number: u64,
        connection: MultiplexedConnection,
    },
    Away,
}

impl Commands {
    /// What asks, and what keeps the connection for as long as it is polled.
    pub(super) fn new(
        address: Address,
        names: Names,
        patience: Patience,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (kept, line) = watch::channel(Line::Begun);
        let (failed, failures) = watch::channel(0);
        let fault = Arc::new(Recurring::new("Redis does not answer"));
        let keep = keep(address, patience, kept, failures, fault.clone());
        (Self { names, line, failed: Arc::new(failed), fault }, keep)
    }

    /// What keys are called in this house.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// Carries out a pipeline, of one command or many.
    /// Errors: [`Away`] where there is no answer within the time, or an error.
    pub(crate) async fn pipeline<T: FromRedisValue>(
        &self,
        asked: &Pipeline,
        within: Duration,
    ) -> Result<T, Away> {
        self.run(within, async |mut connection| asked.query_async(&mut connection).await).await
    }

    /// Carries out a script, which is loaded where Redis does not know it.
    /// Errors: As [`Commands::pipeline`].
    pub(crate) async fn script<T: FromRedisValue>(
        &self,
        asked: &ScriptInvocation<'_>,
        within: Duration,
    ) -> Result<T, Away> {
        self.run(within, async |mut connection| asked.invoke_async(&mut connection).await).await
    }

    async fn run<T>(
        &self,
        within: Duration,
        ask: impl AsyncFnOnce(MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, Away> {
        let mut number = 0;
        let asking = async {
            let (at, connection) = self.connection().await?;
            number = at;
            ask(connection).await.map_err(Some)
        };
        match timeout(within, asking).await.unwrap_or_else(|_| Err(Some(no_answer()))) {
            Ok(answer) => Ok(answer),
            Err(None) => Err(Away),
            Err(Some(error)) => {
                if is_of_the_connection(&error) {
                    self.failed.send_if_modified(|last| number > std::mem::replace(last, number.max(*last)));
                }
                self.fault.failed(error);
                Err(Away)
            }
        }
    }

    /// The connection, with its number; none where it is away, which is said in the log elsewhere.
    async fn connection(&self) -> Result<(u64, MultiplexedConnection), Option<RedisError>> {
        let mut line = self.line.clone();
        let known = line.wait_for(|line| !matches!(line, Line::Begun)).await;
        match known.as_deref() {
            // One that has failed may not have been put away yet.
            Ok(Line::Up { number, connection }) if *number > *self.failed.borrow() => {
                Ok((*number, connection.clone()))
            }
            _ => Err(None),
        }
    }
}

/// Makes the connection, and again where it has failed.
async fn keep(
    address: Address,
    patience: Patience,
    line: watch::Sender<Line>,
    mut failures: watch::Receiver<u64>,
    fault: Arc<Recurring>,
) {
    let mut backoff = Backoff::between(patience.backoff);
    let mut number = 0;
    loop {
        match address.connect(AsyncConnectionConfig::new(), patience.connect).await {
            Ok(connection) => {
                fault.worked();
                backoff.worked();
                number += 1;
                line.send_replace(Line::Up { number, connection });
                if failures.wait_for(|failed| *failed >= number).await.is_err() {
                    return;
                }
            }
            Err(error) => fault.failed(error),
        }
        line.send_replace(Line::Away);
        sleep(backoff.wait(chance())).await;
    }
}

/// Whether another connection may do better: this one is broken, frozen, or leads to a server that may not write.
fn is_of_the_connection(error: &RedisError) -> bool {
    match error.kind() {
        ErrorKind::Io | ErrorKind::Parse | ErrorKind::AuthenticationFailed => true,
        ErrorKind::Server(kind) => matches!(kind, ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown),
        _ => false,
    }
}
