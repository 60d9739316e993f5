//! Tells webhooks that a recording is complete: its stream has ended, and nothing more comes.
//! It must not know files, nor why a run or a stream has ended.

use crate::{
    domain::{Millis, StreamId, webhook::EventName},
    store::{
        self, Tx,
        recordings::{self, Complete},
        webhooks::{Subject, notices},
    },
    wire::webhook::{OfRecording, RecordingReady, members},
};

/// To be called by whatever may have completed a recording, in the transaction in which it does: the end of a stream, and that of
/// a run. Nothing is told where something is missing still.
pub(crate) fn tell(tx: &mut Tx<'_>, stream: StreamId, now: Millis) -> store::Result<()> {
    let Some(Complete { host, duration_ms, runs }) = recordings::complete(tx, stream)? else { return Ok(()) };
    let told = members(&RecordingReady { recording: OfRecording { duration_ms, runs } });
    let subject = Subject::of(EventName::RecordingReady, now).in_stream(stream).saying(told);
    notices::tell(tx, Some(host), EventName::RecordingReady, &subject)
}
