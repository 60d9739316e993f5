//! The picture in a room: what is known of it, and what was said, to the audience and to host and moderators.
//! It must not know who is here, nor how a picture travels, nor the clock.

use crate::{
    domain::Status,
    room::pictures::Source,
    wire::{
        Frame,
        picture::{IngestFrame, PictureFrame},
    },
};
use std::mem::replace;

/// What is known of the picture here, and what was said of it.
pub(crate) struct RoomPicture {
    now: Source,
    /// To the audience.
    said: PictureFrame,
    /// To host and moderators, before the start.
    previewed: PictureFrame,
    /// To host and moderators.
    source: IngestFrame,
    is_new: bool,
}

/// What has to be said of the picture.
#[derive(Debug, Default)]
pub(crate) struct PictureNews {
    /// To everybody in the room.
    pub audience: Option<Frame>,
    /// To host and moderators.
    pub staff: Vec<Frame>,
}

impl RoomPicture {
    /// As it is when the room opens: nobody was told anything yet.
    pub(crate) fn new(now: Source) -> Self {
        let none = PictureFrame::from(None);
        Self { now, said: none, previewed: none, source: IngestFrame::default(), is_new: true }
    }

    /// It is like this now.
    pub(crate) fn set(&mut self, now: Source) {
        self.now = now;
        self.is_new = true;
    }

    /// Others than before may know of it.
    pub(crate) fn may_be_seen_by_others(&mut self) {
        self.is_new = true;
    }

    /// Whether something may have to be said.
    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }

    /// As the audience may know of it.
    pub(crate) fn shown(&self, status: Status) -> PictureFrame {
        self.now.shown(status, false).into()
    }

    /// As host and moderators may know of it before the start; none once the audience is told.
    fn preview(&self, status: Status) -> Option<PictureFrame> {
        (status == Status::Scheduled).then(|| self.now.shown(status, true).into())
    }

    /// What has changed since it was said.
    pub(crate) fn news(&mut self, status: Status) -> PictureNews {
        self.is_new = false;
        let mut news = PictureNews::default();
        let shown = self.shown(status);
        if replace(&mut self.said, shown) != shown {
            news.audience = Some(Frame::Picture(shown));
        }
        if let Some(preview) = self.preview(status)
            && replace(&mut self.previewed, preview) != preview
        {
            news.staff.push(Frame::Picture(preview));
        }
        let source = self.now.frame();
        if replace(&mut self.source, source.clone()) != source {
            news.staff.push(Frame::Ingest(source));
        }
        news
    }

    /// What host and moderators have to be told beyond what all are, who have just come.
    pub(crate) fn for_new_staff(&self, status: Status) -> Vec<Frame> {
        let none = PictureFrame::from(None);
        let preview = self.preview(status).filter(|preview| *preview != none).map(Frame::Picture);
        let source = Some(self.now.frame()).filter(|source| *source != IngestFrame::default());
        preview.into_iter().chain(source.map(Frame::Ingest)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Millis,
        stream::picture::{IngestProtocol, Picture, PictureState, Publisher},
    };

    fn source() -> Source {
        let protocol = IngestProtocol::Rtmp;
        let publisher = Publisher { protocol, since: Millis(7), agent: None, video: None, audio: None };
        let live = Picture { state: PictureState::Live, ..Picture::none(Millis(8)) };
        Source { picture: Some(live), publisher: Some(publisher), ..Source::default() }
    }

    /// How many frames there are, for the audience and for staff.
    fn counted(news: &PictureNews) -> (bool, usize) {
        (news.audience.is_some(), news.staff.len())
    }

    #[test]
    fn before_the_start_a_picture_is_told_to_staff_and_with_it_to_all() {
        let mut picture = RoomPicture::new(source());
        assert_eq!(counted(&picture.news(Status::Scheduled)), (false, 2), "the picture, and its source");
        assert_eq!(counted(&picture.news(Status::Scheduled)), (false, 0), "said once");
        assert_eq!(picture.for_new_staff(Status::Scheduled).len(), 2);
        picture.may_be_seen_by_others();
        assert!(picture.is_new());
        assert_eq!(counted(&picture.news(Status::Live)), (true, 0));
        assert_eq!(picture.for_new_staff(Status::Live).len(), 1, "the source alone");
        assert_eq!(counted(&picture.news(Status::Ended)), (true, 0), "that there is none any more");
        assert!(!picture.is_new());
    }

    #[test]
    fn a_source_that_changes_every_second_is_told_to_staff_alone() {
        let mut picture = RoomPicture::new(source());
        picture.news(Status::Live);
        picture.set(Source { publisher: None, ..source() });
        assert_eq!(counted(&picture.news(Status::Live)), (false, 1));
    }
}
