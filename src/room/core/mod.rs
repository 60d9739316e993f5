//! The core: a room's state and what each message does to it. The actor around it has the timers, the mailbox, the database
//! and the journal. It must not wait for anything, nor read the clock.

pub(crate) mod comments;
pub(crate) mod core_parts;
pub(crate) mod joining;
pub(crate) mod openings;
pub(crate) mod part;
pub(crate) mod picture;
pub(crate) mod posts;
pub(crate) mod questions;
pub(crate) mod reactions;
pub(crate) mod refresh;

pub(crate) use part::{Fresh, Part};

use self::{
    core_parts::CoreParts,
    openings::{Admission, CachedSnapshot, WorkerPart},
    posts::Posts,
};
use super::{
    fanout::{batch::PendingBatch, clock::FlushClock},
    rules::last_words::LastWords,
    state::{
        RoomState, changes_dates, history::History, minute_stats::MinuteStats, picture::RoomPicture,
        roster::Roster, sequencer::Sequencer, thinning::Thinning,
    },
};
use crate::{
    bus::presence::Here,
    domain::{Millis, Now, Right, Role, Seq, ids::*, rate::SlidingWindows},
    identity::Account,
    wire::{
        Close, Event, Frame, Numbered,
        frame::{HeldState, Pulse, You},
        view::{BanView, UserRef},
    },
};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// A room's state, and what is on its way in and out.
pub(crate) struct RoomCore {
    pub(in crate::room) id: StreamId,
    pub(in crate::room) parts: CoreParts,
    pub(in crate::room) state: RoomState,
    pub(in crate::room) roster: Roster,
    /// Tells the other nodes who is here.
    here: Here,
    pub(in crate::room) sequencer: Sequencer<Numbered>,
    history: History,
    pub(in crate::room) pending: PendingBatch,
    pub(in crate::room) clock: FlushClock,
    thinning: Thinning,
    comment_rates: SlidingWindows<UserId>,
    question_rates: SlidingWindows<UserId>,
    last_words: LastWords,
    /// Refresh number of each part; an older result is ignored.
    refreshed: HashMap<Part, u64>,
    pub(in crate::room) posts: Posts,
    admissions: Vec<Admission>,
    /// The workers that have viewers of this room: each gets every batch. [`Self::admit_waiting`] adds one.
    pub(in crate::room) workers: Vec<WorkerPart>,
    snapshot: Option<CachedSnapshot>,
    pulse: Pulse,
    pulsed_at: Option<Instant>,
    picture: RoomPicture,
    pictured_at: Option<Instant>,
    applied: Vec<(Seq, oneshot::Sender<()>)>,
    pub(in crate::room) minute: MinuteStats,
}

impl RoomCore {
    /// A room as the database has it.
    pub(crate) fn new(id: StreamId, parts: CoreParts, state: RoomState, head: Seq, now: Now) -> Self {
        Self {
            id,
            roster: Roster::default(),
            here: parts.presence.enter(id),
            sequencer: Sequencer::new(head),
            history: History::new(head),
            pending: PendingBatch::new(head),
            clock: FlushClock::new(parts.flush_window, head),
            thinning: Thinning::new(parts.limits.room_comments_per_second.limit()),
            comment_rates: SlidingWindows::new(parts.comments_rate()),
            question_rates: SlidingWindows::new(parts.comments_rate()),
            last_words: LastWords::new(now.instant),
            refreshed: HashMap::new(),
            posts: Posts::default(),
            admissions: Vec::new(),
            workers: Vec::new(),
            snapshot: None,
            pulse: Pulse::default(),
            pulsed_at: None,
            picture: RoomPicture::new(parts.pictures.of(id), state.stream.status),
            pictured_at: None,
            applied: Vec::new(),
            minute: MinuteStats::default(),
            parts,
            state,
        }
    }

    /// Applies these events, as far as none is missing before them; whether any changed when something is due.
    pub(crate) fn apply_all(&mut self, events: Vec<Numbered>, now: Now) -> bool {
        events.into_iter().for_each(|numbered| self.sequencer.offer(numbered.seq, numbered));
        let (before, mut has_dates) = (self.sequencer.head(), false);
        while let Some((seq, numbered)) = self.sequencer.pop() {
            self.apply(seq, &numbered, now);
            has_dates |= changes_dates(&numbered.event);
        }
        if self.sequencer.head() > before {
            self.snapshot = None;
            self.say_what_is_applied();
        }
        has_dates
    }

    fn apply(&mut self, seq: Seq, numbered: &Numbered, now: Now) {
        let event = &*numbered.event;
        self.state.apply(seq, event);
        self.history.push(seq, numbered.ts, event, &numbered.frame);
        if self.is_shown(event, numbered.ts) {
            self.pending.event(seq, &numbered.frame);
        } else {
            self.pending.leave_out(seq);
        }
        self.follow_up(event, now.wall);
    }

    /// By the moment in the log, so that all who read the same log leave out the same.
    fn is_shown(&mut self, event: &Event, ts: Millis) -> bool {
        let Event::CommentCreated(created) = event else { return true };
        let is_shown =
            created.comment.user.role.is_staff() || self.thinning.shows(created.comment.user.id, ts);
        if !is_shown {
            self.parts.metrics.limit_hits.of("ROOM_COMMENTS_PER_SECOND").inc();
        }
        is_shown
    }

