//! The store itself: pools, the gate of the one writer, and calls off the async threads.
//! It must not know any table but the epoch's.

use super::{
    conn::{Conn, Connector, Location, Purpose},
    error::{Error, Result},
    meta, migrate, name_keys,
    tx::{self, Tx},
};
use crate::metrics::Metrics;
use diesel::r2d2::R2D2Connection;
use parking_lot::{Mutex, MutexGuard};
use r2d2::ManageConnection;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How often a write is tried that PostgreSQL refused for the sake of another.
const ATTEMPTS: u32 = 5;

/// How the store uses its database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections: readers of SQLite (the writer is one more), or all to PostgreSQL.
    pub connections: u32,
    /// How long a call waits for its turn before it is [`Error::Busy`].
    pub wait: Duration,
}

impl Options {
    /// What fits the database that `url` names.
    fn for_location(location: &Location) -> Self {
        let connections = match location {
            Location::Sqlite { .. } => 4,
            Location::Postgres(_) => 10,
        };
        Self { connections, wait: Duration::from_secs(10) }
    }
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
    metrics: Metrics,
}

struct Inner {
    pool: r2d2::Pool<Connector>,
    /// SQLite has one writer at a time: threads queue here, fairly, instead of polling its lock.
    writer: Option<Writer>,
    /// Async callers queue here, in their order and without holding a thread: a turn is a thread and a connection.
    /// SQLite's writers have a queue of their own.
    turns: Arc<Semaphore>,
    write_turns: Arc<Semaphore>,
    wait: Duration,
}

struct Writer {
    connector: Connector,
    gate: Mutex<Conn>,
}

impl Store {
    /// Opens `sqlite:<path>[?vfs=<name>]` (made if it is not there) or `postgres://…` and migrates it. Blocks.
    ///
    /// # Errors
    /// [`Error::Url`] where the address is of no use, [`Error::Unavailable`] where nobody answers there.
    pub fn open(url: &str) -> Result<Self> {
        let location = Location::parse(url)?;
        let options = Options::for_location(&location);
        Self::open_at(location, &options)
    }

    /// The size of the write-ahead log; none where the database is a server's.
    pub fn wal_bytes(&self) -> Option<u64> {
        let Location::Sqlite { path, .. } = &self.inner.writer.as_ref()?.connector.location else {
            return None;
        };
        std::fs::metadata(format!("{path}-wal")).ok().map(|log| log.len())
    }

