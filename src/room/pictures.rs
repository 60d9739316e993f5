//! The picture of each stream, and where it comes from: written as the picture's thread tells it, read by rooms and handlers.
//! It must not know how a picture travels.

use crate::{
    domain::{
        Status, StreamId,
        stream::picture::{IngestRefusal, IngestWarning, Picture, PictureState, Publisher, may_be_seen},
    },
    wire::picture::IngestFrame,
};
use parking_lot::RwLock;
use std::{collections::HashMap, sync::Arc};

/// Streams of which it is remembered why a source was refused; beyond that the oldest is forgotten.
const REFUSALS_MAX: usize = 1024;

/// What is known of the picture of one stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Source {
    /// None where there has been none.
    pub picture: Option<Picture>,
    /// Who sends it.
    pub publisher: Option<Publisher>,
    pub warnings: Vec<IngestWarning>,
    /// The last time that a source was sent away or not let in.
    pub last_refusal: Option<IngestRefusal>,
}

impl Source {
    /// The picture as far as somebody may know of it: [`may_be_seen`].
    pub(crate) fn shown(&self, status: Status, is_staff: bool) -> Option<Picture> {
        self.picture.filter(|_| may_be_seen(status, is_staff))
    }

    /// As host and moderators are told.
    pub(crate) fn frame(&self) -> IngestFrame {
        IngestFrame {
            publisher: self.publisher.clone(),
            warnings: self.warnings.clone(),
            last_refusal: self.last_refusal.clone(),
        }
    }

    fn is_over(&self) -> bool {
        self.picture.is_none_or(|picture| picture.state == PictureState::None) && self.publisher.is_none()
    }
}

/// The pictures of one server, by stream. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pictures(Arc<RwLock<HashMap<StreamId, Source>>>);

impl Pictures {
    /// What is known of a stream's picture.
    pub(crate) fn of(&self, stream: StreamId) -> Source {
        self.0.read().get(&stream).cloned().unwrap_or_default()
    }

    /// The picture as far as somebody may know of it: [`Source::shown`].
    pub(crate) fn shown(&self, stream: StreamId, status: Status, is_staff: bool) -> Option<Picture> {
        self.0.read().get(&stream).and_then(|source| source.shown(status, is_staff))
    }

    /// The picture of a stream has changed.
    pub(crate) fn set(&self, stream: StreamId, picture: Picture) {
        self.0.write().entry(stream).or_default().picture = Some(picture);
    }

    /// How a stream's picture and its publisher are, once a second; what is over, and has nothing to be remembered, is
    /// forgotten.
    pub(crate) fn set_health(
        &self,
        stream: StreamId,
        picture: Picture,
        publisher: Option<Publisher>,
        warnings: Vec<IngestWarning>,
    ) {
        let mut all = self.0.write();
        let source = all.entry(stream).or_default();
        (source.picture, source.publisher, source.warnings) = (Some(picture), publisher, warnings);
        if source.is_over() && source.last_refusal.is_none() {
            all.remove(&stream);
        }
    }

    /// A source was sent away or not let in.
    pub(crate) fn refused(&self, stream: StreamId, refusal: IngestRefusal) {
        let mut all = self.0.write();
        all.entry(stream).or_default().last_refusal = Some(refusal);
        if all.len() <= REFUSALS_MAX {
            return;
        }
        let remembered = all.iter().filter(|(_, source)| source.is_over());
        let oldest = remembered.min_by_key(|(_, source)| source.last_refusal.as_ref().map(|last| last.at));
        if let Some((&oldest, _)) = oldest {
            all.remove(&oldest);
        }
    }

    /// The stream is gone, and what was known of its picture.
    pub(crate) fn forget(&self, stream: StreamId) {
        self.0.write().remove(&stream);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Millis, stream::picture::IngestProtocol};

    fn picture(state: PictureState) -> Picture {
        Picture { state, ..Picture::none(Millis(1)) }
    }

    fn publisher() -> Publisher {
        Publisher { protocol: IngestProtocol::Whip, since: Millis(1), agent: None, video: None, audio: None }
    }

    fn refusal(at: i64) -> IngestRefusal {
        IngestRefusal { at: Millis(at), code: "conflict", detail: String::new() }
    }

    #[test]
    fn before_the_start_a_picture_is_for_staff_alone_and_afterwards_for_nobody() {
        let source = Source { picture: Some(picture(PictureState::Live)), ..Source::default() };
        let sees = |status, is_staff| source.shown(status, is_staff).is_some();
        assert!(sees(Status::Scheduled, true) && !sees(Status::Scheduled, false));
        assert!(sees(Status::Live, true) && sees(Status::Live, false));
        assert!(!sees(Status::Ended, true) && !sees(Status::Ended, false));
    }

    #[test]
    fn what_is_over_is_forgotten_unless_something_was_refused() {
        let (pictures, [one, other]) = (Pictures::default(), [StreamId::new(), StreamId::new()]);
        for stream in [one, other] {
            pictures.set_health(stream, picture(PictureState::Live), Some(publisher()), Vec::new());
        }
        pictures.refused(other, refusal(5));
        for stream in [one, other] {
            pictures.set_health(stream, picture(PictureState::None), None, Vec::new());
        }
        assert_eq!(pictures.of(one), Source::default());
        assert_eq!(pictures.of(other).last_refusal, Some(refusal(5)));
        pictures.forget(other);
        assert_eq!(pictures.of(other), Source::default());
    }

    #[test]
    fn beyond_the_bound_the_oldest_refusal_is_forgotten_and_no_picture() {
        let (pictures, live) = (Pictures::default(), StreamId::new());
        pictures.set(live, picture(PictureState::Live));
        let streams: Vec<StreamId> = (0..REFUSALS_MAX).map(|_| StreamId::new()).collect();
        (0..).zip(&streams).for_each(|(at, &stream)| pictures.refused(stream, refusal(at)));
        assert_eq!(pictures.of(streams[0]), Source::default());
        assert_eq!(pictures.of(streams[1]).last_refusal, Some(refusal(1)));
        assert!(pictures.of(live).picture.is_some());
        assert_eq!(pictures.0.read().len(), REFUSALS_MAX);
    }
}
