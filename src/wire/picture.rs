//! The picture of a stream, and where it comes from, as clients see them.
//! It must not know how a picture travels, nor decide who may know of it.

use crate::domain::{
    Millis,
    stream::picture::{
        AudioHealth, IngestProtocol, IngestRefusal, IngestWarning, Picture, PictureState, Publisher,
        VideoHealth,
    },
};
use serde::Serialize;
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
    pub publisher: Option<PublisherView>,
    /// What the host should know of it.
    pub warnings: Vec<IngestWarning>,
    /// Why a source was sent away or not let in, the last time.
    pub last_refusal: Option<RefusalView>,
}

/// Who sends a picture.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct PublisherView {
    /// How it comes in.
    pub protocol: IngestProtocol,
    /// When it began.
    pub since: Millis,
    /// What it calls itself.
    pub agent: Option<String>,
    /// Null until something has come.
    pub video: Option<VideoView>,
    /// Null until something has come.
    pub audio: Option<AudioView>,
}

/// The pictures of the last seconds.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct VideoView {
    /// `h264` or `vp8`.
    pub codec: &'static str,
    /// In pixels, cropped.
    pub width: u16,
    /// In pixels, cropped.
    pub height: u16,
    /// Pictures a second.
    pub fps: f32,
    /// Kilobits a second.
    pub kbps: u32,
    /// Seconds between the last two keyframes; null before the second.
    pub keyframe_s: Option<f32>,
    /// Whether there are B-frames.
    pub b_frames: bool,
}

/// The sound that comes in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct AudioView {
    /// `opus` or `aac`.
    pub codec: &'static str,
    /// Samples a second.
    pub rate: u32,
    /// One or two.
    pub channels: u8,
}

/// Why a source was sent away or not let in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct RefusalView {
    /// When that was.
    pub at: Millis,
    /// A code for programs.
    pub code: &'static str,
    /// A text for people.
    pub detail: String,
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

impl From<Publisher> for PublisherView {
    fn from(publisher: Publisher) -> Self {
        Self {
            protocol: publisher.protocol,
            since: publisher.since,
            agent: publisher.agent,
            video: publisher.video.map(VideoView::from),
            audio: publisher.audio.map(AudioView::from),
        }
    }
}

impl From<VideoHealth> for VideoView {
    fn from(video: VideoHealth) -> Self {
        Self {
            codec: video.codec,
            width: video.width,
            height: video.height,
            fps: video.fps,
            kbps: video.kbps,
            keyframe_s: video.keyframe_s,
            b_frames: video.b_frames,
        }
    }
}

impl From<AudioHealth> for AudioView {
    fn from(audio: AudioHealth) -> Self {
        Self { codec: audio.codec, rate: audio.rate, channels: audio.channels }
    }
}

impl From<IngestRefusal> for RefusalView {
    fn from(refusal: IngestRefusal) -> Self {
        Self { at: refusal.at, code: refusal.code, detail: refusal.detail }
    }
}
