//! How a connection to PostgreSQL is made, so that no server that is gone or frozen is waited for without end.
//! It must not know any table.

use super::error::Result;
use diesel::{PgConnection, connection::SimpleConnection, prelude::*};

/// What the connection itself is watched by, where the operator's URL says nothing else. A server that has vanished is
/// noticed after 3 s when connecting, after 5 s where something was sent, and after 11 s where an answer is awaited. Encryption by
/// Kerberos is not asked for: its library is taken down as a program ends, and ends that with an assertion where a pool's thread is
/// just connecting.
const CONNECTION: [(&str, &str); 7] = [
    ("connect_timeout", "3"),
    ("keepalives", "1"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "5000"),
    ("gssencmode", "disable"),
];

/// What the server ends by itself: the transaction of a node that is frozen or cut off, which holds a row that others
/// need; the wait for such a row; a statement that takes longer than anybody waits.
const SESSION: &str =
    "SET idle_in_transaction_session_timeout = '2s'; SET lock_timeout = '3s'; SET statement_timeout = '10s'";

/// Diesel hands on no SQLSTATE, so what another's lock prevented is known by its words, in English (`error::words`). Who may
/// not choose the language keeps the server's.
const IN_ENGLISH: &str = "DO $$ BEGIN PERFORM set_config('lc_messages', 'C', false);
     EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// Connects. A migration waits for its locks and takes its time.
pub(crate) fn connect(url: &str, is_migration: bool) -> Result<PgConnection> {
    let mut conn = PgConnection::establish(&watched(url))?;
    conn.batch_execute(IN_ENGLISH)?;
    if is_migration {
        warn_of_language(&mut conn)?;
    } else {
        conn.batch_execute(SESSION)?;
    }
    Ok(conn)
}

#[derive(QueryableByName)]
struct Spoken {
    #[diesel(sql_type = diesel::sql_types::Text)]
    language: String,
}

/// For the operator, who alone can put it right; once, as the database is opened.
fn warn_of_language(conn: &mut PgConnection) -> Result<()> {
    let spoken = diesel::sql_query("SELECT current_setting('lc_messages') AS language");
    let Spoken { language } = spoken.get_result(conn)?;
    if !is_english(&language) {
        log::warn!(
            "PostgreSQL speaks {language} to this user, so that a transaction that lost against another is taken for a fault; \
             a superuser can mend it: ALTER ROLE … SET lc_messages = 'C'"
        );
    }
    Ok(())
}

/// What is not translated is English; so is the server's own locale where none is named.
fn is_english(language: &str) -> bool {
    ["C", "POSIX", "en"].contains(&language.split(['_', '.']).next().unwrap_or_default())
}

/// The URL with what it lacks.
fn watched(url: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let is_set = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    let missing = CONNECTION.iter().filter(|(name, _)| !is_set(name));
    missing.fold(url.to_owned(), |url, (name, value)| {
        let sign = if url.contains('?') { '&' } else { '?' };
        format!("{url}{sign}{name}={value}")
    })
}

/// The clock of the database, which all nodes share.
pub(crate) mod clock {
    use crate::domain::Millis;
    use diesel::data_types::PgTimestamp;

    diesel::define_sql_function! {
        /// The time at which it is asked, also later in a transaction.
        fn clock_timestamp() -> Timestamptz;
    }

    /// Microseconds of PostgreSQL begin with the year 2000.
    const YEAR_2000_MS: i64 = 946_684_800_000;

    /// As the house counts time.
    pub(crate) fn millis(PgTimestamp(microseconds): PgTimestamp) -> Millis {
        Millis(microseconds.div_euclid(1000) + YEAR_2000_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_told_from_what_is_not() {
        for language in ["C", "C.UTF-8", "POSIX", "en_US.UTF-8", "en_GB"] {
            assert!(is_english(language), "{language}");
        }
        for language in ["de_DE.UTF-8", "zh_CN.utf8", "Chinese"] {
            assert!(!is_english(language), "{language}");
        }
    }

    #[test]
    fn what_the_operator_says_of_a_connection_holds() {
        let url = watched("postgres://db/house?keepalives_idle=60");
        assert!(url.starts_with("postgres://db/house?keepalives_idle=60&connect_timeout=3&"), "{url}");
        assert_eq!(url.matches("keepalives_idle=").count(), 1, "{url}");
        assert!(watched("postgres://db/house").starts_with("postgres://db/house?connect_timeout=3&"));
    }
}
