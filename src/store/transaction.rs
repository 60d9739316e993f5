//! Transactions: a read sees one moment, a write is all or nothing.
//! It must not know any table, nor where connections come from.

use super::{
    connection::Conn,
    error::{Error, Failure, Result},
};
use diesel::{
    Connection,
    connection::{AnsiTransactionManager, TransactionManager},
    result::QueryResult,
};
use std::ops::{Deref, DerefMut};

type Manager = <Conn as Connection>::TransactionManager;

/// An open transaction that may write. What takes one cannot be called outside a transaction.
pub struct Tx<'c>(&'c mut Conn);

impl Tx<'_> {
    /// The connection, for Diesel.
    pub(crate) fn conn(&mut self) -> &mut Conn {
        self.0
    }

    /// A part of the transaction that can fail alone: on an error what it did is undone, and the rest goes on.
    pub fn attempt<T>(&mut self, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut f = Some(f);
        let once = |conn: &mut Conn| f.take().expect("a part is done once")(&mut Tx(conn));
        kept(once, |work| run(self.0, Manager::begin_transaction, work))
    }
}

impl Deref for Tx<'_> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        self.0
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.0
    }
}

/// How the work of a transaction came out: all that its end hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    /// The caller's own rules forbade it.
    Refused,
    /// It lost against another transaction, or waited too long for one.
    Busy,
    /// The database could not do it.
    Failed,
}

impl Outcome {
    fn of<T, E: Failure>(result: &Result<T, E>) -> Self {
        match result.as_ref().map_err(Failure::as_store) {
            Ok(_) => Self::Done,
            Err(Some(Error::Busy)) => Self::Busy,
            Err(Some(Error::Unavailable(_) | Error::Internal(_))) => Self::Failed,
            Err(_) => Self::Refused,
        }
    }

    /// The same of a transaction as a whole, which may not have begun or ended.
    pub(crate) fn of_all(ran: &Result<Self>) -> Self {
        ran.as_ref().copied().unwrap_or_else(|_| Self::of(ran))
    }
}

/// What is done in a transaction, of one type whatever it is and gives: of hundreds of types, the compiler would make as
/// many kinds of transactions.
pub(crate) type Work<'w> = dyn FnMut(&mut Conn) -> Outcome + 'w;

/// Has `run` do `f` by [`read()`], and gives what `f` gave.
/// Errors: those of `f`; that of `run` where it could not begin or end.
pub(crate) fn reading<T, E: Failure>(
    f: impl FnOnce(&mut Conn) -> Result<T, E>,
    run: impl FnOnce(&mut Work<'_>) -> Result<Outcome>,
) -> Result<T, E> {
    let mut f = Some(f);
    kept(|conn| f.take().expect("a snapshot is read once")(conn), run)
}

/// Has `run` do `f` by [`write()`], and gives what `f` gave the last time.
/// Errors: those of `f`; that of `run` where it could not begin or end.
pub(crate) fn writing<T, E: Failure>(
    mut f: impl FnMut(&mut Tx<'_>) -> Result<T, E>,
    run: impl FnOnce(&mut Work<'_>) -> Result<Outcome>,
) -> Result<T, E> {
    kept(|conn| f(&mut Tx(conn)), run)
}

fn kept<T, E: Failure>(
    mut f: impl FnMut(&mut Conn) -> Result<T, E>,
    run: impl FnOnce(&mut Work<'_>) -> Result<Outcome>,
) -> Result<T, E> {
    let mut last = None;
    run(&mut |conn| Outcome::of(last.insert(f(conn))))?;
    last.expect("it was run")
}

/// Runs `work` on a snapshot: all its queries see the same moment.
pub(crate) fn read(conn: &mut Conn, work: &mut Work<'_>) -> Result<Outcome> {
    run(conn, |conn| begin(conn, "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), work)
}

/// Runs `work` in a transaction and commits it, unless it fails or panics.
pub(crate) fn write(conn: &mut Conn, work: &mut Work<'_>) -> Result<Outcome> {
    run(conn, |conn| begin(conn, "BEGIN IMMEDIATE", "BEGIN"), work)
}

fn begin(conn: &mut Conn, sqlite: &str, _postgres: &str) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite),
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, _postgres),
    }
}

fn run(conn: &mut Conn, begin: fn(&mut Conn) -> QueryResult<()>, work: &mut Work<'_>) -> Result<Outcome> {
    begin(conn)?;
    let open = Open { conn, committed: false };
    let outcome = work(open.conn);
    if outcome == Outcome::Done {
        open.commit()?;
    }
    Ok(outcome)
}

/// Rolls back when dropped uncommitted: after an error, and while a panic unwinds.
struct Open<'c> {
    conn: &'c mut Conn,
    committed: bool,
}

impl Open<'_> {
    fn commit(mut self) -> Result<()> {
        Manager::commit_transaction(self.conn)?;
        self.committed = true;
        Ok(())
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if self.committed {
            return;
        }
        // A connection that cannot roll back is found broken afterwards and replaced.
        if let Err(error) = Manager::rollback_transaction(self.conn) {
            log::debug!("rollback: {}", Error::from(error));
        }
    }
}
