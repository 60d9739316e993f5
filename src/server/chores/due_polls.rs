//! Closes polls whose time is over, also where nobody is in the room to see it.
//! It must not know what a room does then.

use crate::{
    domain::Millis,
    room::{front::streams::Streams, operations::acts},
    store::interactions::polls,
};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How late a poll may close where nobody watches; an open room closes its own in time.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Closes them for as long as the future is polled.
pub(super) async fn close(streams: Streams) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // Read again at the next look where it could not be read now; `ready` says that the database is away.
        let due = streams.store.read(|conn| polls::due(conn, Millis::now())).await.unwrap_or_default();
        for stream in due {
            let closed = streams.act(stream, move |tx, now| acts::close_due_poll(tx, stream, now)).await;
            if let Err(error) = closed {
                log::debug!("a poll of {stream} could not be closed: {error:?}");
            }
        }
    }
}
