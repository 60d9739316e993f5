//! What a room does by itself when its time comes: pulses, ends of bans and polls, minutes, goodbyes.
//! It must not decide what is allowed.

use super::room::Room;
use crate::{
    domain::{
        ids::*,
        role::Role,
        stream::reaction::ReactionKind,
        time::{Millis, now::Now},
    },
    room::{
        core::{Stage, comments::Cheer, refuse, reply::ReactionAnswer, roster::Account, tell},
        message::{Line, Part, Stored, StoredAct},
        operations::transaction,
        operations::{acts, effects::Effects, load::Fresh},
    },
    store::{self, streams, streams::stats},
    wire::{
        event::Event,
        frame::{Ack, Close, Frame},
        problem::{Code, Refusal},
    },
};
use actix::prelude::*;
use std::time::{Duration, Instant};

fn refusal_of(fault: transaction::Fault) -> Refusal {
    match fault {
        transaction::Fault::Refused(refusal) => refusal,
        transaction::Fault::Store(store::Error::NotFound) => Refusal::not_found(),
        transaction::Fault::Store(error) => super::room::unavailable(&error),
    }
}

/// At most one pulse in this time: with the one at joining, no viewer gets more than two a second.
const PULSE: Duration = Duration::from_secs(1);
/// The longest a timer is set: ends are moments of the wall clock, which may have been set meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// When what could not be stored in its time is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Whether an event changes when something is due.
pub fn has_date(event: &Event) -> bool {
    matches!(
        event,
        Event::ViewerBanned(_) | Event::ViewerUnbanned(_) | Event::PollOpened(_) | Event::PollClosed(_)
    )
}

/// What must be read again because of these events.
pub fn stale_parts(stored: &Stored) -> Vec<Part> {
    let mut parts = stored.stale.clone();
    for numbered in &stored.events {
        match &*numbered.event {
            Event::ViewerBanned(_) => parts.push(Part::Bans),
            Event::CommentDeleted(_) => parts.extend([Part::Comments, Part::Queue]),
            Event::CommentsPurged(_) => parts.extend([Part::Comments, Part::Queue, Part::Questions]),
            Event::QuestionCreated(_) | Event::QuestionAnswered(_) => parts.push(Part::Questions),
            _ => {}
        }
    }
    parts.sort();
    parts.dedup();
    parts
}

/// Whom these events ban.
pub fn banned(stored: &Stored) -> Vec<UserId> {
    let banned = stored.events.iter().filter_map(|numbered| match &*numbered.event {
        Event::ViewerBanned(banned) => Some(banned.user_id),
        _ => None,
    });
    banned.collect()
}

impl Stage {
    /// Parts that were read again take their place, unless one asked for later has taken it already, and who is concerned
    /// is told. `asked` counts what was asked to be read.
    pub fn refresh(&mut self, fresh: Vec<(Part, Fresh)>, asked: u64, banned: &[UserId], now: Millis) {
        self.snapshot = None;
        for (part, fresh) in fresh {
            if let Fresh::Vote(user, vote) = fresh {
                self.take_vote(user, vote, asked, now);
                continue;
            }
            let as_of = self.as_of.entry(part).or_default();
            if *as_of > asked {
                continue;
            }
            *as_of = asked;
            let was_held = self.hall.held;
            let ended = self.bans_not_in(&fresh);
            fresh.put_into(&mut self.hall);
            ended.into_iter().for_each(|user| self.tell_rights(user, now));
            if self.hall.held != was_held {
                self.tell_queue();
            }
        }
        // Once the reasons have been read.
        banned.iter().for_each(|&user| self.tell_rights(user, now));
        self.see_out();
    }

    /// Whose bans are over by what was read: they are told, though no timer has told them.
    fn bans_not_in(&self, fresh: &Fresh) -> Vec<UserId> {
        let Fresh::Bans(bans) = fresh else { return Vec::new() };
        self.hall.bans.keys().filter(|user| !bans.contains_key(user)).copied().collect()
    }

