//! Coming and going: who joins gets the state at one place in the log, and from there on everything, once.
//! It must not wait; a newcomer who missed more than memory holds is sent to read the log.

use super::{
    Reach, Stage, framed,
    roster::{Account, Occupant},
    tell,
};
use crate::{
    domain::{
        ids::ConnectionId,
        role::Role,
        stream::Seq,
        time::{Millis, now::Now},
    },
    room::{
        fanout::shard::{Admit, Shard},
        message::{Behind, CatchUp, Identify, Join, Joined, Line, Opening, Since},
    },
    wire::{
        frame::{Frame, Snapshot, You},
        problem::Refusal,
        view::StreamView,
    },
};
use actix::Addr;
use bytes::{Bytes, BytesMut};
use std::time::{Duration, Instant};

/// How old the number of viewers in a snapshot may be: it changes with each who joins, and the pulse that
/// follows has the latest.
const VIEWERS_AGE_MAX: Duration = Duration::from_millis(250);

/// Somebody who is served at the next flush: what is being said now is behind the head they begin at.
pub struct Arrival {
    connection: ConnectionId,
    opening: Opening,
    says_resumed: bool,
}

/// The snapshot, encoded once for all who join before the next change.
pub struct Cached {
    frame: Bytes,
    made_at: Instant,
}

impl Stage {
    /// Somebody comes in.
    pub fn join(
        &mut self,
        join: Join,
        (vote, vote_as_of): (Option<(crate::domain::ids::PollId, u32)>, u64),
        now: Millis,
    ) -> Result<Joined, Refusal> {
        if !self.hall.may_see(join.account.as_ref()) {
            return Err(Refusal::concealed());
        }
        let Join { account, line, opening } = join;
        let connection = line.connection;
        let reach = Reach { line, reactions: Default::default(), vote, vote_as_of, is_admitted: false };
        self.roster.enter(connection, Occupant { account, counts: opening.counts(), line: reach });
        self.count_viewers();
        let you = self.you(connection, now);
        let (opening, epoch) = (self.honoured(opening), self.hall.epoch.clone());
        if let Some(after) = self.too_far_back(&opening) {
            let behind = Behind { after, to: self.outbox.head(), pulse: self.pulse_now() };
            return Ok(Joined { you, epoch, behind: Some(behind) });
        }
        self.arrivals.push(Arrival { connection, opening, says_resumed: true });
        self.show_queue(connection, you.role);
        Ok(Joined { you, epoch, behind: None })
    }

    /// Who has just become staff here learns how much waits for them.
    fn show_queue(&self, connection: ConnectionId, role: Role) {
        if let Some(line) = self.line_of(connection).filter(|_| role.is_staff()) {
            tell(line, &Frame::Queue { held: self.hall.held });
        }
    }

    /// A place that means nothing here gets a snapshot; a reader without one begins now.
    fn honoured(&self, opening: Opening) -> Opening {
        let is_honoured = match &opening {
            Opening::Snapshot | Opening::Reader(None) => true,
            Opening::Reader(Some(since)) => self.is_of_this_log(since),
            Opening::Resume(since) => self.is_of_this_log(since) && self.is_near(since),
        };
        if is_honoured { opening } else { Opening::Snapshot }
    }

    fn is_of_this_log(&self, since: &Since) -> bool {
        let is_here = since.epoch.as_ref().is_none_or(|epoch| *epoch == self.hall.epoch);
        is_here && (0..=self.sequencer.head().0).contains(&since.seq.0)
    }

    fn is_near(&self, since: &Since) -> bool {
        let behind = self.sequencer.head().0 - since.seq.0;
        let is_near = self.rules.limits.resume_events.allows(behind.unsigned_abs());
        if !is_near {
            self.rules.metrics.limit_hits.of("RESUME_EVENTS").inc();
        }
        is_near
    }

    fn too_far_back(&self, opening: &Opening) -> Option<Seq> {
        match opening {
            Opening::Resume(since) | Opening::Reader(Some(since))
                if self.history.after(since.seq).is_none() =>
            {
                Some(since.seq)
            }
            _ => None,
        }
    }

    /// Somebody has read the log up to a place. False where that is still too far back.
    pub fn catch_up(&mut self, catch_up: CatchUp) -> bool {
        if self.history.after(catch_up.after).is_none() {
            return false;
        }
        let opening = Opening::Resume(Since { seq: catch_up.after, epoch: None });
        self.arrivals.push(Arrival { connection: catch_up.connection, opening, says_resumed: false });
        true
    }

    /// Serves all who wait, at the head that the last flush has reached. Only right while the outbox is empty.
    pub fn serve_arrivals(&mut self, now: Now) {
        debug_assert!(self.outbox.is_empty());
        if self.audience.is_empty() && !self.arrivals.is_empty() {
            // Nobody but the newcomers, who learn the latest values with their opening.
            self.pulse = self.pulse_now();
        }
        for arrival in std::mem::take(&mut self.arrivals) {
            let opening = self.opening_frames(&arrival, now);
            let head = self.outbox.head();
            let stream_id = self.id;
            let Some(reach) = self.roster.line_mut(arrival.connection) else { continue };
            reach.is_admitted = true;
            let (worker, shard) = (reach.line.worker, reach.line.shard.clone());
            // In the same mailbox as the batches, so in order with them; one in the life of a connection.
            shard.do_send(Admit { stream_id, connection: arrival.connection, opening, head });
            self.reach_worker(worker, shard);
        }
    }

