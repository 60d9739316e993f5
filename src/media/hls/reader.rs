//! What players fetch, from any thread, and how long they wait for what is not there yet.
//! It must not know HTTP.

use super::query::Wanted;
use bytes::Bytes;
use std::time::Duration;

/// Reads what the muxer of one stream makes; cloning shares it.
#[derive(Clone, Debug)]
pub(crate) struct Reader {}

/// Why something is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotServed {
    /// It was never there, or is no longer: 404.
    #[error("there is no such file")]
    NotFound,
    /// It is too far in the future to wait for: 400.
    #[error("that is too far in the future")]
    TooFar,
    /// It has not come in time: 503.
    #[error("it has not come in time")]
    NotYet,
}

impl Reader {
    /// `master.m3u8`, whose only variant is `live.m3u8`. Waits for the first picture.
    pub(crate) async fn master(&self, _patience: Duration) -> Result<Bytes, NotServed> {
        Err(NotServed::NotFound)
    }

    /// `live.m3u8`, once it has what is wanted, but for no longer than three target durations.
    pub(crate) async fn playlist(&self, _wanted: Wanted, _patience: Duration) -> Result<Bytes, NotServed> {
        Err(NotServed::NotFound)
    }

    /// `{run}/init.mp4`, what a player begins with.
    pub(crate) fn init(&self, _run: u64) -> Result<Bytes, NotServed> {
        Err(NotServed::NotFound)
    }

    /// `{run}/{n}.m4s`, a whole segment.
    pub(crate) fn segment(&self, _run: u64, _n: u64) -> Result<Bytes, NotServed> {
        Err(NotServed::NotFound)
    }

    /// `{run}/{n}.{k}.m4s`, a part of a segment; waits for the one that comes next.
    pub(crate) async fn part(
        &self,
        _run: u64,
        _n: u64,
        _k: u32,
        _patience: Duration,
    ) -> Result<Bytes, NotServed> {
        Err(NotServed::NotFound)
    }

    /// The last keyframe as a video of one picture; none where it has more than 512 KiB.
    pub(crate) fn poster(&self) -> Result<Bytes, NotServed> {
        Err(NotServed::NotFound)
    }
}
