//! Brings a database to the shape that this program expects, and tells one that has another shape.
//! It must not know what is in the tables.

use crate::store::{
    connection::Conn,
    error::{Error, Result, Source},
};
use diesel::{
    backend::Backend,
    dsl::sql,
    migration::{MigrationSource, MigrationVersion},
    prelude::*,
    sql_types::Bool,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::collections::BTreeSet;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The shape of a database.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// It has no tables.
    Empty,
    /// It has tables, but none of ours.
    Foreign,
    /// Some migrations have not run yet.
    Older,
    /// As this program expects it.
    Current,
    /// A later program has run this migration.
    Newer(String),
}

/// Looks, and changes nothing.
pub(crate) fn shape(conn: &mut Conn) -> Result<Shape> {
    if !has(
        conn,
        "name = '__diesel_schema_migrations'",
        "to_regclass('__diesel_schema_migrations') IS NOT NULL",
    )? {
        // A schema of PostgreSQL may be shared.
        let is_foreign = has(conn, "TRUE", "FALSE")?;
        return Ok(if is_foreign { Shape::Foreign } else { Shape::Empty });
    }
    match conn {
        Conn::Sqlite(sqlite) => compare(sqlite, SQLITE),
        #[cfg(feature = "postgres")]
        Conn::Postgres(postgres) => compare(postgres, POSTGRES),
    }
    .map_err(Error::Internal)
}

/// Whether SQLite has such a table, or PostgreSQL says so.
fn has(conn: &mut Conn, such: &str, _postgres: &str) -> Result<bool> {
    Ok(match conn {
        Conn::Sqlite(conn) => {
            let tables = format!("EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND {such})");
            diesel::select(sql::<Bool>(&tables)).get_result(conn)?
        }
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => diesel::select(sql::<Bool>(_postgres)).get_result(conn)?,
    })
}

fn compare<DB: Backend>(
    conn: &mut impl MigrationHarness<DB>,
    known: impl MigrationSource<DB>,
) -> Result<Shape, Source> {
    let known = known.migrations()?;
    let known: BTreeSet<MigrationVersion<'static>> =
        known.iter().map(|migration| migration.name().version().as_owned()).collect();
    let applied: BTreeSet<MigrationVersion<'static>> = conn.applied_migrations()?.into_iter().collect();
    if let Some(newest) = applied.difference(&known).last() {
        return Ok(Shape::Newer(newest.to_string()));
    }
    Ok(if applied == known { Shape::Current } else { Shape::Older })
}

/// Runs what has not run yet. Two processes that start at once do not run anything twice.
pub(crate) fn run(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(sqlite) => sqlite.run_pending_migrations(SQLITE).map(drop),
        #[cfg(feature = "postgres")]
        Conn::Postgres(postgres) => {
            one_at_a_time(postgres, |postgres| postgres.run_pending_migrations(POSTGRES).map(drop))
        }
    }
    .map_err(Error::Internal)
}

/// Holds a lock of the database while migrating: nodes of one house start together.
#[cfg(feature = "postgres")]
fn one_at_a_time(
    conn: &mut diesel::PgConnection,
    migrate: impl FnOnce(&mut diesel::PgConnection) -> Result<(), Source>,
) -> Result<(), Source> {
    use diesel::connection::SimpleConnection;
    conn.batch_execute("SELECT pg_advisory_lock(7024183)")?;
    let result = migrate(conn);
    conn.batch_execute("SELECT pg_advisory_unlock(7024183)")?;
    result
}
