//! The store itself: pools, the one writer, and calls off the async threads.
//! It must not know any table.

use super::{
    connection::{Conn, Connector, Location, Purpose},
    database::{
        files::{Files, Identity},
        meta,
        readiness::Readiness,
    },
    error::{Error, Failure, Result},
    transaction::{self, Outcome, Tx, Work},
};
use crate::{domain::Millis, metrics::Metrics};
use diesel::{RunQueryDsl, r2d2::R2D2Connection};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use r2d2::ManageConnection;
use std::{
    any::Any,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How often a write is tried that PostgreSQL refused for the sake of another.
const ATTEMPTS: u32 = 5;
/// And for how long: who has waited for another's lock as long as PostgreSQL lets them is not sent to wait again.
const TRY_FOR: Duration = Duration::from_secs(2);

/// How the store uses its database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections: readers of SQLite (the writer is one more), or all to PostgreSQL.
    pub connections: u32,
    /// How long a call waits for its turn before it is [`Error::Busy`].
    pub wait: Duration,
}

impl Options {
    /// What fits the database that `url` names, with so many connections where it is PostgreSQL's.
    /// Errors: [`Error::Url`] where the address is of no use.
    pub(crate) fn of(url: &str, to_postgres: u32) -> Result<Self> {
        let location = Location::parse(url)?;
        let options = Self::for_location(&location);
        Ok(match location {
            Location::Sqlite { .. } => options,
            Location::Postgres(_) => Self { connections: to_postgres, ..options },
        })
    }

    /// What fits this database.
    pub(crate) fn for_location(location: &Location) -> Self {
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

/// What was opened: where, by which first connection, and which files.
pub(crate) struct Opened {
    pub(crate) location: Location,
    pub(crate) first: Conn,
    pub(crate) files: Option<Files>,
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
    commits: AtomicU64,
    readiness: Readiness,
}

/// The one who writes to an SQLite database.
struct Writer {
    connector: Connector,
    /// Empty once the store is closed.
    conn: Mutex<Option<Conn>>,
    files: Files,
    opened: Identity,
}

impl Store {
    /// Makes the pools around the first connection.
    pub(crate) fn with(opened: Opened, options: &Options) -> Result<Self> {
        let Opened { location, first, files } = opened;
        let embedded = matches!(location, Location::Sqlite { .. });
        let writer = files.map(|files| Writer {
            connector: Connector { location: location.clone(), purpose: Purpose::Write },
            conn: Mutex::new(Some(first)),
            opened: files.identity(),
            files,
        });
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
        let (commits, readiness) = (AtomicU64::new(0), Readiness::default());
        let inner = Inner { pool, writer, turns, write_turns, wait: options.wait, commits, readiness };
        Ok(Self { inner: Arc::new(inner), metrics: Metrics::new() })
    }

    /// The same, counting what is waited for and what fails.
    pub fn counting(self, metrics: Metrics) -> Self {
        Self { metrics, ..self }
    }

    /// Runs `f` on a snapshot: all its queries see one moment. Blocks; at most the configured wait for its turn.
    /// Errors: Those of `f`; [`Error::Busy`] and [`Error::Unavailable`] where it could not run.
    pub fn read_blocking<T, E: Failure>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        self.read_since(Instant::now(), f)
    }

    fn read_since<T, E: Failure>(
        &self,
        asked: Instant,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        transaction::reading(f, |work| self.run_read(asked, work))
    }

    fn run_read(&self, asked: Instant, work: &mut Work<'_>) -> Result<Outcome> {
        let outcome = self.pooled().and_then(|mut conn| {
            self.has_waited(asked);
            transaction::read(&mut conn, work)
        });
        self.counted(outcome)
    }

    /// Runs `f` in a transaction, committed and durable when this returns `Ok`, without a trace otherwise. Blocks.
    /// On PostgreSQL `f` may run again where it lost against another transaction.
    /// Errors: Those of `f` and of the commit; [`Error::Busy`] and [`Error::Unavailable`] where it could not run.
    pub fn write_blocking<T, E: Failure>(&self, f: impl FnMut(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.write_since(Instant::now(), f)
    }

    fn write_since<T, E: Failure>(
        &self,
        asked: Instant,
        f: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        transaction::writing(f, |work| self.run_write(asked, work))
    }

    fn run_write(&self, asked: Instant, work: &mut Work<'_>) -> Result<Outcome> {
        let outcome = match &self.inner.writer {
            Some(writer) => writer.turn(self.inner.wait).and_then(|conn| {
                self.has_waited(asked);
                writer.write(conn, work)
            }),
            None => self.pooled().and_then(|mut conn| {
                self.has_waited(asked);
                write_until_done(&mut conn, work)
            }),
        };
        if let Ok(Outcome::Done) = outcome {
            self.inner.commits.fetch_add(1, Ordering::Relaxed);
        }
        self.counted(outcome)
    }

    /// [`Store::read_blocking`] off the async threads.
    /// Errors: As [`Store::read_blocking`].
    pub fn read<T: Send + 'static, E: Failure>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send {
        let (store, asked) = (self.clone(), Instant::now());
        let job: Job = Box::new(move || Box::new(store.read_since(asked, f)));
        what_is_made(self.off_thread(&self.inner.turns, job))
    }

    /// [`Store::write_blocking`] off the async threads. A caller that goes away does not stop it once it has begun.
    /// Errors: As [`Store::write_blocking`].
    pub fn write<T: Send + 'static, E: Failure>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send {
        let (store, asked) = (self.clone(), Instant::now());
        let job: Job = Box::new(move || Box::new(store.write_since(asked, f)));
        what_is_made(self.off_thread(&self.inner.write_turns, job))
    }