    /// Says goodbye to all.
    pub fn close_all(&self, mut close: impl FnMut() -> Close) {
        for (_, occupant) in self.roster.iter() {
            occupant.line.line.close(close());
        }
    }
}

impl Room {
    /// Says the latest values if they have changed, but not too often.
    pub(crate) fn pulse_soon(&mut self, ctx: &mut Context<Self>) {
        let Some(stage) = &mut self.stage else { return };
        if self.pulse.is_some() || stage.pulse == stage.pulse_now() {
            return;
        }
        let now = Instant::now();
        let since_last = stage.pulsed_at.map_or(PULSE, |at| now.saturating_duration_since(at));
        let wait = PULSE.saturating_sub(since_last);
        if wait.is_zero() {
            stage.pulse = stage.pulse_now();
            stage.pulsed_at = Some(now);
            let frame = Frame::Pulse(stage.pulse.clone());
            return stage.outbox.frame(&frame);
        }
        self.pulse = Some(ctx.run_later(wait, |room, ctx| {
            room.pulse = None;
            room.settle(ctx);
        }));
    }

    /// Sets the timer for the next end of a ban or poll. What has run out and is not ended yet is due at once.
    pub(crate) fn watch_what_is_due(&mut self, ctx: &mut Context<Self>) {
        let Some(stage) = &self.stage else { return };
        let poll_ends = stage.hall.poll.as_ref().filter(|_| !self.closes_poll).map(|poll| poll.closes_at);
        let next = poll_ends.into_iter().chain(stage.hall.next_ban_end()).min();
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
        let Some(stage) = &mut self.stage else { return };
        let now = Millis::now();
        for user in stage.hall.end_bans(now) {
            stage.tell_rights(user, now);
        }
        if stage.hall.poll.as_ref().is_some_and(|poll| poll.closes_at <= now) && !self.closes_poll {
            self.close_poll(ctx);
        }
        self.watch_what_is_due(ctx);
    }

    /// The event that closes it brings the tally; until then nobody votes.
    fn close_poll(&mut self, ctx: &mut Context<Self>) {
        self.closes_poll = true;
        self.store_act(ctx, acts::close_due_poll, |closed, room, ctx| {
            room.closes_poll = false;
            match closed {
                Ok(()) => room.watch_what_is_due(ctx),
                Err(_) => room.look_at_what_is_due_in(Some(TRY_AGAIN), ctx),
            }
        });
    }

