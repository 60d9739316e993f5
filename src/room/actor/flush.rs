//! What is new becomes part of the room, and is fanned out: one batch at a time, the next once all workers have written the last.
//! It must not know what is said.

use super::room::Room;
use crate::{
    domain::Now,
    room::{
        fanout::{
            deflate::Deflated,
            shard::{Drained, FanOut},
        },
        journal::PERIOD_IN_A_CROWD,
    },
    wire::Numbered,
};
use actix::prelude::*;
use std::time::{Duration, Instant};

/// Skip the timer when less than half a commit period is left: the next commit cannot arrive before it would fire.
const AT_ONCE_MS: f64 = PERIOD_IN_A_CROWD.as_millis() as f64 / 2.0;

impl Room {
    /// Applies events, as far as none is missing before them.
    pub(super) fn apply_all(&mut self, events: Vec<Numbered>, ctx: &mut Context<Self>) {
        let Some(core) = &mut self.core else { return };
        if core.apply_all(events, Now::read()) {
            self.watch_what_is_due(ctx);
        }
    }

    /// After anything that may have given the room something to say.
    pub(super) fn settle(&mut self, ctx: &mut Context<Self>) {
        self.pulse_soon(ctx);
        self.picture_soon(ctx);
        self.flush_soon(ctx);
        self.fill_holes(ctx);
        self.watch_idleness(ctx);
    }

    /// Fans out what is pending, now or at its time.
    fn flush_soon(&mut self, ctx: &mut Context<Self>) {
        let now_ms = self.now_ms();
        let Some(core) = &mut self.core else { return };
        if core.pending.is_empty() {
            return core.admit_waiting(Now::read());
        }
        self.flushing.waiting_since.get_or_insert_with(Instant::now);
        if self.flushing.writing > 0 || self.flushing.timer.is_some() {
            return;
        }
        let wait_ms = core.clock.wait_ms(now_ms);
        if core.clock.is_due(wait_ms, AT_ONCE_MS) {
            return self.flush_now(ctx);
        }
        let wait = Duration::from_secs_f64(wait_ms / 1000.0);
        self.flushing.timer = Some(ctx.run_later(wait, |room, ctx| {
            room.flushing.timer = None;
            room.flush_now(ctx);
        }));
    }

    fn flush_now(&mut self, ctx: &mut Context<Self>) {
        let now_ms = self.now_ms();
        let Some(core) = &mut self.core else { return };
        let batch = core.pending.take();
        core.clock.flushed(now_ms, batch.head);
        let since = self.flushing.waiting_since.take().unwrap_or_else(Instant::now);
        core.parts.metrics.fanout_flushes.inc();
        core.parts.metrics.fanout_stretched.inc_by(core.clock.is_stretched().into());
        self.flushing.writing = core.workers.len();
        let deflated = Deflated::default();
        for part in &core.workers {
            let (stream_id, room) = (self.id, ctx.address().recipient());
            let (batch, deflated) = (batch.clone(), deflated.clone());
            // Bounded: the next one is sent when this one has been written.
            part.shard.do_send(FanOut { stream_id, batch, deflated, since, room });
        }
        core.admit_waiting(Now::read());
    }

    fn now_ms(&self) -> f64 {
        self.flushing.started.elapsed().as_secs_f64() * 1000.0
    }
}

impl Handler<Drained> for Room {
    type Result = ();

    fn handle(&mut self, drained: Drained, ctx: &mut Self::Context) {
        let flushing = &mut self.flushing;
        flushing.longest = flushing.longest.max(drained.took);
        flushing.writing = flushing.writing.saturating_sub(1);
        if flushing.writing > 0 {
            return;
        }
        let took = std::mem::take(&mut flushing.longest);
        if let Some(core) = &mut self.core {
            core.clock.drained(took.as_secs_f64() * 1000.0);
        }
        self.flush_soon(ctx);
    }
}
