//! The picture as the room tells it: a latest value as the pulse is, and to host and moderators how its source is.
//! It must not know how a picture travels.

use super::RoomCore;
use crate::{
    domain::{ConnectionId, Role},
    wire::picture::PictureFrame,
};
use std::time::{Duration, Instant};

impl RoomCore {
    /// Something has changed about the picture.
    pub(crate) fn look_at_picture(&mut self) {
        self.picture.set(self.parts.pictures.of(self.id));
        self.snapshot = None;
    }

    /// Whether something may have to be said of it.
    pub(crate) fn has_new_picture(&self) -> bool {
        self.picture.is_new()
    }

    /// Says how the picture is, at most once in `period`; else how long to wait with it.
    pub(crate) fn say_picture(&mut self, period: Duration, now: Instant) -> Result<(), Duration> {
        let since_last = self.pictured_at.map_or(period, |at| now.saturating_duration_since(at));
        let wait = period.saturating_sub(since_last);
        if !wait.is_zero() {
            return Err(wait);
        }
        self.pictured_at = Some(now);
        let news = self.picture.news(self.state.stream.status);
        news.audience.iter().for_each(|frame| self.pending.frame(frame));
        let is_staff = |account| self.state.role_of(account).is_staff();
        for (_, occupant) in self.roster.iter().filter(|(_, occupant)| is_staff(occupant.account.as_ref())) {
            // About one a second, until the seat of somebody who does not read is cleared.
            news.staff.iter().for_each(|frame| occupant.handle.tell(frame));
        }
        Ok(())
    }

    /// The picture, as the audience may know of it.
    pub(crate) fn picture_now(&self) -> PictureFrame {
        self.picture.shown(self.state.stream.status)
    }

    /// Who has just become staff here learns of the picture what others are not told.
    pub(super) fn show_picture(&self, connection: ConnectionId, role: Role) {
        if let Some(occupant) = self.roster.find(connection).filter(|_| role.is_staff()) {
            let frames = self.picture.for_new_staff(self.state.stream.status);
            frames.iter().for_each(|frame| occupant.handle.tell(frame));
        }
    }
}
