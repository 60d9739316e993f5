//! Numbers that only grow, one row each: what has changed since a server has last looked is found by them, without a clock.
//! It must not know what is counted.

use super::{connection::Conn, error::Result, schema::counters, transaction::Tx};
use diesel::prelude::*;

/// The number of the last change.
pub(crate) fn last(conn: &mut Conn, name: &str) -> Result<i64> {
    Ok(counters::table.find(name).select(counters::value).first(conn)?)
}

/// The next number. The counter stays locked until the transaction ends, so that numbers are committed in their order.
pub(crate) fn next(tx: &mut Tx, name: &str) -> Result<i64> {
    Ok(diesel::update(counters::table.find(name))
        .set(counters::value.eq(counters::value + 1))
        .returning(counters::value)
        .get_result(tx.conn())?)
}
