//! Parts of a room's state, read again when they have changed. What could not be read is tried again, and unsure until then.
//! It must not know what a part means.

use super::room::Room;
use crate::{
    domain::{Millis, RulesVersion, Seq, UserId},
    room::{
        core::{Fresh, Part},
        operations::load,
    },
    store,
};
use actix::prelude::*;
use std::time::Duration;
use tokio::sync::oneshot;

/// When a part that could not be read is tried again.
const AGAIN: Duration = Duration::from_secs(1);

type Read = Result<Vec<(Part, Fresh)>, (store::Error, Vec<Part>)>;

impl Room {
    /// Reads parts of the state again, puts them in their place, and tells the banned.
    pub(super) fn refresh(&mut self, parts: Vec<Part>, banned: Vec<UserId>) -> ResponseActFuture<Self, ()> {
        self.refreshes += 1;
        let (id, store, number) = (self.id, self.store.clone(), self.refreshes);
        let wanted = parts.clone();
        let read = async move {
            let read = match parts.is_empty() {
                true => Ok(Vec::new()),
                false => store.read(move |conn| load::read_all(conn, id, &wanted, Millis::now())).await,
            };
            read.map_err(|error| (error, parts))
        };
        Box::pin(read.into_actor(self).map(move |read, room, ctx| {
            room.have_read(read, number, banned, ctx);
            room.watch_what_is_due(ctx);
            room.settle(ctx);
        }))
    }

    /// Brings what comments are judged by to the state of the database: everything in one moment, then the log up to there.
    pub(super) fn catch_up_with_rules(&mut self) -> ResponseActFuture<Self, ()> {
        self.refreshes += 1;
        let (id, store, number) = (self.id, self.store.clone(), self.refreshes);
        let read = async move {
            let read = move |conn: &mut store::Conn| {
                let parts = load::read_all(conn, id, Part::RULES, Millis::now())?;
                Ok::<_, store::Error>((load::rules(conn, id)?, parts))
            };
            store.read(read).await
        };
        Box::pin(read.into_actor(self).then(move |read, room, ctx| match read {
            Ok(((version, head), parts)) => {
                room.have_read(Ok(parts), number, Vec::new(), ctx);
                room.once_known(head, version, ctx)
            }
            Err(error) => {
                // What waits for it is judged by old rules, found out, and refused in the end.
                log::warn!("room {}: its rules could not be read: {error}", room.id);
                Box::pin(async {}.into_actor(room))
            }
        }))
    }

    /// Resolves once everything up to `last` has been applied.
    pub(super) fn applied(&mut self, last: Option<Seq>) -> ResponseActFuture<Self, ()> {
        let (answer, applied) = oneshot::channel();
        if let (Some(last), Some(core)) = (last, &mut self.core) {
            core.once_applied(last, answer);
        }
        Box::pin(async move { drop(applied.await) }.into_actor(self))
    }

    fn once_known(
        &mut self,
        head: Seq,
        version: RulesVersion,
        ctx: &mut Context<Self>,
    ) -> ResponseActFuture<Self, ()> {
        if let Some(core) = &mut self.core {
            core.sequencer.expect(head);
        }
        self.settle(ctx);
        Box::pin(self.applied(Some(head)).map(move |(), room, _| {
            if let Some(core) = &mut room.core {
                core.state.rules_version = core.state.rules_version.max(version);
            }
        }))
    }

    /// The rules have this version once all has been applied that was told with it. A version that comes before its time says
    /// that another is on its way, or lost.
    pub(super) fn have_rules(&mut self, version: RulesVersion, ctx: &mut Context<Self>) {
        let is_whole = Part::RULES.iter().all(|part| !self.unsure.contains_key(part));
        let Some(core) = &mut self.core else { return };
        if is_whole && version == core.state.rules_version.next() {
            core.state.rules_version = version;
        } else if version > core.state.rules_version {
            let caught_up = self.catch_up_with_rules();
            ctx.spawn(caught_up);
        }
    }

    fn have_read(&mut self, read: Read, number: u64, banned: Vec<UserId>, ctx: &mut Context<Self>) {
        match read {
            Ok(fresh) => {
                let is_read = |part: &Part| fresh.iter().any(|(read, _)| read == part);
                self.unsure.retain(|part, failed| *failed > number || !is_read(part));
                if let Some(core) = &mut self.core {
                    core.refresh(fresh, number, &banned, Millis::now());
                }
            }
            Err((error, parts)) => {
                log::error!("room {}: {error}", self.id);
                self.unsure.extend(parts.iter().map(|&part| (part, number)));
                ctx.run_later(AGAIN, move |room, ctx| {
                    let again = room.refresh(parts, banned);
                    ctx.spawn(again);
                });
            }
        }
    }
}