    /// As [`Store::open`], with other numbers than the usual ones.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(url: &str, options: &Options) -> Result<Self> {
        Self::open_at(Location::parse(url)?, options)
    }

    fn open_at(location: Location, options: &Options) -> Result<Self> {
        if let Location::Sqlite { path, .. } = &location {
            make_directory_of(path)?;
        }
        let connector = Connector { location: location.clone(), purpose: Purpose::Write };
        let mut first = connector.connect()?;
        migrate::run(&mut first)?;
        tx::write(&mut first, meta::ensure_epoch)?;
        tx::write(&mut first, name_keys::follow_the_rule)?;

        let embedded = matches!(location, Location::Sqlite { .. });
        let writer = embedded.then(|| Writer { connector, gate: Mutex::new(first) });
        let purpose = if embedded { Purpose::Read } else { Purpose::Write };
        let pool = r2d2::Pool::builder()
            .max_size(options.connections)
            .min_idle(Some(1))
            .test_on_check_out(!embedded)
            .connection_timeout(options.wait)
            .build(Connector { location, purpose })
            .map_err(|error| Error::Unavailable(error.into()))?;
        // One connection to PostgreSQL is left to the journal, which does not queue here.
        let at_once = options.connections.saturating_sub(u32::from(!embedded)).max(1);
        let turns = Arc::new(Semaphore::new(at_once as usize));
        let write_turns = if embedded { Arc::new(Semaphore::new(1)) } else { turns.clone() };
        let inner = Inner { pool, writer, turns, write_turns, wait: options.wait };
        Ok(Self { inner: Arc::new(inner), metrics: Metrics::new() })
    }

    /// The same, counting what is waited for and what fails.
    pub fn counting(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Runs `f` on a snapshot: all its queries see one moment. Blocks; at most the configured wait for its turn.
    ///
    /// # Errors
    /// Those of `f`; [`Error::Busy`] and [`Error::Unavailable`] where it could not run.
    pub fn read<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        self.read_since(Instant::now(), f)
    }

    fn read_since<T>(&self, asked: Instant, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let read = self.pooled().and_then(|mut conn| {
            self.has_waited(asked);
            tx::read(&mut conn, f)
        });
        self.counted(read)
    }

    /// Runs `f` in a transaction, committed and durable when this returns `Ok`, without a trace otherwise. Blocks.
    /// On PostgreSQL `f` may run again where it lost against another transaction.
    ///
    /// # Errors
    /// Those of `f` and of the commit; [`Error::Busy`] and [`Error::Unavailable`] where it could not run.
    pub fn write<T>(&self, f: impl FnMut(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.write_since(Instant::now(), f)
    }

    fn write_since<T>(&self, asked: Instant, f: impl FnMut(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let written = match &self.inner.writer {
            Some(writer) => writer.turn(self.inner.wait).and_then(|conn| {
                self.has_waited(asked);
                write_once(conn, f)
            }),
            None => self.pooled().and_then(|mut conn| {
                self.has_waited(asked);
                write_until_done(&mut conn, f)
            }),
        };
        self.counted(written)
    }

    /// [`Store::read`] off the async threads.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn reading<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (store, asked) = (self.clone(), Instant::now());
        let turn = self.turn(&self.inner.turns).await?;
        off_thread(turn, move || store.read_since(asked, f)).await
    }

    /// [`Store::write`] off the async threads. A caller that goes away does not stop it once it has begun.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn writing<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (store, asked) = (self.clone(), Instant::now());
        let turn = self.turn(&self.inner.write_turns).await?;
        off_thread(turn, move || store.write_since(asked, f)).await
    }

    /// Whether the database answers. Blocks.
    ///
    /// # Errors
    /// [`Error::Busy`] or [`Error::Unavailable`].
    pub fn ping(&self) -> Result<()> {
        self.read(|conn| meta::epoch(conn).map(drop))
    }

    /// Waits in the order of coming.
    async fn turn(&self, turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
        if let Ok(turn) = turns.clone().try_acquire_owned() {
            return Ok(turn);
        }
        match timeout(self.inner.wait, turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => self.counted(Err(Error::Busy)),
        }
    }

    fn has_waited(&self, since: Instant) {
        self.metrics.db_pool_wait_seconds.observe(since.elapsed().as_secs_f64());
    }

    /// What the database could not do counts, not what a caller wanted and may not.
    fn counted<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(Error::Busy | Error::Unavailable(_) | Error::Internal(_)) = &result {
            self.metrics.db_errors.inc();
        }
        result
    }

    fn pooled(&self) -> Result<r2d2::PooledConnection<Connector>> {
        self.inner.pool.get().map_err(|error| match self.inner.pool.state().connections {
            0 => Error::Unavailable(error.into()),
            _ => Error::Busy,
        })
    }
}

impl Writer {
    fn turn(&self, wait: Duration) -> Result<MutexGuard<'_, Conn>> {
        let mut conn = self.gate.try_lock_for(wait).ok_or(Error::Busy)?;
        if conn.is_broken() {
            *conn = self.connector.connect()?;
        }
        Ok(conn)
    }
}

fn write_once<T>(mut conn: MutexGuard<'_, Conn>, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let result = tx::write(&mut conn, f);
    MutexGuard::unlock_fair(conn);
    result
}

fn write_until_done<T>(conn: &mut Conn, mut f: impl FnMut(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let mut attempt = 1;
    loop {
        match tx::write(conn, &mut f) {
            Err(Error::Busy) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

async fn off_thread<T: Send + 'static>(
    turn: OwnedSemaphorePermit,
    f: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let in_turn = move || {
        let _turn = turn;
        f()
    };
    match tokio::task::spawn_blocking(in_turn).await {
        Ok(result) => result,
        Err(panic) => Err(Error::Internal(panic.into())),
    }
}

fn make_directory_of(path: &str) -> Result<()> {
    match Path::new(path).parent() {
        Some(directory) if !directory.as_os_str().is_empty() => {
            std::fs::create_dir_all(directory).map_err(|error| Error::Unavailable(error.into()))
        }
        _ => Ok(()),
    }
}
