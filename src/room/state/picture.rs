//! The picture in a room: what is known of it, and what was said, to the audience and to host and moderators.
//! It must not know who is here, nor how a picture travels, nor the clock.

use crate::{
    domain::{Status, stream::picture::PictureState},
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
    /// To host and moderators: the same, but before the start.
    said_to_staff: PictureFrame,
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
    /// As it is when the room opens: whoever comes reads it then.
    pub(crate) fn new(now: Source, status: Status) -> Self {
        let [said, said_to_staff] = [false, true].map(|is_staff| now.shown(status, is_staff).into());
        Self { said, said_to_staff, source: now.frame(), now, is_new: false }
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

    /// As somebody may know of it: [`Source::shown`].
    pub(crate) fn shown(&self, status: Status, is_staff: bool) -> PictureFrame {
        self.now.shown(status, is_staff).into()
    }

    /// What has changed since it was said.
    pub(crate) fn news(&mut self, status: Status) -> PictureNews {
        self.is_new = false;
        let mut news = PictureNews::default();
        let [shown, to_staff] = [false, true].map(|is_staff| self.shown(status, is_staff));
        let was_said_to_staff = replace(&mut self.said_to_staff, to_staff);
        let is_for_all = is_news(replace(&mut self.said, shown), shown);
        if is_for_all {
            news.audience = Some(Frame::Picture(shown));
        }
        if is_news(if is_for_all { shown } else { was_said_to_staff }, to_staff) {
            news.staff.push(Frame::Picture(to_staff));
        }
        let source = self.now.frame();
        if replace(&mut self.source, source.clone()) != source {
            news.staff.push(Frame::Ingest(source));
        }
        news
    }

    /// What somebody has to be told who is one of host and moderators from now on, or is none of them any more.
    pub(crate) fn to_new_role(&self, is_staff: bool) -> Vec<Frame> {
        let theirs = if is_staff { self.said_to_staff } else { self.said };
        let picture = is_news(self.said, self.said_to_staff).then_some(Frame::Picture(theirs));
        let source = is_staff.then(|| self.source()).flatten();
        picture.into_iter().chain(source).collect()
    }

    /// How its source is, for host and moderators who have just come; none where nothing is known of one.
    pub(crate) fn source(&self) -> Option<Frame> {
        Some(self.now.frame()).filter(|source| *source != IngestFrame::default()).map(Frame::Ingest)
    }
}

/// Whether who was told the one has to be told the other: since when there is none is no news.
fn is_news(was: PictureFrame, is: PictureFrame) -> bool {
    let is_none = |frame: PictureFrame| frame.picture.state == PictureState::None;
    was != is && !(is_none(was) && is_none(is))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Millis,
        stream::picture::{IngestProtocol, Picture, Publisher},
    };

    fn source() -> Source {
        let protocol = IngestProtocol::Rtmp;
        let publisher =
            Publisher { protocol, via: None, since: Millis(7), agent: None, video: None, audio: None };
        let live = Picture { state: PictureState::Live, ..Picture::none(Millis(8)) };
        Source { picture: Some(live), publisher: Some(publisher), ..Source::default() }
    }

    /// How many frames there are, for the audience and for staff.
    fn counted(news: &PictureNews) -> (bool, usize) {
        (news.audience.is_some(), news.staff.len())
    }

    #[test]
    fn before_the_start_a_picture_is_told_to_staff_and_with_it_to_all() {
        let mut picture = RoomPicture::new(Source::default(), Status::Scheduled);
        picture.set(source());
        assert_eq!(counted(&picture.news(Status::Scheduled)), (false, 2), "the picture, and its source");
        assert_eq!(counted(&picture.news(Status::Scheduled)), (false, 0), "said once");
        assert_eq!((picture.to_new_role(true).len(), picture.to_new_role(false).len()), (2, 1));
        picture.may_be_seen_by_others();
        assert!(picture.is_new());
        assert_eq!(counted(&picture.news(Status::Live)), (true, 0));
        assert_eq!(picture.to_new_role(true).len(), 1, "the source alone");
        assert!(picture.to_new_role(false).is_empty());
        assert_eq!(counted(&picture.news(Status::Ended)), (true, 0), "that there is none any more");
        assert!(!picture.is_new());
    }

    #[test]
    fn who_comes_reads_the_picture_so_it_is_no_news_when_a_room_opens() {
        for status in [Status::Scheduled, Status::Live] {
            let mut picture = RoomPicture::new(source(), status);
            assert!(!picture.is_new());
            assert_eq!(counted(&picture.news(status)), (false, 0), "{status:?}");
        }
    }

    #[test]
    fn that_there_is_no_picture_is_said_once_though_it_is_forgotten_since_when() {
        let mut picture = RoomPicture::new(source(), Status::Live);
        picture.set(Source { picture: Some(Picture::none(Millis(9))), ..source() });
        assert_eq!(counted(&picture.news(Status::Live)), (true, 0));
        picture.set(Source { picture: None, ..source() });
        assert_eq!(counted(&picture.news(Status::Live)), (false, 0));
    }

    #[test]
    fn a_source_that_changes_every_second_is_told_to_staff_alone() {
        let mut picture = RoomPicture::new(source(), Status::Live);
        picture.set(Source { publisher: None, ..source() });
        assert_eq!(counted(&picture.news(Status::Live)), (false, 1));
    }
}
