//! Parts of a room's state, read again when they have changed. What could not be read is tried again, and unsure until then.
//! It must not know what a part means.

use super::{load, message::Part, room::Room};
use crate::{
    domain::{ids::UserId, time::Millis},
    store,
};
use actix::prelude::*;
use std::time::Duration;

/// When a part that could not be read is tried again.
const AGAIN: Duration = Duration::from_secs(1);

type Read = Result<Vec<(Part, load::Fresh)>, (store::Error, Vec<Part>)>;

impl Room {
    /// Reads parts of the state again, puts them in their place, and tells the banned.
    pub(super) fn refresh(&mut self, parts: Vec<Part>, banned: Vec<UserId>) -> ResponseActFuture<Self, ()> {
        self.asked += 1;
        let (id, store, asked) = (self.id, self.rules.store.clone(), self.asked);
        let wanted = parts.clone();
        let read = async move {
            let read_all = move |conn: &mut store::Conn| {
                let read = |&part: &Part| Ok((part, load::read(conn, id, part, Millis::now())?));
                wanted.iter().map(read).collect::<store::Result<Vec<_>>>()
            };
            let read = match parts.is_empty() {
                true => Ok(Vec::new()),
                false => store.reading(read_all).await,
            };
            read.map_err(|error| (error, parts))
        };
        Box::pin(read.into_actor(self).map(move |read, room, ctx| {
            room.have_read(read, asked, banned, ctx);
            room.watch_what_is_due(ctx);
            room.settle(ctx);
        }))
    }

    fn have_read(&mut self, read: Read, asked: u64, banned: Vec<UserId>, ctx: &mut Context<Self>) {
        match read {
            Ok(fresh) => {
                let is_read = |part: &Part| fresh.iter().any(|(read, _)| read == part);
                self.unsure.retain(|part, failed| *failed > asked || !is_read(part));
                if let Some(stage) = &mut self.stage {
                    stage.refresh(fresh, asked, &banned, Millis::now());
                }
            }
            Err((error, parts)) => {
                log::error!("room {}: {error}", self.id);
                self.unsure.extend(parts.iter().map(|&part| (part, asked)));
                ctx.run_later(AGAIN, move |room, ctx| {
                    let again = room.refresh(parts, banned);
                    ctx.spawn(again);
                });
            }
        }
    }
}
