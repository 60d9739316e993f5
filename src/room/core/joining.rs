//! Coming and going: who joins gets the state at one place in the log, and from there on everything, once.
//! It must not wait; a newcomer who missed more than memory holds is sent to read the log.

use super::{
    RoomCore,
    openings::{Admission, Behind, CachedSnapshot, Joined, Opening, Since, WorkerPart},
};
use crate::{
    bus::presence::Total,
    domain::{ConnectionId, Millis, Now, PollId, Role, Seq, UserId, rate::SlidingWindow},
    identity::Account,
    room::{
        fanout::{
            batch::{Batch, PendingBatch},
            shard::{Admit, Shard},
        },
        reply::ConnectionHandle,
        state::roster::Occupant,
        viewer_counts::Viewers,
    },
    wire::{
        Frame, Refusal,
        frame::{Snapshot, You},
        view::StreamView,
    },
};
use actix::Addr;
use std::{sync::Arc, time::Duration};

/// How old the number of viewers in a snapshot may be: it changes with each who joins, and the pulse that
/// follows has the latest.
const VIEWERS_AGE_MAX: Duration = Duration::from_millis(250);

impl RoomCore {
    /// Somebody comes in; `vote` is theirs in the open poll, as read with this refresh number.
    pub(crate) fn join(
        &mut self,
        account: Option<Account>,
        handle: ConnectionHandle,
        opening: Opening,
        (vote, vote_refreshed): (Option<(PollId, u32)>, u64),
        now: Millis,
    ) -> Result<Joined, Refusal> {
        if !self.state.may_see(account.as_ref()) {
            return Err(Refusal::concealed());
        }
        let (connection, counts) = (handle.connection, opening.counts());
        let reactions = SlidingWindow::default();
        let (is_admitted, is_told_as_staff) = (false, false);
        let occupant = Occupant {
            account,
            counts,
            handle,
            is_admitted,
            is_told_as_staff,
            reactions,
            vote,
            vote_refreshed,
        };
        let user = occupant.account.as_ref().map(|account| account.user.id);
        self.roster.enter(connection, occupant);
        self.tell_presence(user);
        self.count_viewers();
        let you = self.you(connection, now);
        let (opening, epoch) = (self.honoured(opening), self.state.epoch.clone());
        self.show_queue(connection, you.role);
        self.show_source(connection, you.role);
        if let Some(after) = self.too_far_back(&opening) {
            let (pulse, picture) = (self.pulse_now(), self.picture_now(you.role.is_staff()));
            let behind = Behind { after, to: self.pending.head(), pulse, picture };
            return Ok(Joined { you, epoch, behind: Some(behind) });
        }
        self.admissions.push(Admission { connection, opening, says_resumed: true });
        Ok(Joined { you, epoch, behind: None })
    }