    fn opening_frames(&mut self, arrival: &Arrival, now: Now) -> Bytes {
        let after = match &arrival.opening {
            Opening::Snapshot => return self.snapshot_frames(now),
            Opening::Reader(None) => return Bytes::new(),
            Opening::Resume(since) | Opening::Reader(Some(since)) => since.seq,
        };
        let missed = self.history.after(after).unwrap_or_default();
        let is_reader = matches!(arrival.opening, Opening::Reader(_));
        if is_reader {
            return missed;
        }
        let mut frames = BytesMut::new();
        if arrival.says_resumed {
            let (epoch, to) = (self.hall.epoch.clone(), self.outbox.head());
            frames.extend_from_slice(&framed(&[&Frame::Resumed { epoch, from: after.next(), to }]));
            frames.extend_from_slice(&framed(&[&Frame::Pulse(self.pulse_now())]));
        }
        frames.extend_from_slice(&missed);
        frames.freeze()
    }

    fn snapshot_frames(&mut self, now: Now) -> Bytes {
        let mut frames = BytesMut::from(self.snapshot_frame(now));
        frames.extend_from_slice(&framed(&[&Frame::Pulse(self.pulse_now())]));
        frames.freeze()
    }

    fn snapshot_frame(&mut self, now: Now) -> Bytes {
        if let Some(cached) = &self.snapshot
            && now.instant.saturating_duration_since(cached.made_at) < VIEWERS_AGE_MAX
        {
            return cached.frame.clone();
        }
        let frame = framed(&[&Frame::Snapshot(Box::new(self.snapshot_now()))]);
        self.snapshot = Some(Cached { frame: frame.clone(), made_at: now.instant });
        frame
    }

    fn snapshot_now(&self) -> Snapshot {
        let hall = &self.hall;
        let viewers = self.roster.viewers();
        Snapshot {
            epoch: hall.epoch.clone(),
            seq: self.outbox.head(),
            stream: StreamView {
                core: hall.stream.clone(),
                viewers,
                peak_viewers: hall.peak_viewers,
                comment_count: hall.comment_count,
                reactions: hall.reactions.clone(),
            },
            settings: hall.settings,
            pinned: hall.pinned.clone(),
            announcement: hall.announcement.clone(),
            poll: hall.poll.clone(),
            questions: hall.questions.clone(),
            comments: hall.comments.iter().cloned().collect(),
        }
    }

    /// Somebody goes.
    pub fn leave(&mut self, connection: ConnectionId) {
        self.arrivals.retain(|arrival| arrival.connection != connection);
        let Some(occupant) = self.roster.leave(connection) else { return };
        if occupant.line.is_admitted {
            self.leave_worker(occupant.line.line.worker);
        }
        self.count_viewers();
    }

    /// Somebody signs in, or becomes a guest again.
    pub fn identify(&mut self, identify: Identify, now: Millis) -> Result<You, Refusal> {
        let Identify { connection, account } = identify;
        let is_same = self.account_of(connection).map(|a| a.user.id) == account.as_ref().map(|a| a.user.id);
        if !self.hall.may_see(account.as_ref()) {
            return Err(Refusal::concealed());
        }
        self.roster.identify(connection, account);
        if !is_same && let Some(reach) = self.roster.line_mut(connection) {
            reach.vote = None;
        }
        self.count_viewers();
        let you = self.you(connection, now);
        self.show_queue(connection, you.role);
        Ok(you)
    }

    fn count_viewers(&mut self) {
        let viewers = self.roster.viewers();
        self.hall.peak_viewers = self.hall.peak_viewers.max(viewers as i64);
        self.minute.viewers = self.minute.viewers.max(viewers as i64);
        self.rules.presence.set(self.id, viewers);
    }

    fn reach_worker(&mut self, worker: usize, shard: Addr<Shard>) {
        match self.audience.iter_mut().find(|part| part.worker == worker) {
            Some(part) => part.count += 1,
            None => self.audience.push(WorkerPart { worker, shard, count: 1 }),
        }
    }

    fn leave_worker(&mut self, worker: usize) {
        if let Some(part) = self.audience.iter_mut().find(|part| part.worker == worker) {
            part.count -= 1;
        }
        self.audience.retain(|part| part.count > 0);
    }

    /// How to reach somebody.
    pub fn line_of(&self, connection: ConnectionId) -> Option<&Line> {
        Some(&self.roster.find(connection)?.line.line)
    }

    /// Their account and how to reach them, for an op.
    pub fn asker(&self, connection: ConnectionId) -> Option<(Option<Account>, Line)> {
        let occupant = self.roster.find(connection)?;
        Some((occupant.account.clone(), occupant.line.line.clone()))
    }
}

/// A worker that has viewers of this room.
pub struct WorkerPart {
    worker: usize,
    /// Its shard.
    pub shard: Addr<Shard>,
    count: usize,
}
