//! Names that were changed at another node: what the bus does not bring is found in the tables, by the number that each change
//! has there. It must not know who changed a name, nor where it is shown.

use crate::{
    logging::Recurring,
    room::{
        front::registry::{Heard, RoomRegistry},
        operations::{Notice, Publication},
    },
    store::{
        Store,
        accounts::{
            revocations,
            users::{self, User},
        },
    },
    wire::view::UserRef,
};
use actix::Addr;
use std::time::Duration;
use tokio::time::sleep;

const EVERY: Duration = Duration::from_secs(1);

/// Has the rooms here show the names that are changed from this call on, for as long as the future is polled. What this node
/// itself has changed is told too: telling twice does no harm.
pub(in crate::server) fn look(store: Store, rooms: Addr<RoomRegistry>) -> impl Future<Output = ()> {
    // Before any room is open, so that nothing falls between.
    let last = store.read_blocking(revocations::last).unwrap_or_else(|error| {
        log::warn!("all names that ever changed are looked through: {error}");
        0
    });
    look_from(store, rooms, last)
}

async fn look_from(store: Store, rooms: Addr<RoomRegistry>, mut last: i64) {
    let fault = Recurring::new("changed names cannot be looked for");
    loop {
        sleep(EVERY).await;
        match store.read(move |conn| users::renamed_after(conn, last)).await {
            Ok((renamed, number)) => {
                fault.worked();
                if !renamed.is_empty() && rooms.send(Heard(told(&renamed))).await.is_err() {
                    return;
                }
                last = number;
            }
            // What was missed is found by the next look that succeeds.
            Err(error) => fault.failed(error),
        }
    }
}

fn told(renamed: &[User]) -> Publication {
    let notices = renamed.iter().map(|user| Notice::Renamed(UserRef::from(user))).collect();
    Publication { streams: Vec::new(), notices }
}