    /// Carries out an op that is stored first.
    pub(crate) fn act(
        &mut self,
        act: StoredAct,
        account: Option<Account>,
        line: Line,
        reference: Option<String>,
        ctx: &mut Context<Self>,
    ) {
        let Some(account) = account else {
            let refusal = Refusal::new(Code::Unauthenticated, "Log in to take part.");
            return refuse(&line, reference, refusal);
        };
        let op = act.name();
        let run = move |tx: &mut store::Tx<'_>, id: StreamId, now: Millis| match act {
            StoredAct::Delete(comment) => acts::delete_comment(tx, id, comment, &account, now),
            StoredAct::Vote(poll, option) => acts::vote(tx, id, poll, option, &account, now),
        };
        self.store_act(ctx, run, move |done, _, _| match done {
            Ok(()) => tell(&line, &Frame::Ack(Ack { reference, op, comment: None })),
            Err(refusal) => refuse(&line, reference, refusal),
        });
    }

    /// Carries out an act on this stream, then says how it went. What it did comes back to this room as to any other.
    fn store_act(
        &mut self,
        ctx: &mut Context<Self>,
        mut act: impl FnMut(
            &mut crate::store::Tx<'_>,
            StreamId,
            Millis,
        ) -> Result<Effects<()>, transaction::Fault>
        + Send
        + 'static,
        then: impl FnOnce(Result<(), Refusal>, &mut Room, &mut Context<Room>) + 'static,
    ) {
        let (id, desk) = (self.id, self.desk.clone());
        let done = async move { desk.act(id, move |tx, now| act(tx, id, now)).await };
        ctx.spawn(done.into_actor(self).map(|done, room, ctx| then(done.map_err(refusal_of), room, ctx)));
    }

    /// Counts a reaction, within the connection's limit.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn react(
        &mut self,
        connection: ConnectionId,
        account: Option<Account>,
        kind: ReactionKind,
        count: u8,
        line: Line,
        reference: Option<String>,
        ctx: &mut Context<Self>,
    ) {
        let Some(stage) = &mut self.stage else { return };
        let answer = match reference {
            Some(reference) => ReactionAnswer::Session(line, reference),
            None => ReactionAnswer::Nowhere,
        };
        let Some(account) = account else {
            return answer.give(Err(Refusal::new(Code::Unauthenticated, "Log in to take part.")));
        };
        let now = Now::read();
        if let Err(refusal) = stage.judge_reaction(&account, now) {
            return answer.give(Err(refusal));
        }
        if let Err(wait_ms) = stage.take_reactions(connection, count, now.instant) {
            stage.rules.metrics.limit_hits.of("REACTIONS_PER_CONNECTION").inc();
            let refusal = Refusal::new(Code::RateLimited, "Too many reactions; these were not counted.");
            return answer.give(Err(refusal.retry_after(wait_ms)));
        }
        self.cheer(Cheer::new(account, kind, count, answer), ctx);
    }

    /// Each minute: the graph's next point, and whether the host is here.
    pub(crate) fn keep_minutes(&mut self, ctx: &mut Context<Self>) {
        ctx.run_interval(Duration::from_secs(60), |room, _| {
            if let Some(stage) = &mut room.stage {
                let viewers = stage.roster.viewers() as i64;
                let ended = stage.minute.end(viewers);
                write_minute(stage, ended);
            }
        });
    }

    pub(crate) fn write_minute(&self, stage: &Stage) {
        write_minute(stage, stage.minute);
    }

    /// Says goodbye to all, spread over a time so that they do not come back all at once.
    pub(crate) fn see_off(&mut self, spread_ms: u64, ctx: &mut Context<Self>) {
        let Some(stage) = &self.stage else { return };
        let lines: Vec<_> = stage.roster.iter().map(|(_, occupant)| occupant.line.line.clone()).collect();
        let count = lines.len().max(1) as u64;
        for (place, line) in (0..).zip(lines) {
            let after_ms = spread_ms * place / count;
            let close = Close::Restart { retry_after_ms: 500 + after_ms };
            ctx.run_later(Duration::from_millis(after_ms), move |_, _| line.close(close));
        }
    }
}

fn write_minute(stage: &Stage, ended: crate::room::core::minute_stats::Minutes) {
    let host_is_here =
        stage.roster.iter().any(|(_, occupant)| stage.hall.role_of(occupant.account.as_ref()) == Role::Host);
    if ended.viewers == 0 && ended.comments == 0 {
        return;
    }
    let now = Millis::now();
    let (id, store) = (stage.id, stage.rules.store.clone());
    let minute = stats::Minute { minute: now.0 / 60_000, viewers: ended.viewers, comments: ended.comments };
    let write = move || {
        store.write(|tx| {
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

impl Stage {
    /// Somebody's vote as read: who has not heard of a later one is told.
    fn take_vote(&mut self, user: UserId, vote: Option<(PollId, u32)>, asked: u64, now: Millis) {
        let connections: Vec<_> = self.roster.of(user).map(|(connection, _)| connection).collect();
        for connection in connections {
            let Some(reach) = self.roster.line_mut(connection) else { continue };
            if reach.vote_as_of >= asked {
                continue;
            }
            reach.vote_as_of = asked;
            if std::mem::replace(&mut reach.vote, vote) != vote {
                let line = reach.line.clone();
                tell(&line, &Frame::You { reference: None, you: self.you(connection, now) });
            }
        }
    }

    fn take_reactions(&mut self, connection: ConnectionId, count: u8, now: Instant) -> Result<(), i64> {
        let Some(rate) = self.rules.reactions_rate() else { return Ok(()) };
        let Some(reach) = self.roster.line_mut(connection) else { return Err(rate.per_ms) };
        reach.reactions.take_many(rate, count.into(), now)
    }
}
