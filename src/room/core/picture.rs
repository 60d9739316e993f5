//! The picture as the room tells it: a latest value as the pulse is, and to host and moderators how its source is.
//! It must not know how a picture travels.

use super::RoomCore;
use crate::{
    domain::{ConnectionId, Role, UserId},
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
        // About one a second, until the seat of somebody who does not read is cleared.
        self.tell_staff(&news.staff);
        Ok(())
    }

    /// The picture, as somebody may know of it.
    pub(crate) fn picture_now(&self, is_staff: bool) -> PictureFrame {
        self.picture.shown(self.state.stream.status, is_staff)
    }

    /// Whether somebody here is one of those who see a preview.
    pub(super) fn is_staff(&self, connection: ConnectionId) -> bool {
        let occupant = self.roster.find(connection);
        occupant.is_some_and(|occupant| self.role_of(occupant.account.as_ref()).is_staff())
    }

    /// Host and moderators who have just come learn how the source of the picture is; itself they read as all do.
    pub(super) fn show_source(&mut self, connection: ConnectionId, role: Role) {
        let source = role.is_staff().then(|| self.picture.source()).flatten();
        let Some(occupant) = self.roster.find_mut(connection) else { return };
        occupant.is_told_as_staff = role.is_staff();
        source.iter().for_each(|frame| occupant.handle.tell(frame));
    }

    /// Somebody here may have another role than before: where that changes what they may know of the picture, they are told.
    pub(super) fn show_picture(&mut self, connection: ConnectionId) {
        let is_staff = self.is_staff(connection);
        let Some(occupant) = self.roster.find_mut(connection) else { return };
        if std::mem::replace(&mut occupant.is_told_as_staff, is_staff) == is_staff {
            return;
        }
        let frames = self.picture.to_new_role(is_staff);
        frames.iter().for_each(|frame| occupant.handle.tell(frame));
    }

    /// The same on all sockets of an account.
    pub(super) fn show_picture_to(&mut self, user: UserId) {
        let connections: Vec<_> = self.roster.of(user).map(|(connection, _)| connection).collect();
        connections.into_iter().for_each(|connection| self.show_picture(connection));
    }
}

#[cfg(test)]
#[path = "tests/picture.rs"]
mod tests;
