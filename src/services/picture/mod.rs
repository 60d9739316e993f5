//! The picture's part of a server: the way to its thread, who is connected to that, and who may be.
//! It must not know how a picture travels, nor of requests.

pub(crate) mod claims;
pub(crate) mod encoder_keys;
pub(crate) mod ends;
pub(crate) mod servers;
pub(crate) mod sessions;
pub(crate) mod sight;

use self::{
    claims::Claims, encoder_keys::EncoderKeys, servers::ServerParts, sessions::MediaSessions, sight::Sight,
};
use crate::{
    media::handle::Media,
    recordings::{Disk, Recorder},
};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Players that may wait at once for what is not there yet, each for some seconds.
pub(crate) const WAITING_MAX: usize = 10_000;

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
    /// Which pictures are this node's.
    pub claims: Claims,
    /// Who sends by way of media servers, and how that ends there.
    pub servers: ServerParts,
    /// The way to other nodes, for whoever asks for a picture that is theirs.
    pub nodes: reqwest::Client,
    /// Places for players that wait for what is not there yet.
    pub waiting: Arc<Semaphore>,
    /// The way to who keeps pictures.
    pub recorder: Recorder,
    /// Where they are kept.
    pub disk: Disk,
    /// Where encoders by RTMP are taken; none where they are not.
    pub rtmp_port: Option<u16>,
}