    /// Who has just become staff here learns how much waits for them.
    fn show_queue(&self, connection: ConnectionId, role: Role) {
        if let Some(occupant) = self.roster.find(connection).filter(|_| role.is_staff()) {
            occupant.handle.tell(&Frame::Queue { held: self.state.held });
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
        let is_here = since.epoch.as_ref().is_none_or(|epoch| *epoch == self.state.epoch);
        is_here && (0..=self.sequencer.head().0).contains(&since.seq.0)
    }

    fn is_near(&self, since: &Since) -> bool {
        let behind = self.sequencer.head().0 - since.seq.0;
        let is_near = self.parts.limits.resume_events.allows(behind.unsigned_abs());
        if !is_near {
            self.parts.metrics.limit_hits.of("RESUME_EVENTS").inc();
        }
        is_near
    }

    fn too_far_back(&self, opening: &Opening) -> Option<Seq> {
        opening.since().map(|since| since.seq).filter(|seq| self.history.after(*seq).is_none())
    }

    /// Somebody has read the log up to a place. False where that is still too far back, or further than is known here: what they
    /// have read would be told them again.
    pub(crate) fn catch_up(&mut self, connection: ConnectionId, seq: Seq) -> bool {
        if seq > self.sequencer.head() || self.history.after(seq).is_none() {
            return false;
        }
        let opening = Opening::Resume(Since { seq, epoch: None });
        self.admissions.push(Admission { connection, opening, says_resumed: false });
        true
    }

    /// Serves all who wait, at the head that the last flush has reached. Only right while nothing is pending.
    pub(crate) fn admit_waiting(&mut self, now: Now) {
        debug_assert!(self.pending.is_empty());
        if self.workers.is_empty() && !self.admissions.is_empty() {
            // Nobody but the newcomers, who learn the latest values with their opening.
            self.pulse = self.pulse_now();
        }
        for admission in std::mem::take(&mut self.admissions) {
            let opening = self.opening(&admission, now);
            let stream_id = self.id;
            let Some(occupant) = self.roster.find_mut(admission.connection) else { continue };
            occupant.is_admitted = true;
            let (worker, shard) = (occupant.handle.worker, occupant.handle.shard.clone());
            // In the same mailbox as the batches, so in order with them; one in the life of a connection.
            shard.do_send(Admit { stream_id, connection: admission.connection, opening });
            self.join_worker(worker, shard);
        }
    }

    /// What somebody reads before the ring: the state of now, or what they missed.
    pub(super) fn opening(&mut self, admission: &Admission, now: Now) -> Batch {
        let head = self.pending.head();
        let is_staff = self.is_staff(admission.connection);
        match &admission.opening {
            Opening::Snapshot => self.snapshot(is_staff, now),
            Opening::Reader(None) => PendingBatch::new(head).take(),
            Opening::Reader(Some(since)) => self.missed(PendingBatch::new(since.seq), since.seq),
            Opening::Resume(since) => {
                let mut frames = PendingBatch::new(since.seq);
                if admission.says_resumed {
                    let epoch = self.state.epoch.clone();
                    frames.frame(&Frame::Resumed { epoch, from: since.seq.next(), to: head });
                    self.say_latest(&mut frames, is_staff);
                }
                self.missed(frames, since.seq)
            }
        }
    }

    /// Goes on with what came after a place.
    fn missed(&self, mut frames: PendingBatch, after: Seq) -> Batch {
        self.history.after(after).into_iter().flatten().for_each(|(seq, frame)| frames.event(seq, frame));
        frames.take()
    }

    fn snapshot(&mut self, is_staff: bool, now: Now) -> Batch {
        let has_preview = is_staff && self.picture_now(true) != self.picture_now(false);
        let snapshot = match has_preview {
            // Few, and before the start alone.
            true => Frame::Snapshot(Box::new(self.snapshot_now(true))).encode().into(),
            false => self.snapshot_of_all(now),
        };
        let mut frames = PendingBatch::new(self.pending.head());
        frames.event(self.pending.head(), &snapshot);
        self.say_latest(&mut frames, is_staff);
        frames.take()
    }

    fn say_latest(&self, frames: &mut PendingBatch, is_staff: bool) {
        frames.frame(&Frame::Pulse(self.pulse_now()));
        frames.frame(&Frame::Picture(self.picture_now(is_staff)));
    }

    fn snapshot_of_all(&mut self, now: Now) -> Arc<str> {
        if let Some(cached) = &self.snapshot
            && now.instant.saturating_duration_since(cached.made_at) < VIEWERS_AGE_MAX
        {
            return cached.frame.clone();
        }
        let frame: Arc<str> = Frame::Snapshot(Box::new(self.snapshot_now(false))).encode().into();
        self.snapshot = Some(CachedSnapshot { frame: frame.clone(), made_at: now.instant });
        frame
    }

    fn snapshot_now(&self, is_staff: bool) -> Snapshot {
        let state = &self.state;
        let viewers = self.viewers();
        Snapshot {
            epoch: state.epoch.clone(),
            seq: self.pending.head(),
            stream: StreamView {
                core: state.stream.clone(),
                viewers,
                peak_viewers: state.peak_viewers,
                comment_count: state.comment_count,
                reactions: state.reactions.clone(),
                picture: self.picture_now(is_staff).picture,
            },
            settings: state.settings,
            pinned: state.pinned.clone(),
            announcement: state.announcement.clone(),
            poll: state.poll.clone(),
            questions: state.questions.clone(),
            comments: state.comments.iter().cloned().collect(),
        }
    }

    pub(crate) fn leave(&mut self, connection: ConnectionId) {
        self.admissions.retain(|admission| admission.connection != connection);
        let Some(occupant) = self.roster.leave(connection) else { return };
        if occupant.is_admitted {
            self.leave_worker(occupant.handle.worker);
        }
        self.tell_presence(occupant.account.map(|account| account.user.id));
        self.count_viewers();
    }

    /// Somebody signs in, or becomes a guest again; `vote` as in [`RoomCore::join`].
    pub(crate) fn identify(
        &mut self,
        connection: ConnectionId,
        account: Option<Account>,
        (vote, vote_refreshed): (Option<(PollId, u32)>, u64),
        now: Millis,
    ) -> Result<You, Refusal> {
        if !self.state.may_see(account.as_ref()) {
            return Err(Refusal::concealed());
        }
        let before = self.roster.user_of(connection);
        self.roster.identify(connection, account);
        self.tell_presence(before);
        self.tell_presence(self.roster.user_of(connection));
        if let Some(occupant) = self.roster.find_mut(connection) {
            (occupant.vote, occupant.vote_refreshed) = (vote, vote_refreshed);
        }
        self.count_viewers();
        let you = self.you(connection, now);
        self.show_queue(connection, you.role);
        self.show_picture(connection);
        Ok(you)
    }

    /// Somebody has come, or is gone, as an account or as a guest.
    fn tell_presence(&self, user: Option<UserId>) {
        match user {
            Some(user) => self.here.set_account(user, self.roster.has_socket_of(user)),
            None => self.here.set_guests(self.roster.guests()),
        }
    }

    /// How many watch, on all nodes.
    pub(crate) fn viewers(&self) -> u64 {
        self.here.shown(self.roster.viewers())
    }

    /// How many watch on all nodes, as another has changed it.
    pub(crate) fn hear_viewers(&mut self, total: Total) {
        self.here.hear(total);
        self.count_viewers();
    }

    /// Another number of viewers may be shown now.
    pub(crate) fn count_viewers(&mut self) {
        let viewers = self.viewers();
        self.state.peak_viewers = self.state.peak_viewers.max(viewers as i64);
        self.minute.viewers = self.minute.viewers.max(viewers as i64);
        self.parts.viewer_counts.set(self.id, Viewers { here: self.roster.viewers(), shown: viewers });
    }

    fn join_worker(&mut self, worker: usize, shard: Addr<Shard>) {
        match self.workers.iter_mut().find(|part| part.worker == worker) {
            Some(part) => part.count += 1,
            None => self.workers.push(WorkerPart { worker, shard, count: 1 }),
        }
    }

    fn leave_worker(&mut self, worker: usize) {
        if let Some(part) = self.workers.iter_mut().find(|part| part.worker == worker) {
            part.count -= 1;
        }
        self.workers.retain(|part| part.count > 0);
    }
}

#[cfg(test)]
#[path = "tests/joining.rs"]
mod tests;
