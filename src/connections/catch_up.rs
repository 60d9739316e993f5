//! The catch-up of who comes back late: the log, page by page, as fast as they take it, until the room has the rest in memory.
//! It must not know what events say, nor how they are sent.

use crate::{
    domain::{Seq, StreamId},
    room::{
        actor::{joining::CatchUp, room::Room},
        fanout::{batch::PendingBatch, seat::Seat},
    },
    store::{Store, events},
    wire::rows,
};
use actix::Addr;
use std::rc::Rc;

/// Events read from the log at once.
const PAGE: i64 = 500;

/// How a catch-up ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CatchUpEnd {
    /// The room serves the rest.
    Admitted,
    /// The viewer is on the way out, and reads no more.
    Gone,
    /// The log could not be read, or the room is no more.
    Failed,
}

/// Serves the log from `after` on, page by page, until the room has the rest in memory.
pub(crate) async fn catch_up(
    store: Store,
    seat: Rc<Seat>,
    stream: StreamId,
    room: Addr<Room>,
    mut after: Seq,
) -> CatchUpEnd {
    let connection = seat.connection;
    loop {
        let from = after;
        let Ok(page) = store.read(move |conn| events::after(conn, stream, from, PAGE)).await else {
            return CatchUpEnd::Failed;
        };
        if let Some(last) = page.last() {
            after = last.seq;
            let mut missed = PendingBatch::new(from);
            page.iter().for_each(|logged| missed.event(logged.seq, &rows::encode_logged(logged)));
            if !seat.serve_opening(missed.take()).await {
                return CatchUpEnd::Gone;
            }
        }
        match room.send(CatchUp { connection, after }).await {
            Ok(true) => return CatchUpEnd::Admitted,
            Ok(false) if !page.is_empty() => {}
            _ => return CatchUpEnd::Failed,
        }
    }
}
