//! The thread that all pictures are on: begun with the sockets, ended by its guard.
//! It must not know what a packet is.

mod encoders;
mod offers;
mod run;
mod sessions;
#[cfg(test)]
mod tests;
mod wire;

use super::{
    board::Board,
    handle::{IngestKeys, Media, Told},
    hub::Hub,
    rtmp,
    settings::MediaSettings,
    webrtc::{Acceptor, Addresses, bind_tcp, bind_udp},
};
use crate::{metrics::Metrics, recordings::Recorder};
use std::{
    io,
    net::{SocketAddr, TcpListener, UdpSocket},
    sync::Arc,
    thread,
};
use tokio::sync::watch;

/// Threads that answer offers beside the one that carries packets.
const ANSWERING_THREADS: usize = 2;

/// The thread of all pictures, which ends when this is dropped, and every session with it.
#[derive(Debug)]
pub(crate) struct MediaThread {
    stop: watch::Sender<bool>,
    thread: Option<thread::JoinHandle<()>>,
    rtmp_port: Option<u16>,
}

impl MediaThread {
    /// Where it listens for encoders by RTMP; none where it does not.
    pub(crate) fn rtmp_port(&self) -> Option<u16> {
        self.rtmp_port
    }

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

/// So often another port is tried where any will do, and the one that was free for UDP is taken for TCP.
const PORTS: usize = 8;

/// Most networks let UDP through, so pictures are there without TCP, too.
fn listen(wanted: SocketAddr) -> io::Result<(UdpSocket, Option<TcpListener>)> {
    let mut tries = if wanted.port() == 0 { PORTS } else { 1 };
    loop {
        let socket = bind_udp(wanted)?;
        let address = socket.local_addr()?;
        tries -= 1;
        match bind_tcp(address) {
            Ok(listener) => return Ok((socket, Some(listener))),
            Err(error) if tries == 0 => {
                log::warn!("no viewer can reach {address} by TCP: {error}");
                return Ok((socket, None));
            }
            Err(_) => {}
        }
    }
}

/// Pictures are there without it, too.
fn bind_rtmp(address: SocketAddr) -> Option<TcpListener> {
    rtmp::bind(address)
        .inspect_err(|error| log::warn!("no encoder can send by RTMP to {address}: {error}"))
        .ok()
}

impl Media {
    /// Binds the sockets and starts the thread. `tell` is given what happens; it must not block.
    pub(crate) fn start(
        settings: MediaSettings,
        tell: impl Fn(Told) + Send + 'static,
        keys: Arc<dyn IngestKeys>,
        recorder: Recorder,
        metrics: Metrics,
    ) -> io::Result<(Media, MediaThread)> {
        let (socket, listener) = listen(settings.listen)?;
        let address = socket.local_addr()?;
        let addresses = Addresses::new(&settings.addresses, address)?;
        let told: Vec<String> = addresses.iter().map(|address| address.to_string()).collect();
        let transports = if listener.is_some() { "UDP and TCP" } else { "UDP" };
        log::info!("pictures travel by {address}, {transports}; peers are told {}", told.join(", "));
        let acceptor = Acceptor::new(addresses.clone(), listener.is_some())
            .ok_or_else(|| io::Error::other("no certificate could be made for WebRTC"))?;
        let (encoders, host) = encoders::encoders(keys);
        let rtmp = settings.rtmp.and_then(bind_rtmp);
        let rtmp_port = rtmp.as_ref().and_then(|listener| listener.local_addr().ok()).map(|at| at.port());
        let board = Arc::new(Board::default());
        let (media, orders) = Media::new(board.clone());
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(ANSWERING_THREADS)
            .thread_name("media-offers")
            .build()?;
        let run = move || {
            let limits =
                rtmp::Limits { picture_bytes: settings.limits.access_unit_bytes, ..Default::default() };
            if let Some(listener) = rtmp {
                let serving = rtmp::serve(listener, host, limits, metrics.clone());
                runtime.spawn(async move {
                    if let Err(error) = serving.await {
                        log::error!("encoders cannot be let in: {error}");
                    }
                });
            }
            let hub = Hub::new(settings.limits, board, Box::new(tell), recorder, metrics.clone());
            let parts = run::Parts { hub, acceptor, addresses, socket, listener, encoders, metrics };
            if let Err(error) = runtime.block_on(run::run(parts, orders, stopped)) {
                log::error!("pictures have ended: {error}");
            }
        };
        let thread = thread::Builder::new().name("media".to_owned()).spawn(run)?;
        Ok((media, MediaThread { stop, thread: Some(thread), rtmp_port }))
    }
}
