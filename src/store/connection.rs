//! One connection to either database, and how a pool makes one.
//! It must not know any table.

use super::error::{Error, Result};
use diesel::{connection::SimpleConnection, prelude::*, r2d2::R2D2Connection};

pub(crate) use multi::Conn;

/// The enum alone: what the derive adds has no docs.
#[allow(missing_docs)]
mod multi {
    use diesel::prelude::*;

    /// A connection to the database of this server.
    #[derive(diesel::MultiConnection)]
    pub enum Conn {
        Sqlite(SqliteConnection),
        #[cfg(feature = "postgres")]
        Postgres(PgConnection),
    }
}

/// Runs the same expression on the connection inside, for what Diesel cannot build for both databases at once:
/// inserts of many rows, upserts and row locks.
macro_rules! each {
    ($conn:expr, $inner:ident => $expression:expr) => {
        match $conn {
            $crate::store::connection::Conn::Sqlite($inner) => $expression,
            #[cfg(feature = "postgres")]
            $crate::store::connection::Conn::Postgres($inner) => $expression,
        }
    };
}
pub(crate) use each;

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    /// An SQLite file, opened through the VFS of this name or the usual one.
    Sqlite { path: String, vfs: Option<String> },
    /// A PostgreSQL server.
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    Postgres(String),
}

impl Location {
    /// `sqlite:<path>[?vfs=<name>]` or `postgres://…`. By scheme, because SQLite takes any string as a file name.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        match url.split_once(':') {
            Some(("sqlite", rest)) => Self::parse_sqlite(rest),
            Some(("postgres" | "postgresql", _)) if cfg!(feature = "postgres") => {
                Ok(Location::Postgres(url.to_owned()))
            }
            Some(("postgres" | "postgresql", _)) => {
                Err(Error::Url("this build has no PostgreSQL (cargo feature `postgres`)".into()))
            }
            _ => Err(Error::Url("sqlite:<file> or postgres://… is allowed".into())),
        }
    }

    /// For the line that stops a start.
    pub(crate) fn shown(&self) -> String {
        match self {
            Location::Sqlite { path, .. } => format!("{path:?}"),
            Location::Postgres(_) => "of the given postgres:// address".to_owned(),
        }
    }

    fn parse_sqlite(rest: &str) -> Result<Self> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path == ":memory:" {
            return Err(Error::Url("sqlite: needs the path of a file".into()));
        }
        let vfs = match query.split_once('=') {
            None if query.is_empty() => None,
            Some(("vfs", name)) if name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) => {
                Some(name.to_owned())
            }
            _ => return Err(Error::Url("sqlite: knows no parameter but vfs".into())),
        };
        Ok(Location::Sqlite { path: path.to_owned(), vfs })
    }
}

/// What a connection will be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
    /// Migrations, which may take their time.
    Migrate,
    /// A backup, from the first file to the second.
    Copy,
}

/// Makes and checks connections for a pool.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    pub(crate) location: Location,
    pub(crate) purpose: Purpose,
}

impl r2d2::ManageConnection for Connector {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn> {
        match &self.location {
            Location::Sqlite { path, vfs } => {
                open_sqlite(path, vfs.as_deref(), self.purpose).map(Conn::Sqlite)
            }
            #[cfg(feature = "postgres")]
            Location::Postgres(url) => {
                super::postgres::connect(url, self.purpose == Purpose::Migrate).map(Conn::Postgres)
            }
            #[cfg(not(feature = "postgres"))]
            Location::Postgres(_) => Err(Error::Url("this build has no PostgreSQL".into())),
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<()> {
        Ok(conn.ping()?)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

/// How long SQLite waits for another process's lock (the admin command's).
const LOCK_WAIT: &str = "PRAGMA busy_timeout = 3000;";

fn open_sqlite(path: &str, vfs: Option<&str>, purpose: Purpose) -> Result<SqliteConnection> {
    let mut conn = SqliteConnection::establish(&sqlite_uri(path, vfs))?;
    conn.batch_execute(LOCK_WAIT)?;
    conn.batch_execute(match purpose {
        // What is deleted is overwritten, so that no file of the database keeps its text.
        Purpose::Write | Purpose::Migrate => {
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;
             PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;"
        }
        Purpose::Copy => "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
        Purpose::Read => "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;",
    })?;
    Ok(conn)
}

/// Never makes a file: one that has gone must not come back empty.
fn sqlite_uri(path: &str, vfs: Option<&str>) -> String {
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    match vfs {
        Some(vfs) => format!("file:{path}?mode=rw&vfs={vfs}"),
        None => format!("file:{path}?mode=rw"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(path: &str, vfs: Option<&str>) -> Location {
        Location::Sqlite { path: path.into(), vfs: vfs.map(Into::into) }
    }

    #[test]
    fn a_location_is_chosen_by_its_scheme() {
        assert_eq!(Location::parse("sqlite:data/x.db").unwrap(), sqlite("data/x.db", None));
        assert_eq!(Location::parse("sqlite:///var/x.db").unwrap(), sqlite("/var/x.db", None));
        assert_eq!(Location::parse("sqlite:x?vfs=lossy").unwrap(), sqlite("x", Some("lossy")));
        let postgres = Location::parse("postgres://localhost/house");
        assert_eq!(postgres.is_ok(), cfg!(feature = "postgres"));
        for bad in ["", "x.db", "mysql://localhost/x", "sqlite:", "sqlite::memory:", "sqlite:x?mode=ro"] {
            assert!(matches!(Location::parse(bad), Err(Error::Url(_))), "{bad} was accepted");
        }
    }

    #[test]
    fn signs_of_a_uri_in_a_path_stay_part_of_the_path() {
        assert_eq!(sqlite_uri("a?b#c%d", Some("v")), "file:a%3fb%23c%25d?mode=rw&vfs=v");
    }
}
