//! The store itself: pools, the gate of the one writer, and calls off the async threads.
//! It must not know any table but the epoch's.

use super::{
    conn::{Conn, Connector, Location, Purpose},
    error::{Error, Result},
    meta, migrate,
    tx::{self, Tx},
};
use diesel::r2d2::R2D2Connection;
use parking_lot::{Mutex, MutexGuard};
use r2d2::ManageConnection;
use std::{path::Path, sync::Arc, time::Duration};

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
}

struct Inner {
    pool: r2d2::Pool<Connector>,
    /// SQLite has one writer at a time: threads queue here, fairly, instead of polling its lock.
    writer: Option<Writer>,
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
        Ok(Self { inner: Arc::new(Inner { pool, writer, wait: options.wait }) })
    }

    /// Runs `f` on a snapshot: all its queries see one moment. Blocks; at most the configured wait for its turn.
    ///
    /// # Errors
    /// Those of `f`; [`Error::Busy`] and [`Error::Unavailable`] where it could not run.
    pub fn read<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let mut conn = self.pooled()?;
        tx::read(&mut conn, f)
    }

    /// Runs `f` in a transaction, committed and durable when this returns `Ok`, without a trace otherwise. Blocks.
    /// On PostgreSQL `f` may run again where it lost against another transaction.
    ///
    /// # Errors
    /// Those of `f` and of the commit; [`Error::Busy`] and [`Error::Unavailable`] where it could not run.
    pub fn write<T>(&self, mut f: impl FnMut(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        match &self.inner.writer {
            Some(writer) => writer.write(self.inner.wait, f),
            None => {
                let mut conn = self.pooled()?;
                let mut attempt = 1;
                loop {
                    match tx::write(&mut conn, &mut f) {
                        Err(Error::Busy) if attempt < ATTEMPTS => attempt += 1,
                        result => return result,
                    }
                }
            }
        }
    }

    /// [`Store::read`] off the async threads.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn reading<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.clone();
        off_thread(move || store.read(f)).await
    }

    /// [`Store::write`] off the async threads. A caller that goes away does not stop it.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn writing<T: Send + 'static>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.clone();
        off_thread(move || store.write(f)).await
    }

    /// Whether the database answers. Blocks.
    ///
    /// # Errors
    /// [`Error::Busy`] or [`Error::Unavailable`].
    pub fn ping(&self) -> Result<()> {
        self.read(|conn| meta::epoch(conn).map(drop))
    }

    fn pooled(&self) -> Result<r2d2::PooledConnection<Connector>> {
        self.inner.pool.get().map_err(|error| match self.inner.pool.state().connections {
            0 => Error::Unavailable(error.into()),
            _ => Error::Busy,
        })
    }
}

impl Writer {
    fn write<T>(&self, wait: Duration, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut conn = self.gate.try_lock_for(wait).ok_or(Error::Busy)?;
        if conn.is_broken() {
            *conn = self.connector.connect()?;
        }
        let result = tx::write(&mut conn, f);
        MutexGuard::unlock_fair(conn);
        result
    }
}

async fn off_thread<T: Send + 'static>(f: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(f).await {
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
