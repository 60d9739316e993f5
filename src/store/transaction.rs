//! Transactions: a read sees one moment, a write is all or nothing.
//! It must not know any table, nor where connections come from.

use super::{
    connection::Conn,
    error::{Error, Result},
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
        run(self.0, Manager::begin_transaction, |conn| f(&mut Tx(conn)))
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

/// Runs `f` on a snapshot: all its queries see the same moment.
pub(crate) fn read<T, E: From<Error>>(
    conn: &mut Conn,
    f: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    run(conn, |conn| begin(conn, "BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), f)
}

/// Runs `f` in a transaction and commits it, unless it fails or panics.
pub(crate) fn write<T, E: From<Error>>(
    conn: &mut Conn,
    f: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    run(conn, |conn| begin(conn, "BEGIN IMMEDIATE", "BEGIN"), |conn| f(&mut Tx(conn)))
}

fn begin(conn: &mut Conn, sqlite: &str, _postgres: &str) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(conn) => AnsiTransactionManager::begin_transaction_sql(conn, sqlite),
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(conn, _postgres),
    }
}

fn run<T, E: From<Error>>(
    conn: &mut Conn,
    begin: impl FnOnce(&mut Conn) -> QueryResult<()>,
    f: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    begin(conn).map_err(Error::from)?;
    let open = Open { conn, committed: false };
    let value = f(open.conn)?;
    open.commit()?;
    Ok(value)
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
