//! The picture's part of a server: the way to its thread, who is connected to that, and who may be.
//! It must not know how a picture travels, nor of requests.

pub(crate) mod encoder_keys;
pub(crate) mod ends;
pub(crate) mod sessions;
pub(crate) mod sight;

use self::{encoder_keys::EncoderKeys, sessions::MediaSessions, sight::Sight};
use crate::media::handle::Media;

/// What handlers and chores need for pictures. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PictureParts {
    /// The way to the picture's thread; none where its sockets could not be bound.
    pub media: Option<Media>,
    /// Who sends and sees by WebRTC.
    pub sessions: MediaSessions,
    /// Who may see.
    pub sight: Sight,
    /// Who may send.
    pub encoder_keys: EncoderKeys,
    /// Where encoders by RTMP are taken; none where they are not.
    pub rtmp_port: Option<u16>,
}
