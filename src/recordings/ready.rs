//! Tells webhooks that a recording is complete: its stream has ended, and nothing more comes.
//! It must not know files, nor why a run or a stream has ended.

use crate::{
    domain::{Millis, StreamId, webhook::EventName},
    store::{
        self, Tx,
        recordings::{self, Complete},
        streams,
        webhooks::{Subject, notices},
    },
    wire::webhook::{OfRecording, RecordingReady, members},
};

/// Ends a run by `act`, which says whether it was open, and tells what that has completed. The stream's row is held meanwhile: of
/// runs that end together the last one tells it, and none begins once the stream has ended. Whether it was told.
pub(crate) fn end_run(
    tx: &mut Tx<'_>,
    stream: StreamId,
    now: Millis,
    act: impl FnOnce(&mut Tx<'_>) -> store::Result<bool>,
) -> store::Result<bool> {
    streams::lock(tx, stream)?;
    Ok(act(tx)? && tell(tx, stream, now)?)
}

/// To be called at the end of a stream, in its transaction. Nothing is told where something is missing still; whether it was.
pub(crate) fn tell(tx: &mut Tx<'_>, stream: StreamId, now: Millis) -> store::Result<bool> {
    let Some(Complete { host, duration_ms, runs }) = recordings::complete(tx, stream)? else {
        return Ok(false);
    };
    let told = members(&RecordingReady { recording: OfRecording { duration_ms, runs } });
    let subject = Subject::of(EventName::RecordingReady, now).in_stream(stream).saying(told);
    notices::tell(tx, Some(host), EventName::RecordingReady, &subject)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Status,
        store::{
            recordings::{Keeper, NewRun, RunId, Size},
            tests::{NOW, TestDatabase, on_both},
        },
    };
    use std::{sync::Barrier, thread};

    on_both!(of_runs_that_end_at_once_one_completes_the_recording);

    fn of_runs_that_end_at_once_one_completes_the_recording(database: &TestDatabase) {
        let host = database.user("ana");
        for round in 0..20 {
            let stream = database.stream(&host);
            database.write(|tx| streams::transition(tx, stream, Status::Live, NOW));
            let keeper = Keeper { node: "here".to_owned(), url: None };
            let new = NewRun { stream, keeper, offset_ms: 0, codecs: String::new(), size: (1, 1), at: NOW };
            let runs = [(); 2].map(|()| database.write(|tx| recordings::begin(tx, &new)));
            database.write(|tx| streams::transition(tx, stream, Status::Ended, NOW));
            let (at_once, size) = (Barrier::new(2), Size { duration_ms: 1, bytes: 1 });
            let ends = |run: RunId| {
                at_once.wait();
                database.write(|tx| end_run(tx, stream, NOW, |tx| recordings::close(tx, run, size)))
            };
            let told = thread::scope(|scope| {
                let ended = runs.map(|run| scope.spawn(move || ends(run)));
                ended.map(|ended| ended.join().unwrap())
            });
            assert!(told[0] != told[1], "{told:?} in round {round}");
        }
    }
}
