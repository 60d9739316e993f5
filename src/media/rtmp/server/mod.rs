//! Listens for encoders by RTMP; each has a task, and all end when this does.
//! It must not know whose keys there are, nor what becomes of samples.

mod connection;
pub(crate) mod host;
pub(crate) mod limits;
mod peer;
#[cfg(test)]
mod tests;
mod waiting;

use super::refusal::Refusal;
use crate::metrics::{Counted, Metrics};
use host::Host;
use limits::Limits;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::sleep,
};
use waiting::Waiting;

/// Before accepting is tried again: descriptors may be wanting.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A listener for [`serve`]; the error says that the address is taken, or what else.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves encoders until it is dropped, on a runtime with sockets and timers; an error only if the listener is of no use.
pub(crate) async fn serve<H: Host>(
    listener: std::net::TcpListener,
    host: Arc<H>,
    limits: Limits,
    metrics: Metrics,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let server = Server { host, limits, waiting: Waiting::new(limits), metrics };
    // Who is in it is ended when it is dropped.
    let mut connections = JoinSet::new();
    let mut is_failing = false;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, from)) => {
                    is_failing = false;
                    server.begin(socket, from.ip().to_canonical(), &mut connections);
                }
                Err(error) => {
                    // It may last, and is said once.
                    if !std::mem::replace(&mut is_failing, true) {
                        log::warn!("encoders by RTMP cannot be let in: {error}");
                    }
                    sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// What all connections share.
struct Server<H> {
    host: Arc<H>,
    limits: Limits,
    waiting: Arc<Waiting>,
    metrics: Metrics,
}

impl<H: Host> Server<H> {
    fn begin(&self, socket: TcpStream, from: IpAddr, connections: &mut JoinSet<()>) {
        let place = match self.waiting.enter(from) {
            Ok(place) => place,
            Err(limit) => {
                self.metrics.limit_hits.of(limit).inc();
                self.metrics.rtmp_refused.of(Refusal::TooMany.code()).inc();
                return;
            }
        };
        // Nothing that we say is worth waiting for more.
        let _ = socket.set_nodelay(true);
        let open = Counted::one(&self.metrics.rtmp_connections);
        let metrics = self.metrics.clone();
        let place = (Arc::clone(&self.waiting), place);
        let life = connection::run(socket, from, Arc::clone(&self.host), self.limits, place);
        connections.spawn(async move {
            let _open = open;
            if let Some(refusal) = life.await {
                metrics.rtmp_refused.of(refusal.code()).inc();
                log::debug!("an encoder is sent away: {refusal}");
            }
        });
    }
}
