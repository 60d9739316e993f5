//! A NAT between a peer and the server: what a peer sends leaves from a port of its own, which may change.
//! It must not know what passes through.

use std::net::SocketAddr;
use tokio::{net::UdpSocket, sync::watch, task::JoinHandle};

/// Datagrams there and back, until it is dropped.
pub struct Relay {
    pub port: u16,
    rebound: watch::Sender<Option<SocketAddr>>,
    running: JoinHandle<()>,
}

impl Relay {
    /// Passes nothing on before it knows where to.
    pub async fn start() -> Relay {
        let inner = bind().await;
        let port = inner.local_addr().expect("it is bound").port();
        let (rebound, server) = watch::channel(None);
        Relay { port, rebound, running: tokio::spawn(run(inner, server)) }
    }

    /// From now on all leaves from another port, to this address of the server; what comes to the port before is lost.
    pub fn rebind(&self, server: SocketAddr) {
        self.rebound.send_replace(Some(server));
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn bind() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").await.expect("a free port")
}

async fn run(inner: UdpSocket, mut server: watch::Receiver<Option<SocketAddr>>) {
    let mut outer = bind().await;
    let mut peer: Option<SocketAddr> = None;
    let (mut from_peer, mut from_server) = ([0; 2000], [0; 2000]);
    loop {
        // Errors are of single datagrams, as when nobody is at the other end.
        tokio::select! {
            Ok((length, from)) = inner.recv_from(&mut from_peer) => {
                peer = Some(from);
                let to = *server.borrow();
                if let Some(to) = to {
                    _ = outer.send_to(&from_peer[..length], to).await;
                }
            }
            Ok((length, _)) = outer.recv_from(&mut from_server) => {
                if let Some(peer) = peer {
                    _ = inner.send_to(&from_server[..length], peer).await;
                }
            }
            Ok(()) = server.changed() => outer = bind().await,
        }
    }
}
