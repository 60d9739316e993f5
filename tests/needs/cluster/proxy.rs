//! A way between a node and a service that can be cut, stalled or slowed down. It must not know what travels on it.

use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{
        mpsc::{self, Receiver, Sender},
        watch,
    },
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// Chunks under way in one direction.
const UNDER_WAY_MAX: usize = 1_024;
const CHUNK: usize = 16 * 1024;

/// What becomes of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Open,
    /// Each chunk takes so long.
    Slow(Duration),
    /// Nothing passes, and nobody is told, as where packets are dropped.
    Stalled,
    /// All connections are reset, and new ones too.
    Cut,
}

/// A port of its own in front of another one; gone when dropped.
pub struct Proxy {
    port: u16,
    way: watch::Sender<Way>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// An open way to a port.
    pub async fn before(service: u16) -> Proxy {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (way, seen) = watch::channel(Way::Open);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, service, seen));
        Proxy { port, way, _tasks: tasks }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on it is so, for connections that are there and for new ones.
    pub fn becomes(&self, way: Way) {
        self.way.send_replace(way);
    }
}

async fn accept(listener: TcpListener, service: u16, way: watch::Receiver<Way>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        while connections.try_join_next().is_some() {}
        connections.spawn(connect(client, service, way.clone()));
    }
}

async fn connect(client: TcpStream, service: u16, mut way: watch::Receiver<Way>) {
    let whole_way = {
        let way = way.clone();
        async move {
            if *way.borrow() == Way::Cut {
                return reset(&client);
            }
            let Ok(server) = TcpStream::connect(("127.0.0.1", service)).await else { return reset(&client) };
            for side in [&client, &server] {
                _ = side.set_nodelay(true);
            }
            let ((from_client, to_client), (from_server, to_server)) =
                (client.into_split(), server.into_split());
            // Who is at the end of one direction is at the end of both, as far as databases go.
            tokio::select! {
                () = carry(from_client, to_server, way.clone()) => {}
                () = carry(from_server, to_client, way.clone()) => {}
            }
        }
    };
    tokio::select! {
        () = whole_way => {}
        _ = way.wait_for(|way| *way == Way::Cut) => {}
    }
}

/// The other side sees a reset and no orderly end.
fn reset(client: &TcpStream) {
    _ = socket2::SockRef::from(client).set_linger(Some(Duration::ZERO));
}

async fn carry(from: OwnedReadHalf, to: OwnedWriteHalf, way: watch::Receiver<Way>) {
    let (send, sent) = mpsc::channel(UNDER_WAY_MAX);
    tokio::join!(read(from, send), write(to, sent, way));
}

async fn read(mut from: OwnedReadHalf, send: Sender<(Instant, Vec<u8>)>) {
    loop {
        let mut chunk = vec![0; CHUNK];
        let Ok(count @ 1..) = from.read(&mut chunk).await else { return };
        chunk.truncate(count);
        if send.send((Instant::now(), chunk)).await.is_err() {
            return;
        }
    }
}

async fn write(
    mut to: OwnedWriteHalf,
    mut sent: Receiver<(Instant, Vec<u8>)>,
    mut way: watch::Receiver<Way>,
) {
    while let Some((at, chunk)) = sent.recv().await {
        let Ok(now) = way.wait_for(|way| *way != Way::Stalled).await.map(|way| *way) else { return };
        if let Way::Slow(by) = now {
            sleep_until(at + by).await;
        }
        if to.write_all(&chunk).await.is_err() {
            return;
        }
    }
}
