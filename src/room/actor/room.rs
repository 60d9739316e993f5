//! The room: the actor of one live stream. Handlers only carry messages to the [`Stage`] and see to timers and the database.
//! It must not know of HTTP or WebSocket; sessions are reached through recipients.

use crate::{
    domain::{
        ids::*,
        time::{Millis, now::Now},
    },
    room::{
        core::Stage,
        fanout::shard::{Drained, FanOut},
        front::{
            registry::{Closed, MayClose},
            streams::Desk,
        },
        journal::PERIOD_IN_A_CROWD,
        message::*,
        operations::load,
    },
    store,
    wire::{frame::Close, problem::Refusal},
};
use actix::prelude::*;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

pub use crate::room::core::Rules;

/// How long an empty room waits for somebody before it asks to close.
const IDLE: Duration = Duration::from_secs(10);
/// How long a hole in the log may stay open before the log itself is read.
const HOLE: Duration = Duration::from_millis(50);
/// Messages that may wait; past it sessions answer `overloaded`.
const MAILBOX: usize = 4096;
/// Events read from the log at once.
pub(crate) const PAGE: i64 = 1000;
/// A flush that is due in less than half the journal's period is due now: what the next commit brings comes too late for it.
const AT_ONCE_MS: f64 = PERIOD_IN_A_CROWD.as_millis() as f64 / 2.0;

/// The actor of one live stream.
pub struct Room {
    pub(crate) id: StreamId,
    pub(crate) rules: Rules,
    pub(crate) desk: Desk,
    pub(crate) stage: Option<Stage>,
    started: Instant,
    /// Messages handled that came through the lobby.
    pub(crate) handled: u64,
    /// Shards that are still writing the last fan-out, and the longest that took.
    writing: usize,
    longest: Duration,
    /// Since when the oldest of what the next fan-out says waits.
    waiting_since: Option<Instant>,
    flush: Option<SpawnHandle>,
    pub(crate) pulse: Option<SpawnHandle>,
    idle: Option<SpawnHandle>,
    hole: Option<SpawnHandle>,
    pub(crate) due: Option<SpawnHandle>,
    /// Whether the open poll is being closed, because its time is over.
    pub(crate) closes_poll: bool,
    /// Parts of the state that were asked to be read again, so far: what was asked for later is not overwritten.
    pub(crate) asked: u64,
    /// Parts that could not be read when they had changed, and as of which asking.
    pub(crate) unsure: HashMap<Part, u64>,
}

impl Room {
    /// A room that opens when it has read its stream.
    pub fn new(id: StreamId, rules: Rules, desk: Desk) -> Self {
        Self {
            id,
            rules,
            desk,
            stage: None,
            started: Instant::now(),
            handled: 0,
            writing: 0,
            longest: Duration::ZERO,
            waiting_since: None,
            flush: None,
            pulse: None,
            idle: None,
            hole: None,
            due: None,
            closes_poll: false,
            asked: 0,
            unsure: HashMap::new(),
        }
    }

    fn open(
        &mut self,
        read: store::Result<Option<(crate::room::core::state::Hall, crate::domain::stream::Seq)>>,
        ctx: &mut Context<Self>,
    ) {
        match read {
            Ok(Some((hall, head))) => {
                self.stage = Some(Stage::new(self.id, self.rules.clone(), hall, head, Now::read()));
                self.rules.metrics.rooms.inc();
                self.watch_what_is_due(ctx);
                self.watch_idleness(ctx);
                return;
            }
            Ok(None) => {}
            Err(error) => log::error!("room {} could not be opened: {error}", self.id),
        }
        // One in the life of a room. Who waits in the mailbox is told `not_found` by its end.
        self.desk.lobby.do_send(Closed(self.id, ctx.address()));
        ctx.stop();
    }

    fn now_ms(&self) -> f64 {
        self.started.elapsed().as_secs_f64() * 1000.0
    }

    /// After anything that may have given the room something to say.
    pub(crate) fn settle(&mut self, ctx: &mut Context<Self>) {
        self.pulse_soon(ctx);
        self.flush_soon(ctx);
        self.fill_holes(ctx);
        self.watch_idleness(ctx);
    }

