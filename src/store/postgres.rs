//! How a connection to PostgreSQL is made, so that no server that is gone or frozen is waited for without end.
//! It must not know any table.

use super::error::Result;
use diesel::{PgConnection, connection::SimpleConnection, prelude::*};

/// What the connection itself is watched by, where the operator's URL says nothing else. A server that has vanished is
/// noticed after 3 s when connecting, after 5 s where something was sent, and after 11 s where an answer is awaited.
const CONNECTION: [(&str, &str); 6] = [
    ("connect_timeout", "3"),
    ("keepalives", "1"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "5000"),
];

/// What the server ends by itself: the transaction of a node that is frozen or cut off, which holds a row that others
/// need; the wait for such a row; a statement that takes longer than anybody waits.
const SESSION: &str =
    "SET idle_in_transaction_session_timeout = '2s'; SET lock_timeout = '3s'; SET statement_timeout = '10s'";

/// Connects. A migration waits for its locks and takes its time.
pub(crate) fn connect(url: &str, is_migration: bool) -> Result<PgConnection> {
    let mut conn = PgConnection::establish(&watched(url))?;
    if !is_migration {
        conn.batch_execute(SESSION)?;
    }
    Ok(conn)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_says_of_a_connection_holds() {
        let url = watched("postgres://db/house?keepalives_idle=60");
        assert!(url.starts_with("postgres://db/house?keepalives_idle=60&connect_timeout=3&"), "{url}");
        assert_eq!(url.matches("keepalives_idle=").count(), 1, "{url}");
        assert!(watched("postgres://db/house").starts_with("postgres://db/house?connect_timeout=3&"));
    }
}
