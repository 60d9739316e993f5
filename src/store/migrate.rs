//! Brings a database to the shape that this program expects.
//! It must not know what is in the tables.

use super::{
    conn::Conn,
    error::{Error, Result},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Runs what has not run yet. Two processes that start at once do not run anything twice.
pub(super) fn run(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(sqlite) => sqlite.run_pending_migrations(SQLITE).map(drop),
        #[cfg(feature = "postgres")]
        Conn::Postgres(postgres) => {
            one_at_a_time(postgres, |postgres| postgres.run_pending_migrations(POSTGRES).map(drop))
        }
    }
    .map_err(Error::Internal)
}

#[cfg(feature = "postgres")]
type MigrationResult = std::result::Result<(), super::error::Source>;

/// Holds a lock of the database while migrating: nodes of one house start together.
#[cfg(feature = "postgres")]
fn one_at_a_time(
    conn: &mut diesel::PgConnection,
    migrate: impl FnOnce(&mut diesel::PgConnection) -> MigrationResult,
) -> MigrationResult {
    use diesel::connection::SimpleConnection;
    conn.batch_execute("SELECT pg_advisory_lock(7024183)")?;
    let result = migrate(conn);
    conn.batch_execute("SELECT pg_advisory_unlock(7024183)")?;
    result
}