    fn flush_soon(&mut self, ctx: &mut Context<Self>) {
        let now_ms = self.now_ms();
        let Some(stage) = &mut self.stage else { return };
        if stage.outbox.is_empty() {
            return stage.serve_arrivals(Now::read());
        }
        self.waiting_since.get_or_insert_with(Instant::now);
        if self.writing > 0 || self.flush.is_some() {
            return;
        }
        let wait_ms = stage.clock.wait_ms(now_ms);
        if stage.clock.is_due(wait_ms, AT_ONCE_MS) {
            return self.flush_now(ctx);
        }
        let wait = Duration::from_secs_f64(wait_ms / 1000.0);
        self.flush = Some(ctx.run_later(wait, |room, ctx| {
            room.flush = None;
            room.flush_now(ctx);
        }));
    }

    fn flush_now(&mut self, ctx: &mut Context<Self>) {
        let now_ms = self.now_ms();
        let Some(stage) = &mut self.stage else { return };
        let batch = stage.outbox.take();
        stage.clock.flushed(now_ms, batch.head);
        let since = self.waiting_since.take().unwrap_or_else(Instant::now);
        self.rules.metrics.fanout_flushes.inc();
        self.writing = stage.audience.len();
        for part in &stage.audience {
            let (stream_id, batch, room) = (self.id, batch.clone(), ctx.address().recipient());
            // Bounded: the next one is sent when this one has been written.
            part.shard.do_send(FanOut { stream_id, batch, since, room });
        }
        stage.serve_arrivals(Now::read());
    }

    fn fill_holes(&mut self, ctx: &mut Context<Self>) {
        let has_hole = self.stage.as_ref().is_some_and(|stage| stage.sequencer.has_hole());
        if has_hole && self.hole.is_none() {
            self.hole = Some(ctx.run_later(HOLE, |room, ctx| room.read_hole(ctx)));
        }
    }

    fn read_hole(&mut self, ctx: &mut Context<Self>) {
        let Some(stage) = self.stage.as_ref().filter(|stage| stage.sequencer.has_hole()) else {
            self.hole = None;
            return;
        };
        let (id, head, store) = (self.id, stage.sequencer.head(), stage.rules.store.clone());
        let read = async move { store.reading(move |conn| store::events::after(conn, id, head, PAGE)).await };
        ctx.spawn(read.into_actor(self).map(|read, room, ctx| {
            room.hole = None;
            match read {
                Ok(logged) => room.take_in(logged.iter().map(Numbered::read).collect(), ctx),
                Err(error) => log::warn!("room {}: the log could not be read: {error}", room.id),
            }
            room.settle(ctx);
        }));
    }

    pub(crate) fn take_in(&mut self, events: Vec<Numbered>, ctx: &mut Context<Self>) {
        let Some(stage) = &mut self.stage else { return };
        let changes_dates = events.iter().any(|numbered| super::timers::has_date(&numbered.event));
        stage.take_in(events, Now::read());
        if changes_dates {
            self.watch_what_is_due(ctx);
        }
    }

    fn watch_idleness(&mut self, ctx: &mut Context<Self>) {
        let is_idle =
            self.stage.as_ref().is_none_or(|stage| stage.roster.is_empty() && stage.posts.is_empty());
        match (is_idle, self.idle) {
            (false, Some(timer)) => {
                ctx.cancel_future(timer);
                self.idle = None;
            }
            (true, None) => self.idle = Some(ctx.run_later(IDLE, |room, ctx| room.ask_to_close(ctx))),
            _ => {}
        }
    }

    fn ask_to_close(&mut self, ctx: &mut Context<Self>) {
        let asked = self.desk.lobby.send(MayClose { stream: self.id, handled: self.handled });
        ctx.spawn(asked.into_actor(self).map(|answer, room, ctx| {
            room.idle = None;
            match answer {
                Ok(true) | Err(_) => ctx.stop(),
                Ok(false) => room.watch_idleness(ctx),
            }
        }));
    }
}

/// The database could not answer.
pub fn unavailable(error: &store::Error) -> Refusal {
    log::warn!("the database could not answer a room: {error}");
    Refusal::new(crate::wire::problem::Code::Unavailable, "The database is away.").retry_after(1000)
}

