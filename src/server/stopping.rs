//! The way out: signals, goodbyes spread over a time, and what is left afterwards.
//! It must not know how a goodbye is said.

use super::parts::Parts;
use crate::{
    media::thread::MediaThread,
    recordings,
    room::actor::notices::Drain,
    store::{self, Store},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Notify, time::sleep};

/// How much longer than the goodbyes the last socket may take.
const LAST_SOCKET: Duration = Duration::from_secs(2);
/// How long rooms may take to note that all are gone.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often it is looked whether all are gone.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// How long the journal may take to write what it has.
const JOURNAL: Duration = Duration::from_secs(5);

/// Stops a server from elsewhere. Clones are one button.
#[derive(Clone, Debug, Default)]
pub struct Stopper(Arc<Notify>);

impl Stopper {
    /// As the first signal does.
    pub fn stop(&self) {
        self.0.notify_one();
    }

    pub(super) async fn pressed(&self) {
        self.0.notified().await;
    }
}

/// What was still there when a server had stopped: nothing, where all is well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Sockets that did not go.
    pub connections: u64,
    /// Addresses and accounts of which something was kept.
    pub rows: usize,
    /// Comments that were not written.
    pub unwritten: i64,
    /// Streams that still counted viewers.
    pub watched: usize,
}

/// SIGTERM, Ctrl-C, and SIGHUP, which a closing terminal sends; not where it was told to be ignored, as `nohup` does.
pub(super) struct Signals {
    #[cfg(unix)]
    heard: Vec<tokio::signal::unix::Signal>,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut kinds = vec![SignalKind::terminate(), SignalKind::interrupt()];
        if !hangup_is_ignored() {
            kinds.push(SignalKind::hangup());
        }
        Ok(Self { heard: kinds.into_iter().map(signal).collect::<std::io::Result<_>>()? })
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) {
        let heard = self.heard.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures_util::future::select_all(heard).await;
    }

    #[cfg(not(unix))]
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Linux says so in a mask of which the lowest bit is SIGHUP; elsewhere nobody is asked.
#[cfg(unix)]
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

/// Not ready any more, no new sockets, and a goodbye to each that is open; waits until they are gone.
pub(super) async fn drain(parts: &Parts) {
    let services = &parts.services;
    services.draining.begin();
    let spread = services.config.drain;
    let spread_ms = spread.as_millis().try_into().unwrap_or(u64::MAX);
    // Once in the life of a server.
    services.streams.registry.do_send(Drain { spread_ms });
    if !until(spread + LAST_SOCKET, || services.connections.total() == 0).await {
        log::warn!("{} sockets did not go in time", services.connections.total());
    }
    until(LAST_WORDS, || services.streams.viewer_counts.watched_here() == 0).await;
}

/// Waits until the journal has written what it has, and closes the database; says what is left.
pub(super) async fn close(parts: Parts, graceful: bool) -> Left {
    let Parts { services, media_thread, recording, presence, .. } = parts;
    presence.stop().await;
    stop_pictures(media_thread, recording).await;
    services.picture.claims.leave().await;
    let queue = || services.metrics.journal_queue.get();
    if graceful && !until(JOURNAL, || queue() == 0).await {
        log::error!("{} comments were not written", queue());
    }
    if !graceful || tokio::time::timeout(LAST_WORDS, services.audit_queue.flush()).await.is_err() {
        log::warn!("the last refusals may not be on record");
    }
    close_store(services.store.clone()).await;
    Left {
        connections: services.connections.total(),
        rows: services.connections.rows(),
        unwritten: queue(),
        watched: services.streams.viewer_counts.watched_here(),
    }
}

/// Ends what is sent and seen: after the goodbyes of the rooms, which tell viewers that they may come back. Then what is kept
/// of it, to its last picture.
async fn stop_pictures(thread: Option<MediaThread>, recording: Option<recordings::Running>) {
    let stopping = move || {
        thread.into_iter().for_each(MediaThread::stop);
        drop(recording);
    };
    if let Err(panic) = tokio::task::spawn_blocking(stopping).await {
        log::error!("the picture's thread could not be stopped in order: {panic}");
    }
}

/// Notes how far the database was seen, and leaves all of it in one file.
async fn close_store(store: Store) {
    let closed = tokio::task::spawn_blocking(move || {
        let marked = store.mark();
        store.close().and(marked)
    });
    match closed.await {
        Ok(Ok(())) => {}
        Ok(Err(store::Error::Busy)) => {
            log::warn!("somebody else has the database open: a part of it may be in the -wal file beside it");
        }
        Ok(Err(error)) => log::error!("the database could not be closed in order: {error}"),
        Err(panic) => log::error!("the database could not be closed in order: {panic}"),
    }
}

/// Waits until it is so, at most so long.
async fn until(at_most: Duration, is_so: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !is_so() {
        if begun.elapsed() >= at_most {
            return false;
        }
        sleep(LOOK_EVERY).await;
    }
    true
}
