//! The picture of a stream, and where it comes from, as clients see them.
//! It must not know how a picture travels, nor decide who may know of it.

use crate::domain::{
    Millis,
    stream::picture::{IngestRefusal, IngestWarning, Picture, PictureState, Publisher},
};
use serde::{Serialize, de::DeserializeOwned};
use std::ops::Not;
use utoipa::ToSchema;

/// Whether a stream has a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PictureView {
    /// Before a stream has started, `none` for all but its host and moderators.
    pub state: PictureState,
    /// When it became that; null where nothing is known of a picture.
    pub since: Option<Millis>,
    /// In pixels, once known.
    pub width: Option<u16>,
    /// In pixels, once known.
    pub height: Option<u16>,
}

/// The picture of the stream, now: after `snapshot` or `resumed`, and whenever it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PictureFrame {
    /// As in `stream`.
    #[serde(flatten)]
    pub picture: PictureView,
    /// Whether it can be seen by WHEP.
    pub whep: bool,
    /// Whether it can be seen by HLS.
    pub hls: bool,
    /// Whether it has B-frames, which do not travel by WHEP.
    #[serde(skip_serializing_if = "Not::not")]
    pub b_frames: bool,
}

/// Where the picture comes from, and how it is; to host and moderators.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub(crate) struct IngestFrame {
    /// Who sends it; null where nobody does.
    pub publisher: Option<Publisher>,
    /// What the host should know of it.
    pub warnings: Vec<IngestWarning>,
    /// Why a source was sent away or not let in, the last time.
    pub last_refusal: Option<IngestRefusal>,
}

impl From<Option<Picture>> for PictureView {
    fn from(picture: Option<Picture>) -> Self {
        let size = picture.and_then(|picture| picture.size);
        Self {
            state: picture.map_or(PictureState::None, |picture| picture.state),
            since: picture.map(|picture| picture.since),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
        }
    }
}

impl From<Option<Picture>> for PictureFrame {
    fn from(picture: Option<Picture>) -> Self {
        Self {
            picture: picture.into(),
            whep: picture.is_some_and(|picture| picture.whep),
            hls: picture.is_some_and(|picture| picture.hls),
            b_frames: picture.is_some_and(|picture| picture.b_frames),
        }
    }
}

/// A source as one node tells it to the others.
pub(crate) fn write_source(source: &impl Serialize) -> String {
    serde_json::to_string(source).expect("sources have string keys and finite numbers only")
}

/// Reads back what [`write_source`] made. None where it is something else, as a later version may write it.
pub(crate) fn read_source<S: DeserializeOwned>(text: &str) -> Option<S> {
    serde_json::from_str(text).ok()
}
