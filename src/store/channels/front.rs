//! The streams that a channel shows first: what is on air, what comes next, what there was last. Public ones alone.
//! It must not know who asks.

use crate::{
    domain::{Millis, Status, UserId, Visibility},
    store::{
        Stream,
        connection::Conn,
        error::Result,
        schema::streams,
        streams::{joined, rows::StreamColumns, with_tags},
    },
};
use diesel::prelude::*;

/// How late a stream may be that is still the next one, in seconds: as long as a host may be away.
const LATE_S: i64 = 12 * 3600;

/// What a channel shows first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Front {
    /// The latest started of those that are live.
    pub live: Option<Stream>,
    /// The one whose date comes first; without a date, the newest.
    pub next: Option<Stream>,
    /// The latest that has ended.
    pub last: Option<Stream>,
}

/// What a channel shows first.
pub(crate) fn of(conn: &mut Conn, host: UserId, now: Millis) -> Result<Front> {
    Ok(Front { live: live(conn, host)?, next: next(conn, host, now)?, last: last(conn, host)? })
}

/// The stream at the permanent address of a host: what is on air, else what comes next.
pub(crate) fn shown(conn: &mut Conn, host: UserId, now: Millis) -> Result<Option<Stream>> {
    match live(conn, host)? {
        Some(stream) => Ok(Some(stream)),
        None => next(conn, host, now),
    }
}

/// The public streams of a host that are of this status.
macro_rules! those {
    ($host:expr, $status:expr) => {
        joined()
            .filter(streams::host_id.eq($host).and(streams::visibility.eq(Visibility::Public)))
            .filter(streams::status.eq($status))
            .select(StreamColumns::as_select())
    };
}

fn live(conn: &mut Conn, host: UserId) -> Result<Option<Stream>> {
    let latest = (streams::started_at.desc(), streams::id.desc());
    let row = those!(host, Status::Live).order(latest).first(conn).optional()?;
    with_its_tags(conn, row)
}

fn next(conn: &mut Conn, host: UserId, now: Millis) -> Result<Option<Stream>> {
    let dated = streams::scheduled_for.ge(now.plus_s(-LATE_S)).assume_not_null();
    let first = (streams::scheduled_for.asc(), streams::id.asc());
    let row = those!(host, Status::Scheduled).filter(dated).order(first).first(conn).optional()?;
    if row.is_some() {
        return with_its_tags(conn, row);
    }
    let newest = (streams::created_at.desc(), streams::id.desc());
    let undated = those!(host, Status::Scheduled).filter(streams::scheduled_for.is_null());
    let row = undated.order(newest).first(conn).optional()?;
    with_its_tags(conn, row)
}

fn last(conn: &mut Conn, host: UserId) -> Result<Option<Stream>> {
    let latest = (streams::ended_at.desc(), streams::id.desc());
    let row = those!(host, Status::Ended).order(latest).first(conn).optional()?;
    with_its_tags(conn, row)
}

fn with_its_tags(conn: &mut Conn, row: Option<StreamColumns>) -> Result<Option<Stream>> {
    Ok(with_tags(conn, row.into_iter().collect())?.pop())
}