    /// Whether other servers may write to the same database.
    pub(crate) fn is_shared(&self) -> bool {
        self.inner.writer.is_none()
    }

    /// How many writes were committed by this store, for whoever wants to know whether there was another.
    pub fn commits(&self) -> u64 {
        self.inner.commits.load(Ordering::Relaxed)
    }

    /// Ends all writing, and folds what was written into the one file of an SQLite database, so that a copy of it has
    /// everything. Blocks.
    /// Errors: [`Error::Busy`] where somebody else is reading; then a part may be in the `-wal` file beside it.
    pub fn close(&self) -> Result<()> {
        let Some(writer) = &self.inner.writer else { return Ok(()) };
        let conn = writer.conn.try_lock_for(self.inner.wait).ok_or(Error::Busy)?.take();
        conn.map_or(Ok(()), |mut conn| fold(&mut conn))
    }

    /// The size of the write-ahead log; none where the database is a server's.
    pub fn wal_bytes(&self) -> Option<u64> {
        let (files, _) = self.files()?;
        files.log().metadata().ok().map(|log| log.len())
    }

    /// Whether a write would be taken now, or within the last two seconds. Why not is said in the log.
    pub(crate) async fn takes_writes(&self) -> bool {
        self.inner.readiness.takes(self.write(|tx| meta::touch(tx, Millis::now()))).await
    }

    /// The files of an SQLite database, and the number that the database's own has in its file system.
    pub(crate) fn files(&self) -> Option<(&Files, Option<u64>)> {
        self.inner.writer.as_ref().map(|writer| (&writer.files, writer.opened.number()))
    }

    /// Does the job once it is its turn. It holds its turn to its end, whether or not its caller waits for it.
    async fn off_thread(&self, turns: &Arc<Semaphore>, job: Job) -> Result<Made> {
        let turn = self.turn(turns).await?;
        let in_turn = move || {
            let _turn = turn;
            job()
        };
        tokio::task::spawn_blocking(in_turn).await.map_err(|panic| Error::Internal(panic.into()))
    }

    /// Waits in the order of coming.
    async fn turn(&self, turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
        if let Ok(turn) = turns.clone().try_acquire_owned() {
            return Ok(turn);
        }
        match timeout(self.inner.wait, turns.clone().acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => {
                self.metrics.db_errors.inc();
                Err(Error::Busy)
            }
        }
    }

    fn has_waited(&self, since: Instant) {
        self.metrics.db_pool_wait_seconds.observe(since.elapsed().as_secs_f64());
    }

    /// What the database could not do counts, not what a caller wanted and may not.
    fn counted(&self, outcome: Result<Outcome>) -> Result<Outcome> {
        if let Outcome::Busy | Outcome::Failed = Outcome::of_all(&outcome) {
            self.metrics.db_errors.inc();
        }
        outcome
    }

    fn pooled(&self) -> Result<r2d2::PooledConnection<Connector>> {
        self.inner.pool.get().map_err(|error| match self.inner.pool.state().connections {
            0 => Error::Unavailable(error.into()),
            _ => Error::Busy,
        })
    }
}

impl Writer {
    fn turn(&self, wait: Duration) -> Result<MappedMutexGuard<'_, Conn>> {
        let conn = self.conn.try_lock_for(wait).ok_or(Error::Busy)?;
        let mut conn = MutexGuard::try_map(conn, Option::as_mut)
            .map_err(|_| Error::Unavailable("the store is closed".into()))?;
        self.opened.must_be_there()?;
        if conn.is_broken() {
            *conn = self.connector.connect()?;
        }
        Ok(conn)
    }

    /// What was committed to files that are gone is lost, so that nobody may be told that it was kept.
    fn write(&self, mut conn: MappedMutexGuard<'_, Conn>, work: &mut Work<'_>) -> Result<Outcome> {
        let outcome = transaction::write(&mut conn, work);
        MappedMutexGuard::unlock_fair(conn);
        self.opened.must_be_there()?;
        outcome
    }
}

/// The pragma answers by a row that says whether it was hindered; Diesel reads none from a batch.
fn fold(conn: &mut Conn) -> Result<()> {
    #[derive(diesel::QueryableByName)]
    struct Folded {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        busy: i32,
    }
    let Folded { busy } = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(conn)?;
    if busy == 0 { Ok(()) } else { Err(Error::Busy) }
}

fn write_until_done(conn: &mut Conn, work: &mut Work<'_>) -> Result<Outcome> {
    let (mut attempt, begun) = (1, Instant::now());
    loop {
        let outcome = transaction::write(conn, work);
        let has_lost = Outcome::of_all(&outcome) == Outcome::Busy;
        if !has_lost || attempt >= ATTEMPTS || begun.elapsed() >= TRY_FOR {
            return outcome;
        }
        attempt += 1;
    }
}

/// What is done on another thread, of one type whatever it is and makes: of 200 types, the compiler would make as many
/// kinds of tasks.
type Job = Box<dyn FnOnce() -> Made + Send>;
type Made = Box<dyn Any + Send>;

async fn what_is_made<T: 'static, E: Failure>(done: impl Future<Output = Result<Made>>) -> Result<T, E> {
    *done.await?.downcast().expect("what the job makes")
}