impl Actor for Room {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(MAILBOX);
        let (id, store) = (self.id, self.rules.store.clone());
        let read = async move { store.reading(move |conn| load::hall(conn, id, Millis::now())).await };
        // Nothing in the mailbox is looked at before the room is open.
        ctx.wait(read.into_actor(self).map(|read, room, ctx| room.open(read, ctx)));
        self.keep_minutes(ctx);
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        if let Some(stage) = self.stage.take() {
            stage.rules.presence.set(self.id, 0);
            stage.rules.metrics.rooms.dec();
            self.write_minute(&stage);
        }
    }
}

impl Handler<Stored> for Room {
    type Result = ResponseActFuture<Self, ()>;

    fn handle(&mut self, stored: Stored, ctx: &mut Self::Context) -> Self::Result {
        self.handled += 1;
        let rules = stored.rules;
        let told = self.stored(stored, ctx);
        Box::pin(
            told.map(move |(), room, ctx| {
                rules.into_iter().for_each(|version| room.have_rules(version, ctx))
            }),
        )
    }
}

impl Room {
    /// Applies what was stored; done when it holds here.
    fn stored(&mut self, stored: Stored, ctx: &mut Context<Self>) -> ResponseActFuture<Self, ()> {
        let banned = super::timers::banned(&stored);
        let mut parts = super::timers::stale_parts(&stored);
        if banned.is_empty() {
            return self.hold(stored, parts, banned, ctx);
        }
        // A ban holds with its reason from the first moment on: who joins in between is told why.
        parts.retain(|part| *part != Part::Bans);
        let reasons = self.refresh(vec![Part::Bans], Vec::new());
        Box::pin(reasons.then(move |(), room, ctx| room.hold(stored, parts, banned, ctx)))
    }

    fn hold(
        &mut self,
        stored: Stored,
        parts: Vec<Part>,
        banned: Vec<UserId>,
        ctx: &mut Context<Self>,
    ) -> ResponseActFuture<Self, ()> {
        let last = stored.events.iter().map(|numbered| numbered.seq).max();
        self.take_in(stored.events, ctx);
        self.settle(ctx);
        let applied = self.applied(last);
        let applied = async move { drop(applied.await) }.into_actor(self);
        if parts.is_empty() && banned.is_empty() {
            return Box::pin(applied);
        }
        Box::pin(applied.then(move |(), room, _| room.refresh(parts, banned)))
    }

    /// Resolves once everything up to `last` has been applied.
    pub(crate) fn applied(&mut self, last: Option<crate::domain::stream::Seq>) -> oneshot::Receiver<()> {
        let (answer, applied) = oneshot::channel();
        match (last, &mut self.stage) {
            (Some(last), Some(stage)) if last > stage.sequencer.head() => stage.settled.push((last, answer)),
            _ => drop(answer.send(())),
        }
        applied
    }
}

impl Handler<Drained> for Room {
    type Result = ();

    fn handle(&mut self, drained: Drained, ctx: &mut Self::Context) {
        self.longest = self.longest.max(drained.took);
        self.writing = self.writing.saturating_sub(1);
        if self.writing > 0 {
            return;
        }
        let took_ms = self.longest.as_secs_f64() * 1000.0;
        self.longest = Duration::ZERO;
        if let Some(stage) = &mut self.stage {
            stage.clock.drained(took_ms);
        }
        self.flush_soon(ctx);
    }
}

impl Handler<Gone> for Room {
    type Result = ();

    fn handle(&mut self, _: Gone, ctx: &mut Self::Context) {
        if let Some(stage) = &self.stage {
            stage.close_all(|| Close::Gone);
        }
        ctx.stop();
    }
}

impl Handler<AboutUser> for Room {
    type Result = ();

    fn handle(&mut self, about: AboutUser, _: &mut Self::Context) {
        self.handled += 1;
        let (AboutUser::Renamed(user), Some(stage)) = (about, &mut self.stage) else { return };
        stage.roster.rename(&user);
        stage.hall.rename(&user);
        stage.snapshot = None;
    }
}

impl Handler<Drain> for Room {
    type Result = ();

    fn handle(&mut self, drain: Drain, ctx: &mut Self::Context) {
        self.see_off(drain.spread_ms, ctx);
    }
}
