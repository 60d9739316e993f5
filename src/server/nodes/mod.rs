//! The other nodes of the house: what they say is handed to the rooms here, and the tables are looked at for what was not heard.
//! It must not know how nodes speak to each other, nor what a room does with it.

pub(super) mod names;
pub(super) mod way;

use crate::{
    bus::{Bus, Heard, Topic, ear::Ear, presence::Total},
    domain::StreamId,
    logging::Recurring,
    room::{
        front::registry::{self, Looked, OpenStreams, RoomRegistry, ViewersOf},
        operations::{publish::Hears, words},
    },
    store::{Store, streams::heads},
};
use actix::Addr;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, time::sleep};

/// How often rooms are compared with the tables where others are heard, and where they are not.
const LOOK_WHILE_SURE: Duration = Duration::from_secs(1);
const LOOK_WHILE_UNSURE: Duration = Duration::from_millis(200);
/// Streams in one query.
const AT_ONCE: usize = 2000;

/// Asks for a look at the tables before its time. Clones ask for the same.
#[derive(Clone, Default)]
pub(super) struct LookNow(Arc<Notify>);

/// Hands on what other nodes say, for as long as the future is polled.
pub(super) async fn hear(mut ear: Ear, rooms: Addr<RoomRegistry>, hears: Hears, look_now: LookNow) {
    while let Some(heard) = ear.next().await {
        let publication = match heard {
            Heard::Words { words, topic: Topic::Stream(stream), .. } if Total::is_in(&words) => {
                if let Some(total) = Total::read(&words) {
                    // What finds no room is found by the next look of presence.
                    drop(rooms.try_send(ViewersOf(stream, total)));
                }
                continue;
            }
            Heard::Words { words, topic: Topic::Stream(_) | Topic::House, .. } => words::read(&words),
            Heard::Sure | Heard::Unsure => None,
        };
        let Some(publication) = publication else {
            look_now.0.notify_one();
            continue;
        };
        hears(&publication);
        // What finds no room is found in the tables.
        if rooms.try_send(registry::Heard(publication)).is_err() {
            look_now.0.notify_one();
        }
    }
}

/// Compares open rooms with the tables, for as long as the future is polled.
pub(super) async fn look(store: Store, rooms: Addr<RoomRegistry>, bus: Bus, look_now: LookNow) {
    let fault = Recurring::new("rooms cannot be compared with the database");
    loop {
        let pause = if bus.is_sure() { LOOK_WHILE_SURE } else { LOOK_WHILE_UNSURE };
        tokio::select! {
            () = sleep(pause) => {}
            () = look_now.0.notified() => {}
        }
        let Ok(open) = rooms.send(OpenStreams).await else { return };
        for asked in open.chunks(AT_ONCE) {
            let asked = asked.to_vec();
            match look_at(&store, asked.clone()).await {
                Ok(heads) => {
                    fault.worked();
                    // Waits until the rooms have been told, so that looks do not pile up.
                    _ = rooms.send(Looked { asked, heads }).await;
                }
                Err(error) => fault.failed(error),
            }
        }
    }
}

async fn look_at(store: &Store, streams: Vec<StreamId>) -> Result<Vec<heads::Head>, crate::store::Error> {
    store.read(move |conn| heads::of(conn, &streams)).await
}
