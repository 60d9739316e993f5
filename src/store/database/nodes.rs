//! Which servers work on a database: each says that it is here, and reads who else is, by the clock of the database.
//! It must not know what follows from that.

use crate::{
    domain::{BootId, Millis},
    store::{
        connection::{Conn, each},
        error::Result,
        schema::nodes,
        transaction::Tx,
    },
};
use diesel::prelude::*;

/// Who has not been seen for so long, in milliseconds, is not here: three beats.
const HERE_MS: i64 = 15_000;
/// What is left of who has gone without a word is removed after so long, in milliseconds.
const KEPT_MS: i64 = 24 * 3600 * 1000;

/// One run of a server.
#[derive(Clone, Debug, PartialEq, Eq, Insertable, Queryable)]
#[diesel(table_name = nodes, treat_none_as_default_value = false)]
pub(crate) struct Node {
    pub boot: BootId,
    /// What its operator calls it.
    pub name: String,
    /// Of the program.
    pub version: String,
    /// When it was last seen, by the clock of the database.
    pub seen_at: Millis,
}

/// What a beat has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beat {
    /// How far the clock of the database is ahead of this server's, in milliseconds; negative where it is behind.
    pub ahead_ms: i64,
    /// Who else is here.
    pub others: Vec<Node>,
}

/// Says that a server is here, and finds who else is; removes what has gone long ago.
pub(crate) fn beat(tx: &mut Tx, boot: BootId, name: &str, version: &str) -> Result<Beat> {
    let before = Millis::now();
    let at = time(tx)?;
    let after = Millis::now();
    let node = Node { boot, name: name.to_owned(), version: version.to_owned(), seen_at: at };
    each!(tx.conn(), conn => diesel::insert_into(nodes::table)
        .values(&node)
        .on_conflict(nodes::boot)
        .do_update()
        .set(nodes::seen_at.eq(at))
        .execute(conn))?;
    diesel::delete(nodes::table.filter(nodes::seen_at.lt(at - KEPT_MS))).execute(tx.conn())?;
    let mut others = here(tx, at)?;
    others.retain(|other| other.boot != boot);
    Ok(Beat { ahead_ms: at.0 - (before.0 + after.0) / 2, others })
}

/// Says that a server goes.
pub(crate) fn leave(tx: &mut Tx, boot: BootId) -> Result<()> {
    diesel::delete(nodes::table.find(boot)).execute(tx.conn())?;
    Ok(())
}

/// Who is here, by name.
pub(crate) fn list(conn: &mut Conn) -> Result<Vec<Node>> {
    let now = time(conn)?;
    here(conn, now)
}

fn here(conn: &mut Conn, now: Millis) -> Result<Vec<Node>> {
    Ok(nodes::table
        .filter(nodes::seen_at.gt(now - HERE_MS))
        .order((nodes::name, nodes::boot))
        .select((nodes::boot, nodes::name, nodes::version, nodes::seen_at))
        .load(conn)?)
}

/// What the clock of the database says; SQLite has that of this machine.
pub(crate) fn time(conn: &mut Conn) -> Result<Millis> {
    match conn {
        Conn::Sqlite(_) => Ok(Millis::now()),
        #[cfg(feature = "postgres")]
        Conn::Postgres(conn) => {
            use crate::store::postgres::clock;
            Ok(clock::millis(diesel::select(clock::clock_timestamp()).get_result(conn)?))
        }
    }
}
