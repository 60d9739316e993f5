//! The picture of each stream, and where it comes from: written as the picture's thread, or another node, tells it, read by
//! rooms and handlers. It must not know how a picture travels, nor how nodes speak to each other.

use crate::{
    domain::{
        Status, StreamId,
        stream::picture::{IngestRefusal, IngestWarning, Picture, PictureState, Publisher, may_be_seen},
    },
    wire::picture::IngestFrame,
};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};
use url::Url;

/// Streams of which it is remembered why a source was refused; beyond that the oldest is forgotten.
const REFUSALS_MAX: usize = 1024;

/// What is known of the picture of one stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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

    /// Whether there is neither a picture nor anybody who sends one.
    pub(crate) fn is_over(&self) -> bool {
        self.picture.is_none_or(|picture| picture.state == PictureState::None) && self.publisher.is_none()
    }

    /// Whether another source may come in its place without being asked for: this one is silent, or gone.
    pub(crate) fn is_free(&self) -> bool {
        self.is_over() || self.picture.is_some_and(|picture| picture.state == PictureState::Stalled)
    }
}

/// The picture of a stream that comes in at another node.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Elsewhere {
    pub source: Source,
    /// Where that node is reached from here.
    pub node: Url,
}

/// The pictures that one server knows of, by stream. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pictures(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    here: RwLock<HashMap<StreamId, Source>>,
    /// Those of other nodes, which count more: who has lost a picture to another node may not have heard it yet.
    elsewhere: RwLock<HashMap<StreamId, Elsewhere>>,
}

impl Pictures {
    /// What is known of a stream's picture, wherever it is; the last refusal is of the two nodes' the later one.
    pub(crate) fn of(&self, stream: StreamId) -> Source {
        let here = self.here(stream);
        let Some(Elsewhere { mut source, .. }) = self.0.elsewhere.read().get(&stream).cloned() else {
            return here;
        };
        let later = [here.last_refusal, source.last_refusal].into_iter().flatten().max_by_key(|last| last.at);
        source.last_refusal = later;
        source
    }

    /// What is known of a stream's picture that comes in here.
    pub(crate) fn here(&self, stream: StreamId) -> Source {
        self.0.here.read().get(&stream).cloned().unwrap_or_default()
    }

    /// The streams whose picture comes in here.
    pub(crate) fn coming_in(&self) -> Vec<StreamId> {
        let here = self.0.here.read();
        here.iter().filter(|(_, source)| !source.is_over()).map(|(stream, _)| *stream).collect()
    }

    /// The node whose picture it is, where that is another one.
    pub(crate) fn node_of(&self, stream: StreamId) -> Option<Url> {
        self.0.elsewhere.read().get(&stream).map(|elsewhere| elsewhere.node.clone())
    }

    /// The picture as far as somebody may know of it: [`Source::shown`].
    pub(crate) fn shown(&self, stream: StreamId, status: Status, is_staff: bool) -> Option<Picture> {
        if let Some(elsewhere) = self.0.elsewhere.read().get(&stream) {
            return elsewhere.source.shown(status, is_staff);
        }
        self.0.here.read().get(&stream).and_then(|source| source.shown(status, is_staff))
    }

    /// The pictures of all other nodes are these: the streams of which something has changed.
    pub(crate) fn set_elsewhere(&self, now: HashMap<StreamId, Elsewhere>) -> Vec<StreamId> {
        let mut elsewhere = self.0.elsewhere.write();
        let before = std::mem::replace(&mut *elsewhere, now);
        let changed = elsewhere.iter().filter(|(stream, now)| before.get(stream) != Some(now));
        let gone = before.keys().filter(|stream| !elsewhere.contains_key(stream));
        changed.map(|(stream, _)| *stream).chain(gone.copied()).collect()
    }

    /// How a stream's picture and its publisher are, in one piece; what is over, and has nothing to be remembered, is
    /// forgotten.
    pub(crate) fn set(
        &self,
        stream: StreamId,
        picture: Picture,
        publisher: Option<Publisher>,
        warnings: Vec<IngestWarning>,
    ) {
        let mut all = self.0.here.write();
        let source = all.entry(stream).or_default();
        (source.picture, source.publisher, source.warnings) = (Some(picture), publisher, warnings);
        if source.is_over() && source.last_refusal.is_none() {
            all.remove(&stream);
        }
    }