    /// What an event changes for single occupants.
    fn follow_up(&mut self, event: &Event, now: Millis) {
        match event {
            Event::StreamUpdated(_) => self.close_unseeing(),
            Event::StreamStarted(_) | Event::StreamEnded(_) => self.picture.may_be_seen_by_others(),
            Event::ViewerUnbanned(unbanned) => self.tell_rights(unbanned.user_id, now),
            Event::ModeratorAdded(added) => {
                self.tell_rights(added.user_id, now);
                self.show_picture_to(added.user_id);
            }
            Event::ModeratorRemoved(removed) => {
                self.close_unseeing();
                self.tell_rights(removed.user_id, now);
                self.show_picture_to(removed.user_id);
            }
            _ => {}
        }
    }

    /// Sends once everything up to `last` has been applied.
    pub(crate) fn once_applied(&mut self, last: Seq, answer: oneshot::Sender<()>) {
        match last > self.sequencer.head() {
            true => self.applied.push((last, answer)),
            // Who asked may be gone.
            false => _ = answer.send(()),
        }
    }

    fn say_what_is_applied(&mut self) {
        let head = self.sequencer.head();
        for (_, answer) in self.applied.extract_if(.., |(last, _)| *last <= head) {
            _ = answer.send(());
        }
    }

    /// Closes the sockets of all who may no longer see this stream.
    pub(crate) fn close_unseeing(&mut self) {
        let may_see = |account| self.state.may_see(account);
        let blind = self.roster.iter().filter(|(_, occupant)| !may_see(occupant.account.as_ref()));
        blind.for_each(|(_, occupant)| occupant.handle.close(Close::Gone));
    }

    /// Tells an account's sockets what it may do now.
    pub(crate) fn tell_rights(&mut self, user: UserId, now: Millis) {
        for (connection, occupant) in self.roster.of(user) {
            let you = self.you(connection, now);
            occupant.handle.tell(&Frame::You { reference: None, you });
        }
    }

    /// Tells moderators how many comments wait.
    pub(crate) fn tell_queue(&self) {
        self.tell_staff(&[Frame::Queue { held: self.state.held }]);
    }

    /// Tells these to host and moderators alone.
    fn tell_staff(&self, frames: &[Frame]) {
        if frames.is_empty() {
            return;
        }
        for (_, occupant) in self.roster.iter() {
            if self.role_of(occupant.account.as_ref()).is_staff() {
                frames.iter().for_each(|frame| occupant.handle.tell(frame));
            }
        }
    }

    /// What somebody is here; who may write nowhere on the site is no more than a viewer.
    pub(crate) fn role_of(&self, account: Option<&Account>) -> Role {
        let role = self.state.role_of(account);
        let is_barred = account.is_some_and(|account| self.parts.barred.has(account.user.id));
        if is_barred { role.barred() } else { role }
    }

    /// The ban in force against somebody, here or on the whole site: of two the longer.
    pub(crate) fn ban_of(&self, user: UserId, now: Millis) -> Option<BanView> {
        let (here, everywhere) = (self.state.ban_of(user, now).cloned(), self.parts.barred.of(user));
        let end = |ban: &BanView| ban.until.map_or(i64::MAX, |until| until.0);
        here.into_iter().chain(everywhere).max_by_key(end)
    }

    /// Who somebody is here, and what they may do.
    pub(crate) fn you(&self, connection: ConnectionId, now: Millis) -> You {
        let occupant = self.roster.find(connection);
        let account = occupant.and_then(|occupant| occupant.account.as_ref());
        let role = self.role_of(account);
        let ban =
            account.filter(|_| role == Role::Viewer).and_then(|account| self.ban_of(account.user.id, now));
        let open_poll = self.state.poll.as_ref().map(|poll| poll.id);
        let vote = occupant.and_then(|occupant| occupant.vote);
        You {
            role,
            can: rights_of(account, role, ban.is_some()),
            user: account.map(|account| account.user.clone()),
            ban,
            vote: vote.filter(|(poll, _)| Some(*poll) == open_poll).map(|(_, option)| option),
        }
    }

    /// Closes all sockets.
    pub(crate) fn close_all(&self, close: Close) {
        self.roster.iter().for_each(|(_, occupant)| occupant.handle.close(close));
    }

    /// An account's shown name has changed.
    pub(crate) fn rename(&mut self, user: &UserRef) {
        self.roster.rename(user);
        self.state.rename(user);
        self.snapshot = None;
    }

    /// Tells the author of a held comment, if here, that a moderator decided against it.
    pub(crate) fn notify_rejected(&self, author: UserId, comment_id: CommentId) {
        let frame = Frame::Held { reference: None, comment_id, state: HeldState::Rejected };
        self.roster.of(author).for_each(|(_, occupant)| occupant.handle.tell(&frame));
    }

    /// Whether the latest values differ from those said last.
    pub(crate) fn has_new_pulse(&self) -> bool {
        self.pulse != self.pulse_now()
    }

    /// Says the latest values, at most once in `period`; else how long to wait with it.
    pub(crate) fn say_pulse(&mut self, period: Duration, now: Instant) -> Result<(), Duration> {
        let since_last = self.pulsed_at.map_or(period, |at| now.saturating_duration_since(at));
        let wait = period.saturating_sub(since_last);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.pulse = self.pulse_now();
        self.pulsed_at = Some(now);
        self.pending.frame(&Frame::Pulse(self.pulse.clone()));
        Ok(())
    }

    /// The latest values.
    pub(crate) fn pulse_now(&self) -> Pulse {
        Pulse {
            viewers: self.viewers(),
            reactions: self.state.reactions.clone(),
            tally: self.state.poll.as_ref().map(|poll| poll.tally.clone()),
        }
    }
}

/// What somebody may do, by their role, a ban, and what their key is good for.
fn rights_of(account: Option<&Account>, role: Role, is_banned: bool) -> Vec<Right> {
    let grant = account.map(|account| account.grant).unwrap_or_default();
    role.can(is_banned).iter().copied().filter(|right| grant.covers(right.scope())).collect()
}
