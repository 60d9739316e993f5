//! What a stream's picture is at one moment, and who sends it.
//! It must not know how a picture travels.

use super::{Status, words};
use crate::domain::Millis;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;

words! {
    /// Whether there is a picture.
    pub(crate) PictureState {
        /// Nobody sends one.
        None = "none",
        /// A publisher is accepted, and nothing that can be shown has come yet.
        Waiting = "waiting",
        /// Viewers can see it.
        Live = "live",
        /// The publisher has been silent for two seconds, or is gone without a goodbye.
        Stalled = "stalled",
    }
}

words! {
    /// How a picture comes in.
    pub(crate) IngestProtocol {
        /// WebRTC: a browser, or OBS.
        Whip = "whip",
        /// RTMP, as most encoders send.
        Rtmp = "rtmp",
        /// SRT, to a media server.
        Srt = "srt",
        /// RTSP, to a media server.
        Rtsp = "rtsp",
        /// Something else, to a media server.
        Other = "other",
    }
}

words! {
    /// A server of another project that takes pictures in, and asks here who may send them.
    pub(crate) MediaServer {
        /// The Simple Realtime Server, SRS.
        Srs = "srs",
        /// MediaMTX, once rtsp-simple-server.
        Mediamtx = "mediamtx",
        /// The RTMP module of nginx.
        Nginx = "nginx",
        /// OvenMediaEngine, of AirenSoft.
        Ome = "ome",
    }
}

words! {
    /// What the host should know of the picture that comes in.
    pub(crate) IngestWarning {
        /// Keyframes are more than four seconds apart: viewers wait long.
        KeyframesRare = "keyframes_rare",
        /// B-frames do not travel by WebRTC: viewers see it late.
        BFrames = "b_frames",
        /// There is sound, but no picture: nothing can be seen.
        NoVideo = "no_video",
        /// There is no sound.
        NoAudio = "no_audio",
        /// More than the limit of `INGEST_KBPS`.
        BitrateHigh = "bitrate_high",
        /// Packets are lost on the way here.
        PacketLoss = "packet_loss",
        /// Its clock drifts from ours.
        ClockDrift = "clock_drift",
        /// The codec cannot be kept, nor shown by HLS.
        CodecNotRecorded = "codec_not_recorded",
        /// It is not kept: the disk is almost full, or the site keeps as much as its operator lets it.
        RecordingNoSpace = "recording_no_space",
        /// It is not kept: the account keeps as much as it may.
        RecordingQuota = "recording_quota",
        /// It is not kept: disk or database failed.
        RecordingFailed = "recording_failed",
    }
}

/// A stream's picture at one moment, as viewers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Picture {
    pub state: PictureState,
    /// When it became that.
    pub since: Millis,
    /// In pixels, once known.
    pub size: Option<(u16, u16)>,
    /// Whether it can be seen by WHEP: not with B-frames, nor while a first picture is long in coming.
    pub whep: bool,
    /// Whether it can be seen by HLS: H.264 only, from the first `live` on.
    pub hls: bool,
    pub b_frames: bool,
}

/// Whether who may see a stream may see its picture, too: before the start, it is for host and moderators alone.
pub(crate) fn may_be_seen(status: Status, is_staff: bool) -> bool {
    match status {
        Status::Scheduled => is_staff,
        Status::Live => true,
        Status::Ended => false,
    }
}

#[cfg(test)]
impl Picture {
    /// No picture, since then.
    pub(crate) fn none(since: Millis) -> Self {
        Self { state: PictureState::None, since, size: None, whep: false, hls: false, b_frames: false }
    }
}

/// Who sends a picture, and how it is, as the host is told once a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = PublisherView)]
pub(crate) struct Publisher {
    /// How it comes in.
    pub protocol: IngestProtocol,
    /// The media server that it is sent to; null where that is this one.
    pub via: Option<MediaServer>,
    /// When it began.
    pub since: Millis,
    /// What the encoder calls itself.
    pub agent: Option<String>,
    /// Null until something has come.
    pub video: Option<VideoHealth>,
    /// Null until something has come.
    pub audio: Option<AudioHealth>,
}

/// The pictures of the last seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = VideoView)]
pub(crate) struct VideoHealth {
    /// `h264` or `vp8`.
    pub codec: Cow<'static, str>,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AudioView)]
pub(crate) struct AudioHealth {
    /// `opus` or `aac`.
    pub codec: Cow<'static, str>,
    /// Samples a second.
    pub rate: u32,
    /// One or two.
    pub channels: u8,
}

/// Why a source was sent away or not let in, the last time that was so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RefusalView)]
pub(crate) struct IngestRefusal {
    /// When that was.
    pub at: Millis,
    /// A code for programs.
    pub code: Cow<'static, str>,
    /// A text for people.
    pub detail: String,
}