    /// A source was sent away or not let in.
    pub(crate) fn refused(&self, stream: StreamId, refusal: IngestRefusal) {
        let mut all = self.0.here.write();
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
        self.0.here.write().remove(&stream);
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
        Publisher {
            protocol: IngestProtocol::Whip,
            via: None,
            since: Millis(1),
            agent: None,
            video: None,
            audio: None,
        }
    }

    fn refusal(at: i64) -> IngestRefusal {
        IngestRefusal { at: Millis(at), code: "conflict".into(), detail: String::new() }
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
            pictures.set(stream, picture(PictureState::Live), Some(publisher()), Vec::new());
        }
        pictures.refused(other, refusal(5));
        for stream in [one, other] {
            pictures.set(stream, picture(PictureState::None), None, Vec::new());
        }
        assert_eq!(pictures.of(one), Source::default());
        assert_eq!(pictures.of(other).last_refusal, Some(refusal(5)));
        pictures.forget(other);
        assert_eq!(pictures.of(other), Source::default());
    }

    fn elsewhere(source: Source) -> Elsewhere {
        Elsewhere { source, node: "http://a.example".parse().unwrap() }
    }

    #[test]
    fn the_picture_of_another_node_counts_and_is_told_where_it_has_changed() {
        let (pictures, stream) = (Pictures::default(), StreamId::new());
        pictures.set(stream, picture(PictureState::None), Some(publisher()), Vec::new());
        pictures.refused(stream, refusal(9));
        let live = Source { picture: Some(picture(PictureState::Live)), ..Source::default() };
        let there = |source: &Source| HashMap::from([(stream, elsewhere(source.clone()))]);
        assert_eq!(pictures.set_elsewhere(there(&live)), [stream]);
        assert!(pictures.set_elsewhere(there(&live)).is_empty());
        let known = pictures.of(stream);
        assert_eq!((known.picture, known.last_refusal), (live.picture, Some(refusal(9))));
        assert_eq!(pictures.shown(stream, Status::Live, false), live.picture);
        assert_eq!(pictures.node_of(stream).unwrap().as_str(), "http://a.example/");
        assert_eq!(pictures.set_elsewhere(HashMap::new()), [stream]);
        assert_eq!(pictures.of(stream).picture, Some(picture(PictureState::None)));
        assert_eq!(pictures.node_of(stream), None);
    }

    #[test]
    fn a_source_that_is_silent_or_gone_is_free() {
        let is_free = |state, publisher| {
            Source { picture: Some(picture(state)), publisher, ..Source::default() }.is_free()
        };
        assert!(Source::default().is_free() && is_free(PictureState::None, None));
        assert!(is_free(PictureState::Stalled, Some(publisher())));
        assert!(!is_free(PictureState::None, Some(publisher())) && !is_free(PictureState::Live, None));
        assert!(!is_free(PictureState::Waiting, Some(publisher())));
    }

    #[test]
    fn a_source_is_read_as_another_node_writes_it() {
        let source = Source {
            picture: Some(Picture { size: Some((320, 240)), ..picture(PictureState::Live) }),
            publisher: Some(publisher()),
            warnings: vec![IngestWarning::NoAudio],
            last_refusal: Some(refusal(4)),
        };
        let text = crate::wire::picture::write_source(&source);
        assert_eq!(crate::wire::picture::read_source(&text), Some(source));
        assert_eq!(crate::wire::picture::read_source::<Source>("{}"), None);
    }

    #[test]
    fn beyond_the_bound_the_oldest_refusal_is_forgotten_and_no_picture() {
        let (pictures, live) = (Pictures::default(), StreamId::new());
        pictures.set(live, picture(PictureState::Live), Some(publisher()), Vec::new());
        let streams: Vec<StreamId> = (0..REFUSALS_MAX).map(|_| StreamId::new()).collect();
        (0..).zip(&streams).for_each(|(at, &stream)| pictures.refused(stream, refusal(at)));
        assert_eq!(pictures.of(streams[0]), Source::default());
        assert_eq!(pictures.of(streams[1]).last_refusal, Some(refusal(1)));
        assert!(pictures.of(live).picture.is_some());
        assert_eq!(pictures.0.here.read().len(), REFUSALS_MAX);
    }
}
