//! What the permanent address of a host shows: the stream that is live, else the next one. Public ones alone, since it is found
//! by a name that everybody knows. It must not know how it is shown.

use crate::{
    domain::{Millis, Status, StreamId, UserId},
    room::operations::Fault,
    store::{
        Conn, Stream,
        streams::{self, Filter, Sort},
    },
};

/// How late a stream may be that is still the next one, in seconds: as long as a host may be away.
const LATE_S: i64 = 12 * 3600;
/// Streams of one host that are live at once, of which the latest started counts.
const LIVE_MAX: usize = 100;

/// The stream at the permanent address of a host: the latest started of those that are live; else the first of those that
/// have a time, unless that is long past; else the newest without one.
pub(super) fn shown(conn: &mut Conn, host: UserId, now: Millis) -> Result<Option<Stream>, Fault> {
    let of = |status| Filter { host_id: Some(host), status: Some(status), ..Filter::default() };
    let live = streams::list(conn, &of(Status::Live), Sort::Created, None, LIVE_MAX)?.items;
    if let Some(latest) = live.into_iter().max_by_key(|stream| stream.started_at) {
        return Ok(Some(latest));
    }
    // Behind this place in time; which id stands there does not matter.
    let from = (now.plus_s(-LATE_S), StreamId::new());
    let next = streams::list(conn, &of(Status::Scheduled), Sort::Starts, Some(from), 1)?.items;
    if let Some(next) = next.into_iter().next() {
        return Ok(Some(next));
    }
    let newest = streams::list(conn, &of(Status::Scheduled), Sort::Created, None, LIVE_MAX)?.items;
    Ok(newest.into_iter().find(|stream| stream.scheduled_for.is_none()))
}
