//! Packets by TCP, for networks that let no UDP through: ICE's passive side, on the port of UDP.
//! It must not know peers, nor what is in a packet.

mod backlog;
mod connection;
mod framing;

use super::udp::canonical;
use crate::{auth::Network, metrics::Metrics};
use backlog::Backlog;
pub(crate) use connection::TcpEvent;
use parking_lot::Mutex;
use std::{
    collections::HashMap,
    io,
    net::{SocketAddr, TcpListener as StdListener},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinSet,
    time::sleep,
};

/// Connections that have not proved to be a peer's yet, of one network and of all.
const UNPROVEN_OF_NETWORK_MAX: usize = 16;
const UNPROVEN_MAX: usize = 256;
/// Packets that may wait for the thread; more are left with their senders.
const EVENTS_MAX: usize = 1024;
/// Until the next try, when the system has no room for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// All connections, as who sends sees them. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tcp {
    open: Arc<Mutex<HashMap<SocketAddr, Open>>>,
}

/// One open connection, as who sends sees it.
#[derive(Debug)]
struct Open {
    backlog: Arc<Backlog>,
    proof: watch::Sender<bool>,
}

/// Binds the listener, not yet used.
pub(crate) fn bind(address: SocketAddr) -> io::Result<StdListener> {
    let listener = StdListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl Tcp {
    /// Takes connections until it is dropped; what happens on them comes out of the receiver. To be called within a runtime.
    pub(crate) fn serve(
        listener: StdListener,
        metrics: Metrics,
    ) -> io::Result<(Self, mpsc::Receiver<TcpEvent>)> {
        let listener = TcpListener::from_std(listener)?;
        let (tell, events) = mpsc::channel(EVENTS_MAX);
        let tcp = Self::default();
        tokio::spawn(accept(listener, tcp.clone(), tell, metrics));
        Ok((tcp, events))
    }

    /// Queues a packet for who has connected from an address.
    pub(super) fn send(&self, to: SocketAddr, contents: &[u8]) {
        if let Some(open) = self.open.lock().get(&to) {
            open.backlog.push(contents);
        }
    }

    /// A packet from there was a peer's.
    pub(super) fn prove(&self, from: SocketAddr) {
        if let Some(open) = self.open.lock().get(&from) {
            open.proof.send_replace(true);
        }
    }

    /// Ends a connection, once what waits is sent. One that has not proved to be a peer's ends at its first wrong packet.
    pub(super) fn close(&self, from: SocketAddr) {
        if let Some(open) = self.open.lock().get(&from) {
            open.backlog.close();
        }
    }

    /// The limit that keeps one more from connecting from an address.
    fn reached(&self, from: SocketAddr) -> Option<&'static str> {
        let open = self.open.lock();
        let unproven = open.iter().filter(|(_, open)| !*open.proof.borrow());
        let network = Network::from(from.ip());
        let (mut all, mut here) = (0, 0);
        for (address, _) in unproven {
            all += 1;
            here += usize::from(Network::from(address.ip()) == network);
        }
        match (here < UNPROVEN_OF_NETWORK_MAX, all < UNPROVEN_MAX) {
            (false, _) => Some("MEDIA_TCP_WAITING_PER_IP"),
            (_, false) => Some("MEDIA_TCP_WAITING"),
            _ => None,
        }
    }

    fn insert(&self, from: SocketAddr) -> (Arc<Backlog>, watch::Receiver<bool>) {
        let (proof, is_proven) = watch::channel(false);
        let backlog = Arc::new(Backlog::default());
        self.open.lock().insert(from, Open { backlog: backlog.clone(), proof });
        (backlog, is_proven)
    }

    fn remove(&self, from: SocketAddr) {
        self.open.lock().remove(&from);
    }
}

async fn accept(listener: TcpListener, tcp: Tcp, events: mpsc::Sender<TcpEvent>, metrics: Metrics) {
    // Who is in it is ended when it is dropped.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, from)) => {
                    let from = canonical(from);
                    if let Some(limit) = tcp.reached(from) {
                        metrics.limit_hits.of(limit).inc();
                        continue;
                    }
                    let (backlog, is_proven) = tcp.insert(from);
                    let life = connection::run(socket, from, backlog, is_proven, events.clone());
                    let tcp = tcp.clone();
                    connections.spawn(async move {
                        life.await;
                        tcp.remove(from);
                    });
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    async fn served() -> (Tcp, mpsc::Receiver<TcpEvent>, SocketAddr, Metrics) {
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = Metrics::new();
        let (tcp, events) = Tcp::serve(listener, metrics.clone()).unwrap();
        (tcp, events, address, metrics)
    }

    #[tokio::test]
    async fn packets_go_both_ways() {
        let (tcp, mut events, address, _) = served().await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(&[0, 3, 1, 2, 3]).await.unwrap();
        let Some(TcpEvent::Packet { from, to, contents }) = events.recv().await else { panic!("no packet") };
        assert_eq!((from, to, &contents[..]), (client.local_addr().unwrap(), address, &[1, 2, 3][..]));
        tcp.prove(from);
        tcp.send(from, &[9, 9]);
        let mut answer = [0; 4];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, [0, 2, 9, 9]);
        drop(client);
        assert!(matches!(events.recv().await, Some(TcpEvent::Closed(closed)) if closed == from));
    }

    #[tokio::test]
    async fn one_network_has_only_so_many_unproven_connections() {
        let (tcp, mut events, address, metrics) = served().await;
        let mut clients = Vec::new();
        for _ in 0..UNPROVEN_OF_NETWORK_MAX {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(&[0, 1, 7]).await.unwrap();
            assert!(matches!(events.recv().await, Some(TcpEvent::Packet { .. })));
            clients.push(client);
        }
        let mut refused = TcpStream::connect(address).await.unwrap();
        assert_eq!(refused.read(&mut [0; 1]).await.unwrap_or(0), 0, "closed at once");
        assert_eq!(metrics.limit_hits.of("MEDIA_TCP_WAITING_PER_IP").get(), 1);
        tcp.prove(clients[0].local_addr().unwrap());
        let mut taken = TcpStream::connect(address).await.unwrap();
        taken.write_all(&[0, 1, 7]).await.unwrap();
        assert!(matches!(events.recv().await, Some(TcpEvent::Packet { .. })));
    }

    #[tokio::test]
    async fn what_is_no_packet_ends_the_connection() {
        let (_tcp, mut events, address, _) = served().await;
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        assert!(matches!(events.recv().await, Some(TcpEvent::Closed(_))));
        assert_eq!(client.read(&mut [0; 1]).await.unwrap_or(0), 0);
    }
}
