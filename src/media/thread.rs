//! The thread that all pictures are on: begun with the sockets, ended by its guard.
//! It must not know what a packet is.

use super::{
    board::Board,
    handle::{IngestKeys, Media, Order, Told},
    settings::MediaSettings,
};
use crate::metrics::Metrics;
use std::{io, sync::Arc, thread};
use tokio::sync::{mpsc, watch};

/// The thread of all pictures, which ends when this is dropped, and every session with it.
#[derive(Debug)]
pub(crate) struct MediaThread {
    stop: watch::Sender<bool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl MediaThread {
    /// Says goodbye to everybody, and returns when they have been told.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stop.send_replace(true);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            log::error!("the picture's thread has panicked");
        }
    }
}

impl Drop for MediaThread {
    fn drop(&mut self) {
        self.end();
    }
}

impl Media {
    /// Binds the sockets and starts the thread. `tell` is given what happens; it must not block.
    pub(crate) fn start(
        _settings: MediaSettings,
        _tell: impl Fn(Told) + Send + 'static,
        _keys: Arc<dyn IngestKeys>,
        _metrics: Metrics,
    ) -> io::Result<(Media, MediaThread)> {
        let (media, orders) = Media::new(Arc::new(Board::default()));
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || runtime.block_on(run(orders, stopped)))?;
        Ok((media, MediaThread { stop, thread: Some(thread) }))
    }
}

async fn run(mut orders: mpsc::Receiver<Order>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            order = orders.recv() => if order.is_none() { return },
            _ = stopped.changed() => return,
        }
    }
}
