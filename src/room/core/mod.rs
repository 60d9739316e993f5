//! The stage: a room's state and what each message does to it. The actor around it only has timers and a mailbox.
//! It must not wait for anything, nor touch the database.

pub mod comments;
pub mod commits;
pub mod history;
pub mod joining;
pub mod minute_stats;
pub mod reply;
pub mod roster;
pub mod sequencer;
pub mod state;
pub mod thinning;

use self::{
    history::History,
    roster::{Account, Roster},
    sequencer::Sequencer,
    state::Hall,
    thinning::Thinning,
};
use super::{
    fanout::{
        batch::Outbox,
        clock::{Clock, Window},
    },
    journal::Journal,
    message::{Line, Numbered, Part, Tell},
    operations::publish::SignOut,
    rules::last_words::LastWords,
    viewer_counts::Presence,
};
use crate::{
    config::{FlushWindow, Limits, limits},
    domain::{
        ids::*,
        rate::{Rate, Window as Uses, Windows},
        role::Role,
        stream::Seq,
        time::{Millis, now::Now},
    },
    metrics::Metrics,
    store::Store,
    wire::{
        event::{self, Event},
        frame::{Close, Frame, Pulse, You},
        problem::Refusal,
    },
};
use bytes::Bytes;
use std::{collections::HashMap, sync::Arc, time::Instant};
use tokio::sync::oneshot;

/// What every room is started with. Cheap to clone.
#[derive(Clone)]
pub struct Rules {
    /// The truth.
    pub store: Store,
    /// Makes comments durable.
    pub journal: Journal,
    /// Where rooms say how many watch.
    pub presence: Presence,
    /// Counts.
    pub metrics: Metrics,
    /// The limits.
    pub limits: Arc<Limits>,
    /// The fan-out window.
    pub flush_window: FlushWindow,
    /// Closes the sockets of those whose tokens have died.
    pub sign_out: SignOut,
}

impl Rules {
    fn comments_rate(&self) -> Option<Rate> {
        let count = self.limits.comments_per_user.limit()?;
        Some(Rate { count, per_ms: limits::COMMENTS_WINDOW_MS })
    }

    /// How many reactions a connection may send.
    pub fn reactions_rate(&self) -> Option<Rate> {
        let count = self.limits.reactions_per_connection.limit()?;
        Some(Rate { count, per_ms: limits::REACTIONS_WINDOW_MS })
    }
}

/// How a room reaches an occupant, and what it must remember of one.
pub struct Reach {
    pub(crate) line: Line,
    pub(crate) reactions: Uses,
    pub(crate) vote: Option<(PollId, u32)>,
    /// Which reading of the database `vote` is of.
    pub(crate) vote_as_of: u64,
    /// Whether they read the ring by now.
    pub(crate) is_admitted: bool,
}

/// A room's state.
pub struct Stage {
    pub(crate) id: StreamId,
    pub(crate) rules: Rules,
    pub(crate) hall: Hall,
    pub(crate) roster: Roster<Reach>,
    pub(crate) sequencer: Sequencer<Numbered>,
    pub(crate) history: History,
    pub(crate) outbox: Outbox,
    pub(crate) clock: Clock,
    pub(crate) thinning: Thinning,
    pub(crate) pace: Windows<UserId>,
    /// Questions of each account.
    pub(crate) asking: Windows<UserId>,
    pub(crate) said: LastWords,
    /// Which reading of the database each part is of.
    pub(crate) as_of: HashMap<Part, u64>,
    pub(crate) posts: super::core::comments::Posts,
    pub(crate) arrivals: Vec<super::core::joining::Arrival>,
    pub(crate) audience: Vec<super::core::joining::WorkerPart>,
    pub(crate) snapshot: Option<super::core::joining::Cached>,
    pub(crate) pulse: Pulse,
    pub(crate) pulsed_at: Option<Instant>,
    pub(crate) settled: Vec<(Seq, oneshot::Sender<()>)>,
    pub(crate) minute: super::core::minute_stats::Minutes,
}

impl Stage {
    /// A room as the database has it.
    pub fn new(id: StreamId, rules: Rules, hall: Hall, head: Seq, now: Now) -> Self {
        let window = match rules.flush_window {
            FlushWindow::Auto => Window::Auto,
            FlushWindow::Fixed(window) => Window::Fixed(window.as_secs_f64() * 1000.0),
        };
        Self {
            id,
            roster: Roster::default(),
            sequencer: Sequencer::new(head),
            history: History::new(head),
            outbox: Outbox::new(head),
            clock: Clock::new(window, head),
            thinning: Thinning::new(rules.limits.room_comments_per_second.limit()),
            pace: Windows::new(rules.comments_rate()),
            asking: Windows::new(rules.comments_rate()),
            said: LastWords::new(now.instant),
            as_of: HashMap::new(),
            posts: super::core::comments::Posts::default(),
            arrivals: Vec::new(),
            audience: Vec::new(),
            snapshot: None,
            pulse: Pulse::default(),
            pulsed_at: None,
            settled: Vec::new(),
            minute: super::core::minute_stats::Minutes::default(),
            rules,
            hall,
        }
    }

