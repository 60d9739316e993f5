//! A PostgreSQL that takes no writes, or ends what is under way: it is away or busy, which is no fault of this program.

use super::*;
use diesel::connection::SimpleConnection;

/// What comes of a transaction in which PostgreSQL is told this.
fn comes_of(database: &TestDatabase, sql: &str) -> Error {
    let said = |tx: &mut Tx<'_>| -> Result<()> {
        tx.conn().batch_execute(sql)?;
        meta::touch(tx, NOW)
    };
    database.store.write_blocking(said).expect_err(sql)
}

fn one_that_may_only_be_read_is_unavailable(database: &TestDatabase) {
    let error = comes_of(database, "SET TRANSACTION READ ONLY");
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
}

fn one_that_ends_the_connection_is_unavailable_and_the_next_call_is_answered(database: &TestDatabase) {
    let error = comes_of(database, "SELECT pg_terminate_backend(pg_backend_pid())");
    assert!(matches!(error, Error::Unavailable(_)), "{error}");
    database.read(meta::epoch);
}

fn a_statement_that_takes_too_long_is_busy(database: &TestDatabase) {
    let error = comes_of(database, "SET LOCAL statement_timeout = 1; SELECT pg_sleep(10)");
    assert!(matches!(error, Error::Busy), "{error}");
}

on_postgres!(
    one_that_may_only_be_read_is_unavailable,
    one_that_ends_the_connection_is_unavailable_and_the_next_call_is_answered,
    a_statement_that_takes_too_long_is_busy,
);
