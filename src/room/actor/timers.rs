//! What a room does by itself when its time comes: pulses, ends of bans and polls, minutes.
//! It must not decide what is allowed.

use super::room::Room;
use crate::{
    domain::{Millis, Role},
    room::{core::RoomCore, operations::acts, state::minute_stats::MinuteStats},
    store::streams::{self, stats},
};
use actix::prelude::*;
use std::time::{Duration, Instant};

/// At most one pulse in this time: with the one at joining, no viewer gets more than two a second.
const PULSE: Duration = Duration::from_secs(1);
/// At most one word on the picture in this time, however its source flaps.
const PICTURE: Duration = Duration::from_millis(250);
/// The longest a timer is set: ends are moments of the wall clock, which may have been set meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// When what could not be stored in its time is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

impl Room {
    /// Says the latest values if they have changed, but not too often.
    pub(super) fn pulse_soon(&mut self, ctx: &mut Context<Self>) {
        let Some(core) = &mut self.core else { return };
        if self.pulse.is_some() || !core.has_new_pulse() {
            return;
        }
        if let Err(wait) = core.say_pulse(PULSE, Instant::now()) {
            self.pulse = Some(ctx.run_later(wait, |room, ctx| {
                room.pulse = None;
                room.settle(ctx);
            }));
        }
    }

    /// Says how the picture is if that has changed, but not too often.
    pub(super) fn picture_soon(&mut self, ctx: &mut Context<Self>) {
        let Some(core) = &mut self.core else { return };
        if self.picture.is_some() || !core.has_new_picture() {
            return;
        }
        if let Err(wait) = core.say_picture(PICTURE, Instant::now()) {
            self.picture = Some(ctx.run_later(wait, |room, ctx| {
                room.picture = None;
                room.settle(ctx);
            }));
        }
    }

    /// Sets the timer for the next end of a ban or poll. What has run out and is not ended yet is due at once.
    pub(super) fn watch_what_is_due(&mut self, ctx: &mut Context<Self>) {
        let Some(core) = &self.core else { return };
        let poll_ends = core.state.poll.as_ref().filter(|_| !self.closes_poll).map(|poll| poll.closes_at);
        let next = poll_ends.into_iter().chain(core.state.next_ban_end()).min();
        let wait = next.map(|next| Duration::from_millis(next.since(Millis::now()).unsigned_abs()));
        self.look_at_what_is_due_in(wait.map(|wait| wait.min(LOOK_AGAIN)), ctx);
    }

    fn look_at_what_is_due_in(&mut self, wait: Option<Duration>, ctx: &mut Context<Self>) {
        if let Some(timer) = self.due.take() {
            ctx.cancel_future(timer);
        }
        let look = |wait| {
            ctx.run_later(wait, |room: &mut Room, ctx| {
                room.due = None;
                room.do_what_is_due(ctx);
            })
        };
        self.due = wait.map(look);
    }

    fn do_what_is_due(&mut self, ctx: &mut Context<Self>) {
        let Some(core) = &mut self.core else { return };
        let now = Millis::now();
        for user in core.state.end_bans(now) {
            core.tell_rights(user, now);
        }
        if core.state.poll.as_ref().is_some_and(|poll| poll.closes_at <= now) && !self.closes_poll {
            self.close_poll(ctx);
        }
        self.watch_what_is_due(ctx);
    }

    /// The event that closes it brings the tally; until then nobody votes.
    fn close_poll(&mut self, ctx: &mut Context<Self>) {
        self.closes_poll = true;
        let id = self.id;
        let closed = self.transactions.clone().act(id, move |tx, now| acts::close_due_poll(tx, id, now));
        let then = |closed, room: &mut Room, ctx: &mut Context<Room>| {
            room.closes_poll = false;
            match closed {
                Ok(()) => room.watch_what_is_due(ctx),
                Err(_) => room.look_at_what_is_due_in(Some(TRY_AGAIN), ctx),
            }
        };
        self.once_stored(closed, then, ctx);
    }

    /// Each minute: the graph's next point, and whether the host is here.
    pub(super) fn keep_minutes(&mut self, ctx: &mut Context<Self>) {
        ctx.run_interval(Duration::from_secs(60), |room, _| {
            let ended = room.core.as_mut().map(|core| core.minute.end(core.viewers() as i64));
            if let (Some(core), Some(ended)) = (&room.core, ended) {
                room.write_minute(core, ended);
            }
        });
    }

    /// Stores a minute that has ended.
    pub(super) fn write_minute(&self, core: &RoomCore, ended: MinuteStats) {
        if ended.viewers == 0 && ended.comments == 0 {
            return;
        }
        let is_host = |account| core.state.role_of(account) == Role::Host;
        let host_is_here = core.roster.iter().any(|(_, occupant)| is_host(occupant.account.as_ref()));
        let now = Millis::now();
        let (id, store) = (self.id, self.store.clone());
        let minute =
            stats::Minute { minute: now.0 / 60_000, viewers: ended.viewers, comments: ended.comments };
        let write = move || {
            store.write_blocking(|tx| {
                if host_is_here {
                    streams::touch_host_seen(tx, id, now)?;
                }
                stats::record(tx, id, minute)
            })
        };
        // For the graph alone: lost with the process, and with a stream that is being deleted.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn_blocking(move || {
            if let Err(error) = write() {
                log::debug!("a minute of {id} was not stored: {error}");
            }
        });
    }
}