    /// Takes in events, and applies all that are next in order. Says whether any was.
    pub fn take_in(&mut self, events: impl IntoIterator<Item = Numbered>, now: Now) -> bool {
        events.into_iter().for_each(|numbered| self.sequencer.offer(numbered.seq, numbered));
        let mut has_applied = false;
        while let Some((seq, numbered)) = self.sequencer.pop() {
            self.apply(seq, &numbered, now);
            has_applied = true;
        }
        if has_applied {
            self.snapshot = None;
            self.settle();
        }
        has_applied
    }

    fn apply(&mut self, seq: Seq, numbered: &Numbered, now: Now) {
        let event = &*numbered.event;
        let frame = event::encode(event.kind(), seq, numbered.ts, &event.payload());
        self.hall.apply(seq, event);
        self.history.push(seq, numbered.ts, event, &frame);
        if self.is_shown(event, numbered.ts) {
            self.outbox.event(seq, &frame);
        } else {
            self.outbox.leave_out(seq);
        }
        self.follow_up(event, now.wall);
    }

    /// By the moment in the log, so that all who read the same log leave out the same.
    fn is_shown(&mut self, event: &Event, ts: Millis) -> bool {
        let Event::CommentCreated(created) = event else { return true };
        let is_shown =
            created.comment.user.role.is_staff() || self.thinning.shows(created.comment.user.id, ts);
        if !is_shown {
            self.rules.metrics.limit_hits.of("ROOM_COMMENTS_PER_SECOND").inc();
        }
        is_shown
    }

    /// What an event changes for single occupants.
    fn follow_up(&mut self, event: &Event, now: Millis) {
        match event {
            Event::StreamUpdated(_) => self.see_out(),
            Event::ViewerUnbanned(unbanned) => self.tell_rights(unbanned.user_id, now),
            Event::ModeratorAdded(added) => self.tell_rights(added.user_id, now),
            Event::ModeratorRemoved(removed) => {
                self.see_out();
                self.tell_rights(removed.user_id, now);
            }
            _ => {}
        }
    }

    fn settle(&mut self) {
        let head = self.sequencer.head();
        let waiting = std::mem::take(&mut self.settled);
        let (done, waiting): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(seq, _)| *seq <= head);
        self.settled = waiting;
        done.into_iter().for_each(|(_, answer)| _ = answer.send(()));
    }

    /// Closes the sockets of all who may no longer see this stream.
    pub fn see_out(&mut self) {
        let hall = &self.hall;
        for (_, occupant) in self.roster.iter() {
            if !hall.may_see(occupant.account.as_ref()) {
                occupant.line.line.close(Close::Gone);
            }
        }
    }

    /// Tells an account's sockets what it may do now.
    pub fn tell_rights(&mut self, user: UserId, now: Millis) {
        for (connection, occupant) in self.roster.of(user) {
            let you = self.you(connection, now);
            tell(&occupant.line.line, &Frame::You { reference: None, you });
        }
    }

    /// Tells moderators how many comments wait.
    pub fn tell_queue(&self) {
        for (_, occupant) in self.roster.iter() {
            if self.hall.role_of(occupant.account.as_ref()).is_staff() {
                tell(&occupant.line.line, &Frame::Queue { held: self.hall.held });
            }
        }
    }

    /// Who somebody is here, and what they may do.
    pub fn you(&self, connection: ConnectionId, now: Millis) -> You {
        let occupant = self.roster.find(connection);
        let account = occupant.and_then(|occupant| occupant.account.as_ref());
        let role = self.hall.role_of(account);
        let ban = account
            .filter(|_| role == Role::Viewer)
            .and_then(|account| self.hall.ban_of(account.user.id, now))
            .cloned();
        let open_poll = self.hall.poll.as_ref().map(|poll| poll.id);
        let vote = occupant.and_then(|occupant| occupant.line.vote);
        You {
            role,
            can: role.can(ban.is_some()),
            user: account.map(|account| account.user.clone()),
            ban,
            vote: vote.filter(|(poll, _)| Some(*poll) == open_poll).map(|(_, option)| option),
        }
    }

    /// Somebody who is here, with their account.
    pub fn account_of(&self, connection: ConnectionId) -> Option<&Account> {
        self.roster.find(connection)?.account.as_ref()
    }

    /// The latest values.
    pub fn pulse_now(&self) -> Pulse {
        Pulse {
            viewers: self.roster.viewers(),
            reactions: self.hall.reactions.clone(),
            tally: self.hall.poll.as_ref().map(|poll| poll.tally.clone()),
        }
    }
}

/// Sends a frame to one occupant. Bounded: one answer for each op, of which a session has a limited number under way.
pub fn tell(line: &Line, frame: &Frame) {
    line.session.do_send(Tell::Frame(frame.encode().into()));
}

/// Tells one that its op is refused.
pub fn refuse(line: &Line, reference: Option<String>, refusal: Refusal) {
    line.session.do_send(Tell::Refused(reference, refusal));
}

/// One text frame, encoded.
pub fn framed(frames: &[&Frame]) -> Bytes {
    let mut out = bytes::BytesMut::new();
    frames.iter().for_each(|frame| crate::wire::framing::push_text(&mut out, &frame.encode()));
    out.freeze()
}
