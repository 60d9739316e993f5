//! The picture in a room: a latest value as the pulse is, told to the audience once the stream has started, and before that
//! to host and moderators, who also learn how its source is. It must not know how a picture travels.

use super::RoomCore;
use crate::{
    domain::{ConnectionId, Role, Status},
    room::pictures::Source,
    wire::{
        Frame,
        picture::{IngestFrame, PictureFrame},
    },
};
use std::time::{Duration, Instant};

/// What is known of the picture here, and what was said of it.
pub(super) struct RoomPicture {
    now: Source,
    /// To the audience.
    said: PictureFrame,
    /// To host and moderators, before the start.
    previewed: PictureFrame,
    /// To host and moderators.
    source: IngestFrame,
    said_at: Option<Instant>,
    /// Whether something may have changed since.
    is_new: bool,
}

impl RoomPicture {
    /// As it is when the room opens: nobody was told anything yet.
    pub(super) fn new(now: Source) -> Self {
        let none = PictureFrame::from(None);
        Self { now, said: none, previewed: none, source: IngestFrame::default(), said_at: None, is_new: true }
    }
}

impl RoomCore {
    /// Something has changed about the picture.
    pub(crate) fn look_at_picture(&mut self) {
        self.picture.now = self.parts.pictures.of(self.id);
        self.picture_may_have_changed();
    }

    /// Who may know of it may be others than before.
    pub(super) fn picture_may_have_changed(&mut self) {
        self.picture.is_new = true;
        self.snapshot = None;
    }

    /// Whether something may have to be said of it.
    pub(crate) fn has_new_picture(&self) -> bool {
        self.picture.is_new
    }

    /// Says how the picture is, at most once in `period`; else how long to wait with it.
    pub(crate) fn say_picture(&mut self, period: Duration, now: Instant) -> Result<(), Duration> {
        let since_last = self.picture.said_at.map_or(period, |at| now.saturating_duration_since(at));
        let wait = period.saturating_sub(since_last);
        if !wait.is_zero() {
            return Err(wait);
        }
        (self.picture.is_new, self.picture.said_at) = (false, Some(now));
        let shown = self.picture_now();
        if std::mem::replace(&mut self.picture.said, shown) != shown {
            self.pending.frame(&Frame::Picture(shown));
        }
        self.tell_staff_of_picture();
        Ok(())
    }

    /// The picture, as the audience may know of it.
    pub(crate) fn picture_now(&self) -> PictureFrame {
        self.picture.now.shown(self.state.stream.status, false).into()
    }

    /// The picture before the start, for host and moderators; none once the audience is told.
    fn preview(&self) -> Option<PictureFrame> {
        let is_preview = self.state.stream.status == Status::Scheduled;
        is_preview.then(|| self.picture.now.shown(Status::Scheduled, true).into())
    }

    fn tell_staff_of_picture(&mut self) {
        let mut news = Vec::new();
        if let Some(preview) = self.preview()
            && std::mem::replace(&mut self.picture.previewed, preview) != preview
        {
            news.push(Frame::Picture(preview));
        }
        let source = self.picture.now.frame();
        if source != self.picture.source {
            self.picture.source = source.clone();
            news.push(Frame::Ingest(source));
        }
        let is_staff = |account| self.state.role_of(account).is_staff();
        for (_, occupant) in self.roster.iter().filter(|(_, occupant)| is_staff(occupant.account.as_ref())) {
            // Once a second at most, until the seat of one who does not read is cleared.
            news.iter().for_each(|frame| occupant.handle.tell(frame));
        }
    }

    /// Who has just become staff here learns of the picture what others are not told.
    pub(super) fn show_picture(&self, connection: ConnectionId, role: Role) {
        let Some(occupant) = self.roster.find(connection).filter(|_| role.is_staff()) else { return };
        if let Some(preview) = self.preview().filter(|preview| *preview != PictureFrame::from(None)) {
            occupant.handle.tell(&Frame::Picture(preview));
        }
        let source = self.picture.now.frame();
        if source != IngestFrame::default() {
            occupant.handle.tell(&Frame::Ingest(source));
        }
    }
}
