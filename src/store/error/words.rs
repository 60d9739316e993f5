//! The words of databases, where a text is all that Diesel hands on: it has no kind for SQLite's result codes but those of
//! constraints, nor for most SQLSTATEs. SQLite's texts are the same everywhere; PostgreSQL is asked for English where a
//! connection is made. They are known here alone. It must not know what follows from an error.

use diesel::result::DatabaseErrorInformation;

/// `SQLITE_BUSY` and `SQLITE_LOCKED`, `deadlock_detected` (40P01), `lock_not_available` (55P03) and `query_canceled` (57014).
const BUSY: [&str; 5] = [
    "database is locked",
    "database table is locked",
    "deadlock detected",
    "due to lock timeout",
    "due to statement timeout",
];
/// `SQLITE_FULL`, `SQLITE_IOERR`, `SQLITE_CANTOPEN` and `SQLITE_READONLY`; `admin_shutdown` (57P01) and its kin.
const AWAY: [&str; 5] = [
    "terminating connection due to",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
];
/// Before the columns that SQLite names where two rows are the same in them.
const NOT_UNIQUE: &str = "UNIQUE constraint failed: ";

/// Whether others stood in the way.
pub(super) fn is_busy(message: &str) -> bool {
    BUSY.iter().any(|words| message.contains(words))
}

/// Whether the files of the database cannot be worked on.
pub(super) fn is_away(message: &str) -> bool {
    AWAY.iter().any(|words| message.contains(words))
}

/// The name of the broken rule: PostgreSQL's constraint, or SQLite's `table.column`s.
pub(super) fn rule(info: &dyn DatabaseErrorInformation) -> String {
    let of_sqlite = || info.message().strip_prefix(NOT_UNIQUE).unwrap_or(info.message());
    info.constraint_name().unwrap_or_else(of_sqlite).to_owned()
}

/// Each is said by the database itself, so that these fail where it changes its words.
#[cfg(test)]
mod tests {
    use crate::{
        domain::UserId,
        store::error::{Conflict, Error},
    };
    use diesel::{SqliteConnection, connection::SimpleConnection, prelude::*};
    use std::{fs, path::PathBuf};

    /// A directory that is gone with it.
    struct Directory(PathBuf);

    impl Directory {
        fn new() -> Self {
            let directory = std::env::temp_dir().join(format!("livehouse-words-{}", UserId::new()));
            fs::create_dir(&directory).unwrap();
            Directory(directory)
        }

        fn open(&self) -> SqliteConnection {
            open(&self.0.join("x.db").display().to_string())
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    fn open(name: &str) -> SqliteConnection {
        SqliteConnection::establish(name).unwrap()
    }

    #[track_caller]
    fn refused(conn: &mut SqliteConnection, sql: &str) -> Error {
        conn.batch_execute(sql).expect_err(sql).into()
    }

    #[test]
    fn another_writer_of_sqlite_is_in_the_way() {
        let directory = Directory::new();
        let (mut one, mut other) = (directory.open(), directory.open());
        one.batch_execute("BEGIN IMMEDIATE").unwrap();
        let error = refused(&mut other, "BEGIN IMMEDIATE");
        assert!(matches!(error, Error::Busy), "{error}");
    }

    #[test]
    fn a_lock_on_a_table_of_sqlite_is_in_the_way() {
        let name = format!("file:{}?mode=memory&cache=shared", UserId::new());
        let (mut one, mut other) = (open(&name), open(&name));
        one.batch_execute("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)").unwrap();
        let error = refused(&mut other, "SELECT * FROM t");
        assert!(matches!(error, Error::Busy), "{error}");
    }

    #[test]
    fn a_full_sqlite_is_unavailable() {
        let mut conn = open(":memory:");
        conn.batch_execute("CREATE TABLE t (x); PRAGMA max_page_count = 2").unwrap();
        let error = refused(&mut conn, "INSERT INTO t VALUES (zeroblob(100000))");
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
    }

    #[test]
    fn an_sqlite_that_may_only_be_read_is_unavailable() {
        let mut conn = open(":memory:");
        let error = refused(&mut conn, "PRAGMA query_only = ON; CREATE TABLE t (x)");
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
    }

    #[test]
    fn an_sqlite_whose_files_cannot_be_opened_is_unavailable() {
        let directory = Directory::new();
        let mut conn = directory.open();
        fs::create_dir(directory.0.join("x.db-journal")).unwrap();
        let error = refused(&mut conn, "CREATE TABLE t (x)");
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
    }

    #[test]
    fn an_sqlite_whose_disk_fails_is_unavailable() {
        let directory = Directory::new();
        let (mut conn, journal) = (directory.open(), directory.0.join("x.db-journal"));
        conn.batch_execute("BEGIN; CREATE TABLE t (x)").unwrap();
        fs::remove_file(&journal).unwrap();
        fs::create_dir(&journal).unwrap(); // which is no file to be removed
        let error = refused(&mut conn, "COMMIT");
        assert!(matches!(error, Error::Unavailable(_)), "{error}");
    }

    #[test]
    fn a_rule_of_sqlite_that_is_broken_is_named_by_its_columns() {
        let mut conn = open(":memory:");
        conn.batch_execute("CREATE TABLE t (x, y, UNIQUE (x, y)); INSERT INTO t VALUES (1, 2)").unwrap();
        let error = refused(&mut conn, "INSERT INTO t VALUES (1, 2)");
        assert!(
            matches!(&error, Error::Conflict(Conflict::NotUnique(rule)) if rule == "t.x, t.y"),
            "{error}"
        );
    }

    #[test]
    fn a_mistake_in_sql_is_a_fault_of_this_program() {
        let error = refused(&mut open(":memory:"), "SELECT * FROM nothing");
        assert!(matches!(error, Error::Internal(_)), "{error}");
    }
}
