//! How a PostgreSQL database shows that it is a copy: it says where it lives, and what was restored lives elsewhere.
//! It must not know what an epoch means to clients.

use super::epoch;
use crate::store::{database::meta, error::Result, transaction::Tx};
use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};

const WHY: &str = "the database was restored, or has come here from elsewhere";
/// The database among those of its server, and the table in it: both are new in what was restored from a dump.
const PART: &str = "SELECT concat_ws('.', (SELECT oid FROM pg_database WHERE datname = current_database()), \
     'meta'::regclass::oid) AS home";
/// And the server itself; of its timeline, another begins where it is recovered to a moment of the past, or a standby takes over.
const WHOLE: &str = "SELECT concat_ws('.', (SELECT oid FROM pg_database WHERE datname = current_database()), \
     'meta'::regclass::oid, (SELECT system_identifier FROM pg_control_system()), \
     left(pg_walfile_name(pg_current_wal_lsn()), 8)) AS home";

/// Begins a new epoch where the database does not live where it says, and says why. Of servers that start at once, one does.
pub(super) fn begin_epoch_if_moved(tx: &mut Tx<'_>) -> Result<Option<&'static str>> {
    // Not everybody may ask for the whole, and what fails must not end the transaction.
    let here = tx.attempt(|tx| ask(tx, WHOLE)).or_else(|_| ask(tx, PART))?;
    let Some(said) = meta::home(tx)? else {
        meta::set_home(tx, &here)?;
        return Ok(None);
    };
    if said == here {
        return Ok(None);
    }
    let seen = meta::epoch(tx)?;
    let is_first = meta::change_home(tx, &said, &here)?;
    Ok((is_first && epoch::begin_after(tx, &seen, WHY)?).then_some(WHY))
}

/// Where a database lives, to be compared and not read.
#[derive(QueryableByName)]
struct Home {
    #[diesel(sql_type = Text)]
    home: String,
}

fn ask(tx: &mut Tx<'_>, sql: &str) -> Result<String> {
    let Home { home } = sql_query(sql).get_result(tx.conn())?;
    Ok(home)
}
